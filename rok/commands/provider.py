"""`rok core metricsprovider` and `rok core globalmetricsprovider`: where values of metrics come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from rok.changes import NOTHING
from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.options import decorated_with, given, label_option
from rok.resources import GLOBAL_METRICS_PROVIDERS, METRICS_PROVIDERS, Collection
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

_with_options = decorated_with(
    (
        click.option("--url", metavar="URL", help="Address of the server (prometheus, kafka, influx)."),
        click.option(
            "-m",
            "--metric",
            "metrics",
            type=(str, float),
            multiple=True,
            metavar="NAME VALUE",
            help="A fixed value (static); may be repeated.",
        ),
        click.option("--table", metavar="NAME", help="The KSQL table (kafka)."),
        click.option(
            "--comparison-column", metavar="NAME", help="Its column with the metrics' names (kafka)."
        ),
        click.option("--value-column", metavar="NAME", help="Its column with the values (kafka)."),
        click.option("--token", metavar="TOKEN", help="Token to log in with (influx, prometheus, kafka)."),
        click.option("--org", metavar="NAME", help="The organisation (influx)."),
        click.option("--bucket", metavar="NAME", help="The bucket (influx)."),
        click.option("--username", metavar="NAME", help="Name to log in with (prometheus, kafka)."),
        click.option("--password", metavar="TEXT", help="Its password (prometheus, kafka)."),
        click.option(
            "--ca-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help="PEM file of the authority that signed the server's certificate.",
        ),
        click.option(
            "--provider-timeout",
            "timeout",
            type=click.FloatRange(min=0, max=300, min_open=True),
            metavar="SECONDS",
            help="How long one request may take. [default: 20]",
        ),
        label_option,
    )
)


def _fields(metrics: tuple[tuple[str, float], ...], ca_file: Path | None, **others: Any) -> dict[str, Any]:
    ca_certificate = ca_file.read_text() if ca_file is not None else None
    return given(metrics=dict(metrics) or None, ca_certificate=ca_certificate, **others)


def _group(collection: Collection, command: str) -> Group:
    """The group of commands of one kind of providers."""
    noun = collection.noun
    group = Group(
        command,
        collection=collection,
        help=f"{noun.capitalize()}s: where the values of metrics come from.",
        examples=(f"rok core {command} create prom --type prometheus --url http://prometheus:9090",),
    )
    add_common_commands(group, collection, command, "prom")
    _add_create(group, collection, command)
    _add_update(group, collection, command)
    return group


def _add_create(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Create the {collection.noun} NAME.",
        examples=(
            f"rok core {command} create prom --type prometheus --url http://prometheus:9090",
            f"rok core {command} create fixed --type static -m load 0.5 -m cost 3",
            f"rok core {command} create db --type influx --url http://influx:8086 --token … --org krake "
            "--bucket metrics",
            f"rok core {command} create ksql --type kafka --url http://ksql:8088 --table loads "
            "--comparison-column metric --value-column value",
        ),
    )
    @click.argument("name")
    @click.option(
        "--type", "kind", required=True, metavar="TYPE", help="prometheus, static, kafka or influx."
    )
    @_with_options
    @common_options
    @pass_session
    def create(session: Session, /, name: str, kind: str, labels: Pairs, **options: Any) -> None:
        from rok.actions import Waiting, create_resource
        from rok.providers import new_provider

        metadata = {
            "name": name,
            "namespace": session.namespace if collection.namespaced else None,
            "labels": dict(labels),
        }
        document = {
            "api": collection.api,
            "kind": collection.kind,
            "metadata": metadata,
            "spec": new_provider(kind, _fields(**options)),
        }
        create_resource(session, collection, document, Waiting(None, 0))


def _add_update(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.\n\n"
        "A new address needs its credentials again.",
        examples=(f"rok core {command} update fixed -m load 0.7",),
    )
    @name_argument
    @_with_options
    @common_options
    @pass_session
    def update(session: Session, /, name: str, labels: Pairs, **options: Any) -> None:
        from rok.actions import Waiting, update_resource
        from rok.providers import change_provider

        fields = _fields(**options)
        if not (fields or labels):
            raise click.UsageError(NOTHING)

        def change(document: dict[str, Any]) -> None:
            document["metadata"]["labels"].update(labels)
            change_provider(document["spec"], fields)

        update_resource(session, collection, name, change, Waiting(None, 0))


provider = _group(METRICS_PROVIDERS, "metricsprovider")
global_provider = _group(GLOBAL_METRICS_PROVIDERS, "globalmetricsprovider")
