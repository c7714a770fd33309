"""`krake config`."""

from __future__ import annotations

import click


@click.command()
@click.option("--markdown", is_flag=True, help="Print the documentation's page about all settings instead.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
def config(markdown: bool, output: str) -> None:
    """Show the settings in force and where each comes from; secrets are masked.

    A value comes from the environment (KRAKE_ and the name in capitals), else from the YAML file that
    KRAKE_CONFIG names, else it is the default.

    \b
      krake config
      KRAKE_API_PORT=9000 krake config -o json
      krake config --markdown > docs/settings.md
    """
    import json

    from krake.effective import effective_settings, settings_page
    from krake.settings import load_settings

    if markdown:
        click.echo(settings_page())
        return
    found = list(effective_settings(load_settings()))
    if output == "json":
        rows = [{"name": item.name, "value": item.value, "origin": item.origin} for item in found]
        click.echo(json.dumps(rows, indent=2))
        return
    width = max(len(item.variable) for item in found)
    values = min(max(len(item.value) for item in found), 50)
    for item in found:
        click.echo(f"{item.variable:<{width}}  {item.value:<{values}}  {item.origin}")
