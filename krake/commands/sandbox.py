"""`krake sandbox`: Kubernetes control planes with simulated nodes."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from krake.commands.options import state_dir_option, state_folder

if TYPE_CHECKING:
    from krake.embedded.sandbox import Sandbox

Result = TypeVar("Result")


class SandboxRow(TypedDict):
    """A sandbox as `krake sandbox list` shows it."""

    name: str
    state: str
    address: str
    nodes: int
    labels: dict[str, str]


@click.group()
def sandbox() -> None:
    """Make Kubernetes clusters for demonstrations and tests, in seconds.

    A sandbox is a real control plane, etcd included, whose nodes are simulated by kwok: objects, scheduling,
    readiness and deletion are real, and no container runs.

    \b
      krake sandbox create de -l location=DE
      rok kube cluster register -k "$(krake sandbox kubeconfig de --path)" -l location=DE
      krake sandbox delete de

    A Pod with the annotation sandbox.krake/state: image-pull-backoff (or crash-loop-backoff) gets stuck so.
    """


@sandbox.command()
@click.argument("name")
@click.option("-l", "--label", "labels", multiple=True, metavar="KEY=VALUE", help="Kept with it; repeatable.")
@click.option("--nodes", type=click.IntRange(0, 1000), default=2, show_default=True)
@click.option("--cpu", default="8", show_default=True, help="Cores of each node.")
@click.option("--memory", default="32Gi", show_default=True, help="Memory of each node.")
@state_dir_option
def create(
    name: str, labels: tuple[str, ...], nodes: int, cpu: str, memory: str, state_dir: Path | None
) -> None:
    """Make the sandbox NAME and wait until it takes Pods.

    \b
      krake sandbox create de -l location=DE --nodes 3 --cpu 4 --memory 16Gi
    """
    from krake.embedded import sandboxes
    from krake.embedded.binaries import CONTROL_PLANE, ensure

    kept, root = _labels(labels), _root(state_dir)
    sandboxes.require_new(name, root)
    # Here rather than in the event loop, where Ctrl-C would have to wait for the build's end.
    ensure(CONTROL_PLANE)
    made = _run(sandboxes.create(name, labels=kept, nodes=nodes, cpu=cpu, memory=memory, root=root))
    click.echo(f"Sandbox {name} is ready at {made.address}")
    click.echo(f"Its kubeconfig: {made.kubeconfig}")


@sandbox.command("list")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
@state_dir_option
def list_(output: str, state_dir: Path | None) -> None:
    """Show all sandboxes: name, state, API address, nodes, labels."""
    import json

    from rich.console import Console
    from rich.table import Table

    from krake.embedded import sandboxes

    rows = [_row(one) for one in sandboxes.list_sandboxes(_root(state_dir))]
    if output == "json":
        click.echo(json.dumps(rows, indent=2))
        return
    table = Table("name", "state", "address", "nodes", "labels")
    for row in rows:
        labels = " ".join(f"{key}={value}" for key, value in row["labels"].items())
        table.add_row(row["name"], row["state"], row["address"], str(row["nodes"]), labels)
    Console().print(table)


@sandbox.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@state_dir_option
def delete(names: tuple[str, ...], state_dir: Path | None) -> None:
    """End the servers of each sandbox and remove all it kept."""
    from krake.embedded import sandboxes

    for name in names:
        _run(sandboxes.delete(name, _root(state_dir)))
        click.echo(f"Sandbox {name} is deleted")


@sandbox.command()
@click.argument("name")
@click.option("--path", is_flag=True, help="Print the file's path instead of its content.")
@state_dir_option
def kubeconfig(name: str, path: bool, state_dir: Path | None) -> None:
    """Print the administrator's kubeconfig of a sandbox. It holds a token: keep it private."""
    from krake.embedded import sandboxes

    file = sandboxes.get(name, _root(state_dir)).kubeconfig
    click.echo(str(file) if path else file.read_text(), nl=path)


@sandbox.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@state_dir_option
def start(names: tuple[str, ...], state_dir: Path | None) -> None:
    """Start what does not run of each sandbox, with its objects as they were."""
    from krake.embedded import sandboxes
    from krake.embedded.binaries import CONTROL_PLANE, ensure

    for name in names:
        one = sandboxes.get(name, _root(state_dir))
        ensure(CONTROL_PLANE)
        _run(one.start())
        click.echo(f"Sandbox {name} is ready at {one.address}")


@sandbox.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@state_dir_option
def stop(names: tuple[str, ...], state_dir: Path | None) -> None:
    """Stop the servers of each sandbox; `start` brings it back with its objects."""
    from krake.embedded import sandboxes

    for name in names:
        _run(sandboxes.get(name, _root(state_dir)).stop())
        click.echo(f"Sandbox {name} is stopped")


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    import asyncio

    return asyncio.run(work)


def _root(state_dir: Path | None) -> Path:
    return state_folder(state_dir).path


def _labels(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [label.partition("=") for label in given]
    for label, (key, sign, _) in zip(given, pairs, strict=True):
        if not key or not sign:
            raise click.BadParameter(f"{label!r} is not KEY=VALUE", param_hint="--label")
    return {key: value for key, _, value in pairs}


def _row(one: Sandbox) -> SandboxRow:
    spec = one.spec
    return {
        "name": spec.name,
        "state": str(one.state),
        "address": one.address,
        "nodes": spec.nodes,
        "labels": spec.labels,
    }
