"""`krake version`."""

from __future__ import annotations

import click


@click.command()
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Format.")
def version(output: str) -> None:
    """Show the versions that matter in a bug report."""
    import json
    import platform
    from importlib.metadata import version as installed

    found = {
        "krake": installed("krake"),
        "python": platform.python_version(),
        "temporalio": installed("temporalio"),
        "kubernetes": installed("kubernetes"),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    if output == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        click.echo(f"{name:<12}{value}")
