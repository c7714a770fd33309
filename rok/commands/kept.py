"""Commands of resources that no workflow acts on: they are as they were written, and removed at once."""

from __future__ import annotations

import click

from rok.completing import name_argument
from rok.helping import Group
from rok.options import all_option, given, watch_option
from rok.resources import (
    CLOUDS,
    GLOBAL_CLOUDS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS,
    INFRASTRUCTURE_PROVIDERS,
    PROJECTS,
    Collection,
)
from rok.selecting import selection, selector_options
from rok.session import Session, common_options, pass_session

USED_BY_CLUSTERS = (
    CLOUDS,
    GLOBAL_CLOUDS,
    INFRASTRUCTURE_PROVIDERS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS,
    PROJECTS,
)
"""What is needed to remove clusters that were made with it, so that it is not deleted under them."""

policy_option = click.option(
    "--policy",
    type=click.Choice(("cascade",)),
    help="What becomes of what uses it: clusters that Krake made there are removed first, with their "
    "applications. [default: nothing is deleted]",
)


def add_common_commands(group: Group, collection: Collection, command: str, example: str) -> None:
    """Add list, get, delete and events."""
    add_reading_commands(group, collection, command, example)
    _add_delete(group, collection, command, example)


def add_reading_commands(group: Group, collection: Collection, command: str, example: str) -> None:
    """Add list, get and events, also to resources that a workflow acts on."""
    _add_list(group, collection, command)
    _add_get(group, collection, command, example)


def _add_list(group: Group, collection: Collection, command: str) -> None:
    where = " of a namespace" if collection.namespaced else ""
    area = _area(collection)

    def list_(
        session: Session,
        /,
        watch: bool,
        label_selector: str | None,
        field_selector: str | None,
        everywhere: bool = False,
    ) -> None:
        from rok.actions import list_resources

        params = selection(label_selector, field_selector)
        list_resources(session, collection, everywhere, watch, params)

    function = selector_options(watch_option(common_options(pass_session(list_))))
    if collection.namespaced:
        function = all_option(function)
    group.command(
        "list",
        help=f"List the {collection.noun}s{where}.",
        examples=(f"rok {area} {command} list", f"rok {area} {command} list -o wide"),
    )(function)


def _add_get(group: Group, collection: Collection, command: str, example: str) -> None:
    area = _area(collection)

    @group.command(
        help=f"Show the {collection.noun} NAME.",
        examples=(f"rok {area} {command} get {example}", f"rok {area} {command} get {example} -o yaml"),
    )
    @name_argument
    @watch_option
    @common_options
    @pass_session
    def get(session: Session, /, name: str, watch: bool) -> None:
        from rok.actions import get_resource

        get_resource(session, collection, name, watch)

    @group.command(
        help=f"Show what happened to the {collection.noun} NAME: who did what, and why.",
        examples=(f"rok {area} {command} events {example}",),
    )
    @name_argument
    @watch_option
    @common_options
    @pass_session
    def events(session: Session, /, name: str, watch: bool) -> None:
        from rok.events import show_events

        show_events(session, collection, name, watch)


def _add_delete(group: Group, collection: Collection, command: str, example: str) -> None:
    area = _area(collection)
    stays = collection in USED_BY_CLUSTERS

    def delete(session: Session, /, name: str, policy: str | None = None) -> None:
        from rok.actions import Waiting, delete_resource

        delete_resource(session, collection, name, Waiting(None, 0), **given(policy=policy))

    function = common_options(pass_session(delete))
    what = "What still uses it says so from then on."
    examples = [f"rok {area} {command} delete {example}"]
    if stays:
        function = policy_option(function)
        what = "One that is in use stays, unless all that uses it goes first."
        examples.append(f"rok {area} {command} delete {example} --policy cascade")
    group.command(help=f"Delete the {collection.noun} NAME. {what}", examples=tuple(examples))(
        name_argument(function)
    )


def _area(collection: Collection) -> str:
    """The outer group of the commands, such as `core`."""
    return collection.command.partition(" ")[0]
