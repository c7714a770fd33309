"""`krake servers`."""

from __future__ import annotations

import click


@click.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
@click.option("--tests", is_flag=True, help="Those too that only Krake's own tests start.")
def servers(output: str, tests: bool) -> None:
    """Find the local servers, build those that are missing, and show where each is.

    Looked for in KRAKE_BIN, on the PATH and in the cache (KRAKE_CACHE); what is nowhere is built into the
    cache from pinned sources, once, which takes some minutes. The version is the pinned one; a program from
    KRAKE_BIN or the PATH may be another.
    """
    import json

    from krake.embedded.binaries import SERVERS, TEST_SERVERS, ensure, locate

    wanted = TEST_SERVERS if tests else SERVERS
    ensure(wanted)
    located = [found for binary in wanted if (found := locate(binary))]
    rows = [(one.binary.name, one.binary.version(), str(one.path), str(one.origin)) for one in located]
    if output == "json":
        keys = ("name", "version", "path", "origin")
        click.echo(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=2))
        return
    from rich.console import Console
    from rich.table import Column, Table

    table = Table("name", "version pin", Column("path", overflow="fold"), "origin")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
