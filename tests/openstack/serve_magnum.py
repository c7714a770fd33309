"""Serves Magnum's API and its conductor in one process: `serve_magnum.py PORT --config-file FILE`.

They talk over the transport of oslo.messaging that stays within a process, so that no broker is needed. The
tables are made from the models, because the migrations cannot run on SQLite.
"""

from __future__ import annotations

import sys

SECONDS_BETWEEN_LOOKS = 1
"""How often the conductor asks the driver how far clusters are; upstream's ten are long for tests."""


def main() -> None:
    """Serve until the process is ended."""
    port = int(sys.argv.pop(1))
    sys.argv[0] = "magnum"
    # Reads the command line, so everything else comes later.
    from magnum.wsgi.api import application

    _make_tables()
    _start_conductor()
    import waitress

    waitress.serve(application, host="127.0.0.1", port=port, threads=4)


def _make_tables() -> None:
    import magnum.conf
    from magnum.db.sqlalchemy import models
    from sqlalchemy import create_engine

    models.Base.metadata.create_all(create_engine(magnum.conf.CONF.database.connection))


def _start_conductor() -> None:
    import magnum.conf
    from magnum.common import rpc_service, short_id
    from magnum.conductor.handlers import (
        ca_conductor,
        cluster_conductor,
        conductor_listener,
        indirection_api,
        nodegroup_conductor,
    )
    from magnum.service.periodic import MagnumPeriodicTasks

    MagnumPeriodicTasks._periodic_spacing["sync_cluster_status"] = SECONDS_BETWEEN_LOOKS
    modules = (indirection_api, cluster_conductor, conductor_listener, ca_conductor, nodegroup_conductor)
    server = rpc_service.Service.create(
        magnum.conf.CONF.conductor.topic,
        short_id.generate_id(),
        [module.Handler() for module in modules],
        binary="magnum-conductor",
    )
    server.create_periodic_tasks()
    server.start()


if __name__ == "__main__":
    main()
