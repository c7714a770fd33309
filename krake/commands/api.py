"""`krake api`."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to listen on. [setting: api_host]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on. [setting: api_port]")
@click.option("--tls-cert", help="Certificate to encrypt with. [setting: api_tls_cert]")
@click.option("--tls-key", help="Its private key. [setting: api_tls_key]")
@click.option("--tls-client-ca", help="CA of callers' certificates. [setting: api_tls_client_ca]")
@click.option("--insecure", is_flag=True, default=None, help="Plain HTTP for all. [setting: api_insecure]")
def api(host: str | None, port: int | None, **encryption: str | bool | None) -> None:
    """Run one API server in the foreground.

    Any number may run on one store. `krake bootstrap` prepares the store first.

    \b
      KRAKE_DATABASE_URL=postgresql+asyncpg://krake:…@db/krake \\
      KRAKE_TEMPORAL_ADDRESS=temporal:7233 krake api --host 0.0.0.0 \\
      --tls-cert api.crt --tls-key api.key

    SIGTERM lets running requests finish. Ready when GET /readyz answers 200.
    """
    from krake.launch import become_module
    from krake.settings import load_settings

    given = {
        "api_insecure" if name == "insecure" else f"api_{name}": value for name, value in encryption.items()
    }
    become_module("api", load_settings(api_host=host, api_port=port, **given))
