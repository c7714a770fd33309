"""`rok infra provider` and `globalprovider`: services that make clusters on clouds."""

from __future__ import annotations

import click

from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.options import decorated_with, given, label_option
from rok.resources import GLOBAL_INFRASTRUCTURE_PROVIDERS, INFRASTRUCTURE_PROVIDERS, Collection
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

_login = decorated_with(
    (
        click.option("--username", metavar="NAME", help="Name to log in with."),
        click.option(
            "--password", metavar="TEXT", help="Its password; asked for where it is needed and missing."
        ),
        click.option("--token", metavar="TOKEN", help="Token to log in with, in place of name and password."),
        label_option,
    )
)


def _group(collection: Collection, command: str) -> Group:
    """The group of commands of one kind of infrastructure providers."""
    noun = collection.noun
    group = Group(
        command,
        collection=collection,
        help=f"{noun.capitalize()}s: services that make clusters on clouds.",
        examples=(f"rok infra {command} register im --type im --url https://im.example.org --token …",),
    )
    add_common_commands(group, collection, command, "im")
    _add_register(group, collection, command)
    _add_update(group, collection, command)
    return group


def _add_register(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Register the {collection.noun} NAME.",
        examples=(
            f"rok infra {command} register im --type im --url https://im.example.org --token …",
            f"rok infra {command} register im --type im --url https://im.example.org --username krake",
        ),
    )
    @click.argument("name")
    @click.option("--type", "kind", required=True, metavar="TYPE", help="im, the Infrastructure Manager.")
    @click.option("--url", required=True, metavar="URL", help="Its address.")
    @_login
    @common_options
    @pass_session
    def register(
        session: Session, /, name: str, kind: str, url: str, labels: Pairs, **login: str | None
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
            "spec": new_provider(kind, url, given(**login)),
        }
        create_resource(session, collection, document, Waiting(None, 0))


def _add_update(group: Group, collection: Collection, command: str) -> None:
    @group.command(
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.\n\n"
        "A new address or user name needs its credentials again.",
        examples=(f"rok infra {command} update im --token …",),
    )
    @name_argument
    @click.option("--url", metavar="URL", help="Its address.")
    @_login
    @common_options
    @pass_session
    def update(session: Session, /, name: str, labels: Pairs, **fields: str | None) -> None:
        from rok.actions import Waiting, update_resource
        from rok.infrastructure import change_provider

        change = change_provider(labels, given(**fields))
        update_resource(session, collection, name, change, Waiting(None, 0))


infrastructure_provider = _group(INFRASTRUCTURE_PROVIDERS, "infrastructureprovider")
global_infrastructure_provider = _group(GLOBAL_INFRASTRUCTURE_PROVIDERS, "globalinfrastructureprovider")
