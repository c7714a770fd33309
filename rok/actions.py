"""What the commands of every kind of resource do alike: list, fetch, create, change, delete, wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import click

from rok.client import Client
from rok.hints import hints
from rok.inheriting import with_inherited
from rok.output import show_list, show_one
from rok.problems import ProblemError
from rok.resources import Collection
from rok.session import Session
from rok.writing import rewrite

Document = dict[str, Any]

_NOTHING: Mapping[str, str | int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Waiting:
    """The `--wait` of a command: the state (empty: do not wait) and the limit in seconds."""

    state: str | None
    timeout: float


def list_resources(
    session: Session,
    collection: Collection,
    everywhere: bool,
    watch: bool,
    params: Mapping[str, str | int] = _NOTHING,
) -> None:
    """Show the resources of a namespace or of all; with `watch`, for as long as the user likes."""
    namespace = None if everywhere else session.namespace
    client = session.connect()
    if watch:
        from rok.watching import watch_list

        watch_list(session, client, collection, namespace, params)
    else:
        show_list(session, collection, client.list_all(collection.path(namespace), **params))


def visible(
    client: Client, collection: Collection, namespace: str | None, params: Mapping[str, str | int] = _NOTHING
) -> list[Document]:
    """The resources of a kind; none where the user may not see them or the server has no such kind.

    For commands about several kinds: the others are still worth seeing. Says so on standard error.
    """
    try:
        items: list[Document] = client.list_all(collection.path(namespace), **params)["items"]
    except ProblemError as error:
        if error.status not in (403, 404):
            raise
        click.echo(f"Not shown: {collection.plural}. {error.what}", err=True)
        return []
    return items


def get_resource(session: Session, collection: Collection, name: str, watch: bool) -> None:
    """Show one resource; with `watch`, until it is deleted."""
    client = session.connect()
    document = fetch(session, client, collection, name)
    if watch:
        from rok.watching import watch_one

        watch_one(session, client, collection, document)
    else:
        show_one(session, collection, with_inherited(session, client, document))


def fetch(
    session: Session, client: Client, collection: Collection, name: str, part: str = "", **params: int
) -> Document:
    """The resource, or a part of it such as its events.

    Raises:
        RokError: it does not exist; names what comes near.
    """
    with hints(session, client, collection, name):
        return client.get(collection.path(session.namespace, name, part), **params)


def create_resource(session: Session, collection: Collection, document: Document, waiting: Waiting) -> None:
    """Create the resource, wait where asked, and show it."""
    client = session.connect()
    created = client.post(collection.path(session.namespace), document)
    show_one(session, collection, awaited(session, client, collection, created, waiting))


def rehearse_creation(session: Session, collection: Collection, document: Document) -> None:
    """Show what creating the resource would give, and where it would go; nothing is stored."""
    client = session.connect()
    _show_rehearsal(
        session, collection, client.post(collection.path(session.namespace), document, dry_run="True")
    )


def rehearse_update(
    session: Session, collection: Collection, name: str, change: Callable[[Document], None]
) -> None:
    """Show what changing the resource would give, and where it would go; nothing is stored."""
    client = session.connect()
    document = fetch(session, client, collection, name)
    change(document)
    path = collection.path(session.namespace, name)
    answer = client.put(path, document, document["metadata"]["revision"], dry_run="True")
    _show_rehearsal(session, collection, answer)


def _show_rehearsal(session: Session, collection: Collection, answer: Document) -> None:
    from rok.explaining import show_decision
    from rok.output import as_text

    if not session.for_people:
        click.echo(as_text(answer, session.output))
        return
    show_one(session, collection, answer["resource"])
    if answer["decision"] is not None:
        show_decision(session, answer["decision"])


def update_resource(
    session: Session,
    collection: Collection,
    name: str,
    change: Callable[[Document], None],
    waiting: Waiting,
) -> None:
    """Fetch the resource, let `change` alter it, send it back, wait where asked, and show it."""
    client = session.connect()
    path = collection.path(session.namespace, name)
    before, updated = rewrite(client, path, lambda: fetch(session, client, collection, name), change)
    if updated["metadata"]["generation"] == before["metadata"]["generation"]:
        click.echo(f"Nothing to change: {collection.kind} '{name}' is like that already", err=True)
    show_one(session, collection, awaited(session, client, collection, updated, waiting))


def act_on_resource(session: Session, collection: Collection, name: str, action: str) -> None:
    """Ask for something with a resource that is no change of its document, and show it."""
    client = session.connect()
    with hints(session, client, collection, name):
        show_one(session, collection, client.order(collection.path(session.namespace, name, action)))


def delete_resource(
    session: Session, collection: Collection, name: str, waiting: Waiting, **params: str
) -> None:
    """Delete the resource, wait where asked, and show its last state."""
    client = session.connect()
    with hints(session, client, collection, name):
        deleted = client.delete(collection.path(session.namespace, name), **params)
    last = awaited(session, client, collection, deleted, waiting)
    if waiting.state != "DELETED" or not session.for_people:
        show_one(session, collection, last)


def retry_resource(session: Session, collection: Collection, name: str) -> None:
    """Have another try at what gave up, and show the resource."""
    client = session.connect()
    with hints(session, client, collection, name):
        document = client.order(collection.path(session.namespace, name, "retry"))
    show_one(session, collection, document)


def awaited(
    session: Session, client: Client, collection: Collection, document: Document, waiting: Waiting
) -> Document:
    """The resource once it is in the state that is waited for; at once where none is."""
    if waiting.state is None:
        return document
    from rok.cluster_waiting import goal_of
    from rok.waiting import wait

    return wait(session, client, goal_of(collection, document, waiting.state), waiting.timeout)
