#!/bin/sh
# Makes Temporal's two databases and brings their tables to the server's version; may be repeated.
set -eu

# Usage: prepare DATABASE FOLDER-OF-ITS-SCHEMA
prepare() {
    echo "database $1"
    for step in "create" "setup-schema -v 0.0" "update-schema -d /etc/temporal/schema/postgresql/v12/$2/versioned"; do
        # shellcheck disable=SC2086  # a step is several words
        temporal-sql-tool --plugin "$SQL_PLUGIN" --ep "$SQL_HOST" -p "$SQL_PORT" -u "$SQL_USER" --db "$1" $step
    done
}

prepare temporal temporal
prepare temporal_visibility visibility
