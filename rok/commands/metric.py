"""`rok core metric` and `rok core globalmetric`: what metrics there are and what range they have."""

from __future__ import annotations

import re
from typing import Any

import click

from rok.changes import NOTHING
from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Command, Group
from rok.options import decorated_with, given, label_option
from rok.resources import GLOBAL_METRICS, METRICS, Collection
from rok.session import Session, common_options, pass_session
from rok.words import spread

Pairs = tuple[tuple[str, str], ...]


ALLOWED = ("--allowed-values",)

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")


class MetricCommand(Command):
    """A command with `--allowed-values`, which takes several numbers."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        return super().parse_args(ctx, spread(args, ALLOWED, _NUMBER))


class Number(click.ParamType[float]):
    """A number that stays whole where it is written as a whole one."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | float:
        """The number."""
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
        self.fail(f"{value!r} is not a number", param, ctx)


def _options(provider: str, command: Any, *, required: bool) -> Any:
    wanted = "" if not required else " (required)"
    options = (
        click.option(
            provider, "provider", required=required, metavar="NAME", help=f"Its metrics provider{wanted}."
        ),
        click.option("--min", "minimum", type=float, required=required, help=f"Smallest value{wanted}."),
        click.option("--max", "maximum", type=float, required=required, help=f"Largest value{wanted}."),
        click.option(
            "--allowed-values",
            "allowed",
            type=Number(),
            multiple=True,
            metavar="NUMBER...",
            help="The only values that there are. [default: any in the range]",
        ),
        click.option(
            "--metric-name",
            metavar="NAME",
            help="Its name on the provider." + (" [default: the name of the resource]" if required else ""),
        ),
        click.option(
            "--max-age",
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="How old a value may be that decisions are made on. [default: the server's]",
        ),
        label_option,
    )
    return decorated_with(options)(command)


def _group(collection: Collection, command: str, provider: str) -> Group:
    """The group of commands of one kind of metrics."""
    noun = collection.noun

    group = Group(
        command,
        collection=collection,
        help=f"{noun.capitalize()}s: what clusters are ranked and chosen by.",
        examples=(f"rok core {command} create load {provider} prometheus --min 0 --max 1",),
    )
    add_common_commands(group, collection, command, "load")
    _add_create(group, collection, command, provider)
    _add_update(group, collection, command, provider)
    return group


def _add_create(group: Group, collection: Collection, command: str, provider: str) -> None:
    @group.command(
        cls=MetricCommand,
        help=f"Create the {collection.noun} NAME.",
        examples=(
            f"rok core {command} create load {provider} prometheus --min 0 --max 1",
            f"rok core {command} create tier {provider} fixed --min 0 --max 2 --allowed-values 0 2",
        ),
    )
    @click.argument("name")
    @lambda function: _options(provider, function, required=True)
    @common_options
    @pass_session
    def create(
        session: Session,
        /,
        name: str,
        provider: str,
        minimum: float,
        maximum: float,
        allowed: tuple[float, ...],
        metric_name: str | None,
        max_age: float | None,
        labels: Pairs,
    ) -> None:
        from rok.actions import Waiting, create_resource

        document = {
            "api": collection.api,
            "kind": collection.kind,
            "metadata": {
                "name": name,
                "namespace": session.namespace if collection.namespaced else None,
                "labels": dict(labels),
            },
            "spec": {
                "min": minimum,
                "max": maximum,
                "allowed_values": list(allowed),
                "provider": {"name": provider, "metric": metric_name or name},
                **given(max_age=max_age),
            },
        }
        create_resource(session, collection, document, Waiting(None, 0))


def _add_update(group: Group, collection: Collection, command: str, provider: str) -> None:
    @group.command(
        cls=MetricCommand,
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.",
        examples=(f"rok core {command} update load --max 10",),
    )
    @name_argument
    @lambda function: _options(provider, function, required=False)
    @common_options
    @pass_session
    def update(
        session: Session,
        /,
        name: str,
        provider: str | None,
        minimum: float | None,
        maximum: float | None,
        allowed: tuple[float, ...],
        metric_name: str | None,
        max_age: float | None,
        labels: Pairs,
    ) -> None:
        from rok.actions import Waiting, update_resource

        fields = given(min=minimum, max=maximum, allowed_values=list(allowed) or None, max_age=max_age)
        source = given(name=provider, metric=metric_name)
        if not (fields or source or labels):
            raise click.UsageError(NOTHING)

        def change(document: dict[str, Any]) -> None:
            document["metadata"]["labels"].update(labels)
            document["spec"].update(fields)
            document["spec"]["provider"].update(source)

        update_resource(session, collection, name, change, Waiting(None, 0))


metric = _group(METRICS, "metric", "--mp-name")
global_metric = _group(GLOBAL_METRICS, "globalmetric", "--gmp-name")
