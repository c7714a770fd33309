"""`rok kube cluster taint` and `top`: what keeps applications off clusters, and how much room there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from rok.client import Client
from rok.formats import NONE, span
from rok.hints import hints
from rok.output import show_rows
from rok.resources import CLUSTERS
from rok.session import Session

Document = dict[str, Any]

TITLES = ("cluster", "applications", "resource", "allocatable", "reserved", "free")
METRIC_TITLES = ("cluster", "metric", "value", "age", "weight", "trouble")

_ADDED = re.compile(r"(?P<key>[^=:]+)(=(?P<value>[^:]*))?:(?P<effect>[A-Za-z]+)")
_REMOVED = re.compile(r"(?P<key>[^=:]+)(=[^:]*)?(:(?P<effect>[A-Za-z]+))?-")


def show_top(session: Session, name: str | None) -> None:
    """Show the room of one cluster, or of all in the namespace."""
    client = session.connect()
    if name is None:
        listing = capacity(client, session.namespace)
    else:
        with hints(session, client, CLUSTERS, name):
            listing = capacity(client, session.namespace, name)
    show_rows(session, TITLES, [_together(rows(item)) for item in listing["items"]], listing)
    metrics = [row for item in listing["items"] for row in metric_rows(item)]
    if metrics and session.for_people:
        click.echo("")
        show_rows(session, METRIC_TITLES, metrics, listing)


def _together(found: list[list[str]]) -> list[str]:
    """The rows of one cluster as one, so that nothing is drawn between them."""
    return ["\n".join(cells).rstrip() for cells in zip(*found, strict=True)]


def capacity(client: Client, namespace: str, name: str | None = None) -> Document:
    """The room of one cluster, or of all in a namespace."""
    path = CLUSTERS.path(namespace).removesuffix(CLUSTERS.plural) + "capacity"
    return client.get(path, **({} if name is None else {"cluster": name}))


def rows(item: Document) -> list[list[str]]:
    """The rows of one cluster under `TITLES`; its name is in the first one only."""
    head = [item["cluster"]["name"], str(item["applications"])]
    found = [
        [one["dimension"], one["allocatable"] or NONE, one["reserved"], one["free"] or NONE]
        for one in item["dimensions"]
    ]
    return [[*(head if at == 0 else ["", ""]), *row] for at, row in enumerate(found or [[NONE] * 4])]


def metric_rows(item: Document) -> list[list[str]]:
    """The metrics of one cluster under `METRIC_TITLES`; its name is in the first row only."""
    found = []
    for at, one in enumerate(item.get("metrics") or []):
        value, reason = one.get("value"), one.get("reason")
        found.append(
            [
                "" if at else item["cluster"]["name"],
                one["name"] + (" (inherited)" if one.get("inherited") else ""),
                NONE if value is None else f"{value:g}",
                NONE if one.get("age") is None else span(one["age"]),
                f"{one['weight']:g}",
                f"{reason['code']}: {reason['message']}" if reason else NONE,
            ]
        )
    return found


def change_taints(words: Sequence[str]) -> Callable[[Document], None]:
    """The change of a cluster that adds and removes taints: `KEY[=VALUE]:EFFECT`, `KEY[:EFFECT]-`.

    Raises:
        click.UsageError: a word is neither.
    """
    steps = [_step(word) for word in words]

    def change(document: Document) -> None:
        taints = document["spec"].get("taints") or []
        for step in steps:
            taints = step(taints)
        document["spec"]["taints"] = taints

    return change


def _step(word: str) -> Callable[[list[Document]], list[Document]]:
    if removed := _REMOVED.fullmatch(word):
        key, effect = removed["key"], removed["effect"]
        return lambda taints: [
            one for one in taints if one["key"] != key or effect not in (None, one["effect"])
        ]
    added = _ADDED.fullmatch(word)
    if added is None:
        raise click.UsageError(f"{word!r} is neither KEY[=VALUE]:EFFECT nor KEY[:EFFECT]-")
    taint = {"key": added["key"], "value": added["value"] or "", "effect": added["effect"]}
    place = (taint["key"], taint["effect"])
    return lambda taints: [*(one for one in taints if (one["key"], one["effect"]) != place), taint]
