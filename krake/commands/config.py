"""`krake config` and `krake config generate`."""

from __future__ import annotations

import click


class _Config(click.Group):
    """Knows `generate`, and imports it only when it is used: its options are made from all settings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands."""
        return ["generate"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None where there is no such command."""
        if cmd_name != "generate":
            return None
        from krake.commands.generate_config import generate

        return generate


@click.group(cls=_Config, invoke_without_command=True)
@click.option("--markdown", is_flag=True, help="Print the documentation's page about all settings instead.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
@click.pass_context
def config(ctx: click.Context, markdown: bool, output: str) -> None:
    """Show the settings in force and where each comes from; secrets are masked.

    A value comes from the environment (KRAKE_ and the name in capitals), else from the YAML file that
    KRAKE_CONFIG names, else it is the default.

    \b
      krake config
      KRAKE_API_PORT=9000 krake config -o json
      krake config --markdown > docs/settings.md
      krake config generate --api-port 9000
    """
    if ctx.invoked_subcommand is None:
        _show(markdown, output)


def _show(markdown: bool, output: str) -> None:
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
