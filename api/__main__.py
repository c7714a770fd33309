"""`python -m api`: one API server with the settings of the environment."""

from __future__ import annotations

import click
import uvloop

from krake.errors import KrakeError
from krake.leaving import leave
from krake.logging import configure
from krake.settings import load_settings
from krake.starting import loading


def main() -> None:
    """Serve until SIGTERM or Ctrl-C; errors that a person can act on end in a few lines."""
    with loading():
        from api.server import serve
    try:
        settings = load_settings()
        configure(settings, "api")
        uvloop.run(serve(settings))
    except KrakeError as error:
        click.echo(f"Error: {error}", err=True)
        leave(1)
    except KeyboardInterrupt:
        leave(130)
    leave(0)


if __name__ == "__main__":
    main()
