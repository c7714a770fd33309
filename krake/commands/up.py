"""`krake up`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from krake.commands.options import state_dir_option, state_folder

if TYPE_CHECKING:
    from krake.embedded.plan import Ports

_PORT = click.IntRange(0, 65535)


@click.command()
@state_dir_option
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address for the API and the Temporal UI."
)
@click.option("--api-port", type=_PORT, help="Port of the API; 0 takes any free one. [default: 8080]")
@click.option("--temporal-port", type=_PORT, help="Port of Temporal. [default: 7233]")
@click.option("--ui-port", type=_PORT, help="Port of the Temporal UI. [default: 8233]")
@click.option("--metrics-port", type=_PORT, help="Port of the worker's metrics. [default: 9464]")
@click.option(
    "--client-metrics-port", type=_PORT, help="Port of its Temporal client's metrics. [default: 9465]"
)
@click.option("--free-ports", is_flag=True, help="Take any free port where none is given.")
@click.option(
    "--insecure",
    is_flag=True,
    help="Serve plain HTTP to others, too, with --host. [setting: api_insecure]",
)
@click.option("--detach", "-d", is_flag=True, help="Run in the background; return when all is ready.")
def up(
    state_dir: Path | None, host: str, free_ports: bool, insecure: bool, detach: bool, **ports: int | None
) -> None:
    """Run all of Krake on this machine: Temporal, the store, a worker, the API.

    Prints the addresses when everything is ready. A part that dies is started again. Ctrl-C stops all in
    order, a second one at once. The next start on the same folder resumes all work.

    \b
      krake up
      krake up --detach                         and later: krake status, krake down
      krake up --state-dir ./second --free-ports

    Temporal is built from source the first time, where `temporal` is not on the PATH (some minutes).
    The API asks for a token. The administrator's is made by the first start; `rok` on this machine finds it.
    With --host other than 127.0.0.1 the API wants a certificate (KRAKE_API_TLS_CERT, `krake pki`), and the
    Temporal UI stays on this machine; --insecure serves both to everyone in plain text.
    """
    from krake.embedded.plan import Plan
    from krake.embedded.start import run_behind, run_here

    plan = Plan(state_folder(state_dir), host, _ports(ports, free_ports).resolved(host), insecure)
    if detach:
        _announce(run_behind(plan, _say).addresses)
        click.echo("Stop it with `krake down`.")
    else:
        run_here(plan, _say, lambda plan: _announce(plan.addresses()))


def _ports(given: dict[str, int | None], free: bool) -> Ports:
    """The ports of the flags, else any free ones or those of the settings."""
    from krake.embedded.plan import Ports
    from krake.settings import load_settings

    settings = load_settings()
    usual = {
        "api_port": settings.api_port,
        "temporal_port": 7233,
        "ui_port": 8233,
        "metrics_port": settings.worker_metrics_port,
        "client_metrics_port": settings.worker_temporal_metrics_port,
    }
    wanted = {
        name: (0 if free else port) if given[name] is None else given[name] for name, port in usual.items()
    }
    return Ports(**{name.removesuffix("_port"): port or 0 for name, port in wanted.items()})


def _say(text: str) -> None:
    click.echo(f"{datetime.now():%H:%M:%S} {text}")


def _announce(addresses: dict[str, str]) -> None:
    from krake.settings import load_settings

    click.echo("Krake is ready.")
    for name, address in addresses.items():
        click.echo(f"  {name:<12} {address}")
    if "Admin token" in addresses:
        click.echo("`rok` finds this token by itself. For others: krake token create --help")
    if "Admin token" in addresses and load_settings().encrypts_payloads:
        click.echo("What the Temporal UI shows is encrypted; to read it there: rok auth temporal-ui")
