"""`krake up`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from krake.commands.options import state_dir_option, state_folder

_PORT = click.IntRange(0, 65535)


@click.command()
@state_dir_option
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address for the API and the Temporal UI."
)
@click.option("--api-port", type=_PORT, help="Port of the API; 0 takes any free one. [default: 8080]")
@click.option("--temporal-port", type=_PORT, default=7233, show_default=True, help="Port of Temporal.")
@click.option("--ui-port", type=_PORT, default=8233, show_default=True, help="Port of the Temporal UI.")
@click.option("--metrics-port", type=_PORT, help="Port of the worker's metrics. [default: 9464]")
@click.option(
    "--client-metrics-port", type=_PORT, help="Port of its Temporal client's metrics. [default: 9465]"
)
@click.option("--free-ports", is_flag=True, help="Take any free port for all of them.")
@click.option("--detach", "-d", is_flag=True, help="Run in the background; return when all is ready.")
def up(
    state_dir: Path | None,
    host: str,
    api_port: int | None,
    temporal_port: int,
    ui_port: int,
    metrics_port: int | None,
    client_metrics_port: int | None,
    free_ports: bool,
    detach: bool,
) -> None:
    """Run all of Krake on this machine: Temporal, the store, a worker, the API.

    Prints the addresses when everything is ready. A part that dies is started again. Ctrl-C stops all in
    order, a second one at once. The next start on the same folder resumes all work.

    \b
      krake up
      krake up --detach                         and later: krake status, krake down
      krake up --state-dir /tmp/second --free-ports

    Temporal is built from source the first time, where `temporal` is not on the PATH (some minutes).
    With --host other than 127.0.0.1 everyone who reaches the port can use Krake and the Temporal UI.
    """
    from krake.embedded.plan import Plan, Ports
    from krake.embedded.start import run_behind, run_here
    from krake.settings import load_settings

    settings = load_settings()
    metrics = settings.worker_metrics_port if metrics_port is None else metrics_port
    client_metrics = (
        settings.worker_temporal_metrics_port if client_metrics_port is None else client_metrics_port
    )
    api = settings.api_port if api_port is None else api_port
    ports = Ports(api=api, temporal=temporal_port, ui=ui_port, metrics=metrics, client_metrics=client_metrics)
    if free_ports:
        ports = Ports(0, 0, 0, 0, 0)
    plan = Plan(state_folder(state_dir), host, ports.resolved(host))
    if detach:
        _announce(run_behind(plan, _say).addresses)
        click.echo("Stop it with `krake down`.")
    else:
        run_here(plan, _say, lambda plan: _announce(plan.addresses()))


def _say(text: str) -> None:
    click.echo(f"{datetime.now():%H:%M:%S} {text}")


def _announce(addresses: dict[str, str]) -> None:
    click.echo("Krake is ready.")
    for name, address in addresses.items():
        click.echo(f"  {name:<12} {address}")
