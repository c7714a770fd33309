"""`krake config generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from krake.generating import CLIENT, SERVER, generated, write
from krake.setting_flags import RETIRED, flags
from krake.settings import Settings

STANDARD_OUTPUT = "-"


def _options() -> list[click.Parameter]:
    """One option for each setting, with its former names, and those that have no setting any more."""
    options: list[click.Parameter] = []
    for name, field in Settings.model_fields.items():
        if names := flags(name):
            meaning = " ".join((field.description or "").split())
            declared = [f"{names[0]}/--no-{names[0][2:]}"] if field.annotation is bool else list(names)
            metavar = None if field.annotation is bool else "VALUE"
            options.append(click.Option([name, *declared], default=None, help=meaning, metavar=metavar))
    for flag, instead in RETIRED.items():
        # With a value or without one: the reason is what counts.
        retired = click.Option([flag], is_flag=False, flag_value="", hidden=True, expose_value=False)
        retired.callback = _refuse(flag, instead)
        options.append(retired)
    return options


def _refuse(flag: str, instead: str) -> Any:
    def check(_ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is not None:
            raise click.UsageError(f"{flag} has no meaning any more: {instead}")

    return check


@click.command(params=_options())
@click.argument("templates", nargs=-1, type=click.Choice([SERVER, CLIENT]), metavar="[krake|rok]...")
@click.option(
    "--dst",
    default=".",
    metavar="FOLDER",
    help="Folder for krake.yaml and rok.yaml; `-` is standard output. [default: .]",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def generate(templates: tuple[str, ...], dst: str, force: bool, **given: Any) -> None:
    """Write settings files: krake.yaml for Krake's processes, rok.yaml for its users.

    Every setting is in krake.yaml with what it is for; those given here are set, all others stand behind a
    `#` with their defaults. The flags of Krake 1.x's `krake_generate_config` that still mean something are
    known, such as --poll-interval and --external-endpoint.

    \b
      krake config generate --api-port 9000 --stickiness 0.2
      krake config generate krake rok --api-host 0.0.0.0 --dst /etc/krake
      krake config generate --dst - --log-format json
      KRAKE_CONFIG=krake.yaml krake api
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    for template in templates or (SERVER,):
        text = generated(template, chosen)
        if dst == STANDARD_OUTPUT:
            click.echo(text, nl=False)
            continue
        path = Path(dst) / f"{template}.yaml"
        write(path, text, replace=force)
        click.echo(f"Generated file: {path}")
