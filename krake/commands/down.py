"""`krake down`."""

from __future__ import annotations

from pathlib import Path

import click

from krake.commands.options import state_dir_option, state_folder


@click.command()
@state_dir_option
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for the end.")
def down(state_dir: Path | None, timeout: float) -> None:
    """Stop what `krake up` started on a state folder, and wait until it has stopped.

    Nothing is lost: the next `krake up` resumes. That nothing runs is no error.

    \b
      krake down
      krake down --state-dir ./second
    """
    from krake.embedded.stop import stop, stop_leftovers

    folder = state_folder(state_dir)
    record = folder.running()
    if record:
        stop(record, timeout)
        click.echo(f"Krake (pid {record.supervisor.pid}) has stopped.")
    elif folder.read() is None:
        click.echo(f"Krake does not run on {folder.path}.")
    else:
        with folder.lock():
            stop_leftovers(folder, click.echo)
        click.echo("Krake had been killed; nothing of it runs any more.")
