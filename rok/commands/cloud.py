"""`rok infra cloud` and `globalcloud`: where clusters can be made."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.metric_options import Weights, global_metric_option, metric_option
from rok.options import decorated_with, label_option
from rok.resources import CLOUDS, GLOBAL_CLOUDS, Collection
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]


def _options(collection: Collection, *, required: bool) -> list[Any]:
    """The options that say what a cloud is; a global one knows nothing of namespaces."""
    local = [
        click.option("--infra-provider", "local", metavar="NAME", help="Provider of the namespace."),
        metric_option,
    ]
    return [
        *(local if collection.namespaced else []),
        click.option("--global-infra-provider", "everywhere", metavar="NAME", help="Global provider."),
        global_metric_option,
        click.option("--url", required=required, metavar="URL", help="Address of Keystone."),
        click.option("--username", required=required, metavar="NAME", help="Name to log in with."),
        click.option("--password", metavar="TEXT", help="Its password." + _asked(required)),
        click.option("--project", required=required, metavar="NAME", help="OpenStack project for clusters."),
        click.option(
            "--domain-name", metavar="NAME", help="Domain of the user." + _default(required, "Default")
        ),
        click.option(
            "--domain-id", metavar="ID", help="Domain of the project." + _default(required, "default")
        ),
        label_option,
        common_options,
        pass_session,
    ]


def _asked(required: bool) -> str:
    return " [default: asked for]" if required else ""


def _default(required: bool, value: str) -> str:
    return f" [default: {value}]" if required else ""


def _group(collection: Collection, command: str) -> Group:
    """The group of commands of one kind of clouds."""
    group = Group(
        command,
        collection=collection,
        help=f"{collection.noun.capitalize()}s: where clusters can be made.",
        examples=(_example(command), f"rok infra {command} list"),
    )
    add_common_commands(group, collection, command, "dresden")
    _add_register(group, collection, command)
    _add_update(group, collection, command)
    return group


def _example(command: str) -> str:
    return (
        f"rok infra {command} register dresden --type openstack --global-infra-provider im "
        "--url https://keystone.example.org:5000/v3 --username krake --project edge"
    )


def _add_register(group: Group, collection: Collection, command: str) -> None:
    def register(
        session: Session,
        /,
        name: str,
        kind: str,
        labels: Pairs,
        everywhere: str | None,
        global_metrics: Weights,
        local: str | None = None,
        metrics: Weights = (),
        **options: str | None,
    ) -> None:
        from rok.actions import Waiting, create_resource
        from rok.infrastructure import new_cloud, provider_reference

        provider = provider_reference(local, everywhere, required=True) or {}
        document = {
            "api": collection.api,
            "kind": collection.kind,
            "metadata": {
                "name": name,
                "namespace": session.namespace if collection.namespaced else None,
                "labels": dict(labels),
            },
            "spec": new_cloud(kind, provider, metrics, global_metrics, options),
        }
        create_resource(session, collection, document, Waiting(None, 0))

    kind_option = click.option("--type", "kind", required=True, metavar="TYPE", help="openstack.")
    options = decorated_with([click.argument("name"), kind_option, *_options(collection, required=True)])
    group.command(help=f"Register the {collection.noun} NAME.", examples=(_example(command),))(
        options(register)
    )


def _add_update(group: Group, collection: Collection, command: str) -> None:
    def update(
        session: Session,
        /,
        name: str,
        labels: Pairs,
        everywhere: str | None,
        global_metrics: Weights,
        local: str | None = None,
        metrics: Weights = (),
        **options: str | None,
    ) -> None:
        from rok.actions import Waiting, update_resource
        from rok.infrastructure import change_cloud, provider_reference

        provider = provider_reference(local, everywhere, required=False)
        change = change_cloud(labels, provider, metrics, global_metrics, options)
        update_resource(session, collection, name, change, Waiting(None, 0))

    group.command(
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.\n\n"
        "Labels and metrics are added to those that are there. A new address or user needs the password.",
        examples=(f"rok infra {command} update dresden --project edge-2 -l tier=gold",),
    )(decorated_with([name_argument, *_options(collection, required=False)])(update))


cloud = _group(CLOUDS, "cloud")
global_cloud = _group(GLOBAL_CLOUDS, "globalcloud")
