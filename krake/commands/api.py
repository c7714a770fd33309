"""`krake api`."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to listen on. [setting: api_host]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on. [setting: api_port]")
def api(host: str | None, port: int | None) -> None:
    """Run one API server in the foreground.

    Any number may run on one store. `krake bootstrap` prepares the store first.

    \b
      KRAKE_DATABASE_URL=postgresql+asyncpg://krake:…@db/krake \\
      KRAKE_TEMPORAL_ADDRESS=temporal:7233 krake api --host 0.0.0.0

    SIGTERM lets running requests finish. Ready when GET /readyz answers 200.
    """
    from krake.launch import become_module
    from krake.settings import load_settings

    become_module("api", load_settings(api_host=host, api_port=port))
