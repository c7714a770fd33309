"""What the user may have meant, where a resource does not exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches

from rok.client import PAGE, Client
from rok.errors import ExitCode, RokError
from rok.resources import Collection
from rok.session import Session


@contextmanager
def hints(session: Session, client: Client, collection: Collection, name: str) -> Iterator[None]:
    """Add the nearest existing names to a "not found" that is raised inside."""
    try:
        yield
    except RokError as error:
        if error.code is ExitCode.NOT_FOUND:
            # The hint is a courtesy: when it cannot be had, the error is still the one to show.
            with suppress(RokError):
                error.why = _near(session, client, collection, name)
            error.fix = f"See what is there: `{session.again(f'{collection.command} list')}`"
        raise


def _near(session: Session, client: Client, collection: Collection, name: str) -> str:
    listing = client.get(collection.path(None), limit=PAGE)
    places = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in listing["items"]]
    elsewhere = [namespace for namespace, found in places if found == name and namespace]
    if elsewhere:
        return f"There is one in namespace {', '.join(elsewhere[:3])}: choose it with -n {elsewhere[0]}"
    here = session.namespace if collection.namespaced else None
    names = [found for namespace, found in places if namespace == here]
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    where = f" in namespace '{session.namespace}'" if collection.namespaced else ""
    return "" if names else f"There is no {collection.noun}{where}"
