"""`rok infra provider` and `globalprovider`: services that make clusters on clouds."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.options import decorated_with, given, label_option, setting_option
from rok.resources import GLOBAL_INFRASTRUCTURE_PROVIDERS, INFRASTRUCTURE_PROVIDERS, Collection
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]
Settings = tuple[tuple[str, Any], ...]

_fields = decorated_with(
    (
        click.option("--url", metavar="URL", help="im, custom: its address."),
        click.option("--username", metavar="NAME", help="im: name to log in with."),
        click.option(
            "--password", metavar="TEXT", help="im: its password; asked for where it is needed and missing."
        ),
        click.option("--token", metavar="TOKEN", help="im, custom: token, in place of name and password."),
        click.option(
            "--template", metavar="NAME", help="magnum: cluster template of clusters that name none."
        ),
        click.option(
            "--create-timeout",
            type=click.IntRange(min=1),
            metavar="MINUTES",
            help="magnum: when it gives a creation up. [default: 60]",
        ),
        click.option("--image", metavar="NAME", help="nova: image of nodes that name none."),
        click.option("--flavor", metavar="NAME", help="nova: size of nodes that name none."),
        click.option(
            "--network", metavar="NAME", help="nova: network of the nodes. [default: one for each cluster]"
        ),
        click.option(
            "--external-network", metavar="NAME", help="nova: network that floating addresses are from."
        ),
        click.option("--key-pair", metavar="NAME", help="nova: key pair that may log in to nodes by SSH."),
        click.option(
            "--boot-volume",
            "boot_volume_gigabytes",
            type=click.IntRange(min=1),
            metavar="GIGABYTES",
            help="nova: size of a volume to boot from. [default: the flavor's own disk]",
        ),
        click.option("--availability-zone", metavar="NAME", help="nova: zone that nodes are in."),
        click.option(
            "--kubernetes-version",
            metavar="VERSION",
            help="nova: k3s release of clusters that name none: v1.33.4+k3s1. [default: the stable one]",
        ),
        click.option(
            "--provider", "entry_point", metavar="NAME", help="custom: name of its entry point, as sandbox."
        ),
        setting_option,
        label_option,
        common_options,
        pass_session,
    )
)


def _given(settings: Settings, entry_point: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of the provider's part that the user gave."""
    return given(name=entry_point, options=dict(settings) or None, **fields)


def _group(collection: Collection, command: str) -> Group:
    """The group of commands of one kind of infrastructure providers."""
    noun = collection.noun
    group = Group(
        command,
        collection=collection,
        help=f"{noun.capitalize()}s: services that make clusters on clouds.",
        examples=(
            f"rok infra {command} register sandbox --type custom --provider sandbox",
            f"rok infra {command} list",
        ),
    )
    add_common_commands(group, collection, command, "im")
    _add_register(group, collection, command)
    _add_update(group, collection, command)
    return group


def _add_register(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Register the {collection.noun} NAME. Each type has options of its own.",
        examples=(
            f"rok infra {command} register im --type im --url https://im.example.org --username krake",
            f"rok infra {command} register magnum --type magnum --template kubernetes",
            f"rok infra {command} register k3s --type nova --image debian-13 --flavor m1.medium",
            f"rok infra {command} register sandbox --type custom --provider sandbox",
        ),
    )
    @click.argument("name")
    @click.option("--type", "kind", required=True, metavar="TYPE", help="im, magnum, nova or custom.")
    @_fields
    def register(
        session: Session,
        /,
        name: str,
        kind: str,
        labels: Pairs,
        settings: Settings,
        entry_point: str | None,
        **fields: Any,
    ) -> None:
        from rok.actions import Waiting, create_resource
        from rok.infrastructure import new_provider

        document = {
            "api": collection.api,
            "kind": collection.kind,
            "metadata": {
                "name": name,
                "namespace": session.namespace if collection.namespaced else None,
                "labels": dict(labels),
            },
            "spec": new_provider(kind, _given(settings, entry_point, fields)),
        }
        create_resource(session, collection, document, Waiting(None, 0))


def _add_update(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.\n\n"
        "Labels and --option are added to those that are there. A new address or user name needs its "
        "credentials again.",
        examples=(
            f"rok infra {command} update im --token …",
            f"rok infra {command} update k3s --flavor m1.large",
        ),
    )
    @name_argument
    @_fields
    def update(
        session: Session,
        /,
        name: str,
        labels: Pairs,
        settings: Settings,
        entry_point: str | None,
        **fields: Any,
    ) -> None:
        from rok.actions import Waiting, update_resource
        from rok.infrastructure import change_provider

        change = change_provider(labels, _given(settings, entry_point, fields))
        update_resource(session, collection, name, change, Waiting(None, 0))


infrastructure_provider = _group(INFRASTRUCTURE_PROVIDERS, "infrastructureprovider")
global_infrastructure_provider = _group(GLOBAL_INFRASTRUCTURE_PROVIDERS, "globalinfrastructureprovider")
