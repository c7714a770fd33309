#!/bin/sh
# Run once by the PostgreSQL image, on an empty data folder: a role and a database for each user of the server.
set -eu

psql --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set=temporal_password="$TEMPORAL_PASSWORD" --set=krake_password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
CREATE ROLE krake LOGIN PASSWORD :'krake_password';
CREATE DATABASE krake OWNER krake;
SQL
