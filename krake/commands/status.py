"""`krake status`."""

from __future__ import annotations

from pathlib import Path

import click

from krake.commands.options import state_dir_option, state_folder


@click.command()
@state_dir_option
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
def status(state_dir: Path | None, output: str) -> None:
    """Show the parts that `krake up` runs: state, process, since when, restarts, memory, address.

    Exit code 0 where all parts are ready, else 1.

    \b
      krake status
      krake status -o json | jq -r .addresses.API
    """
    import json

    from krake.embedded.report import report

    found = report(state_folder(state_dir))
    if output == "json":
        click.echo(json.dumps(found.document(), indent=2))
    else:
        from rich.console import Console

        Console().print(found.table())
    click.get_current_context().exit(0 if found.ready else 1)
