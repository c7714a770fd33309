"""`python -m worker`: one worker with the settings of the environment."""

from __future__ import annotations

import asyncio
import logging

import click

from krake.errors import KrakeError
from krake.leaving import leave
from krake.logging import configure
from krake.settings import load_settings
from krake.starting import loading


def main() -> None:
    """Work until SIGTERM or Ctrl-C; errors that a person can act on end in a few lines."""
    with loading():
        from worker.serve import serve
    try:
        settings = load_settings()
        configure(settings, "worker")
        # The worker logs each failed activity itself, in one line with its reason.
        logging.getLogger("temporalio.activity").setLevel(logging.ERROR)
        asyncio.run(serve(settings))
    except KrakeError as error:
        click.echo(f"Error: {error}", err=True)
        leave(1)
    leave(0)


if __name__ == "__main__":
    main()
