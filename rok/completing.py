"""Completion of resources' names: quick, and silent when the server is away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rok.helping import Group

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from rok.resources import Collection

PATIENCE = 1.0
"""Seconds that the API may take to answer while somebody waits at the prompt."""
OFFERED = 200
"""Names that are fetched at most: nobody reads more, and every further one costs time."""


def complete_name(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the resources that the command works on."""
    collection = _collection(ctx)
    return [] if collection is None else _offers(ctx, collection, incomplete)


def complete_provider(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of infrastructure providers, for options that name one."""
    from rok.resources import INFRASTRUCTURE_PROVIDERS

    return _offers(ctx, INFRASTRUCTURE_PROVIDERS, incomplete)


def complete_global_provider(
    ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names of global infrastructure providers, for options that name one."""
    from rok.resources import GLOBAL_INFRASTRUCTURE_PROVIDERS

    return _offers(ctx, GLOBAL_INFRASTRUCTURE_PROVIDERS, incomplete)


def complete_kind(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The words for kinds of resources."""
    from rok.catalogue import COLLECTIONS

    return _items(sorted(collection.plural for collection in COLLECTIONS), incomplete)


def _collection(ctx: click.Context) -> Collection | None:
    """That of the command's group, else that of the KIND that was typed before."""
    from rok.catalogue import find

    group = ctx.parent.command if ctx.parent else None
    if isinstance(group, Group) and group.collection is not None:
        return group.collection
    word = ctx.params.get("kind")
    return find(word) if isinstance(word, str) else None


def _offers(ctx: click.Context, collection: Collection, incomplete: str) -> list[CompletionItem]:
    from contextlib import redirect_stderr, suppress
    from io import StringIO

    from rok.errors import RokError
    from rok.session import Session

    session = ctx.ensure_object(Session)
    # Whatever is wrong, the command itself says so; at the prompt it would only be in the way.
    with suppress(RokError, LookupError, ValueError), redirect_stderr(StringIO()):
        client = session.connect()
        client.timeout = PATIENCE
        listing = client.get(collection.path(session.namespace), limit=OFFERED)
        return _items([item["metadata"]["name"] for item in listing["items"]], incomplete)
    return []


def _items(words: list[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


name_argument = click.argument("name", shell_complete=complete_name)
optional_name_argument = click.argument("name", required=False, shell_complete=complete_name)
names_argument = click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=complete_name)
required_names_argument = click.argument(
    "names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_name
)
kind_argument = click.argument("kind", shell_complete=complete_kind)
optional_kind_argument = click.argument("kind", required=False, shell_complete=complete_kind)
