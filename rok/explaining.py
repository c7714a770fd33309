"""`explain`: why an application is on its cluster, or a cluster on its cloud, and why it is nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from rok.actions import fetch
from rok.errors import ExitCode, RokError
from rok.formats import NONE, age, date, reference, span
from rok.hints import hints
from rok.output import as_text
from rok.resources import APPLICATIONS, Collection
from rok.session import Session
from rok.tables import Column, horizontal

Document = dict[str, Any]

SHOWN = 20
"""Candidates in the table; `-o wide` has all of them."""

_PLACES = {"Application": "cluster", "Cluster": "cloud"}
"""What is decided about each kind."""


def explain(session: Session, collection: Collection, name: str, number: int | None) -> None:
    """Show one decision about an application or a cluster; the newest where no number is given.

    Raises:
        RokError: there is no such resource or decision, or none was made yet.
    """
    client = session.connect()
    heads = fetch(session, client, collection, name, "decisions", limit=1)["items"]
    again = f"{collection.command} explain {name}"
    if not heads:
        raise RokError(
            f"Nothing was decided about {collection.noun} '{name}'"
            + (" yet" if collection is APPLICATIONS else ""),
            code=ExitCode.NOT_FOUND,
            why="" if collection is APPLICATIONS else "Only for clusters that Krake makes a cloud is chosen",
            fix=f"See what is being done: `{session.again(f'{collection.command} operations {name}')}`",
        )
    wanted = heads[0]["id"] if number is None else number
    path = collection.path(session.namespace, name, "decisions")
    try:
        decision = client.get(f"{path}/{wanted}")
    except RokError as error:
        if error.code is ExitCode.NOT_FOUND:
            error.fix = f"The newest one is {heads[0]['id']}: `{session.again(again)}`"
        raise
    show_decision(session, decision)


def suppose(session: Session, name: str, what_if: Document) -> None:
    """Show what would be decided if something were different; nothing is stored."""
    client = session.connect()
    with hints(session, client, APPLICATIONS, name):
        path = APPLICATIONS.path(session.namespace, name, "decisions")
        show_decision(session, client.post(path, what_if))


def show_decision(session: Session, decision: Document) -> None:
    """Write a decision to standard output."""
    if session.for_people:
        click.echo("\n".join([*_head(decision), *candidate_lines(decision, wide=session.output == "wide")]))
    else:
        click.echo(as_text(decision, session.output))


def candidate_lines(decision: Document, *, wide: bool) -> Iterator[str]:
    """The table of a decision's candidates under its sentence."""
    yield decision["summary"]
    candidates = decision["candidates"]
    shown = candidates if wide else candidates[:SHOWN]
    if shown:
        yield ""
        place = _PLACES[decision["application"]["kind"]]
        columns = (Column(place, firm=True), *map(Column, ("verdict", "value x weight", "score")))
        yield horizontal(columns, [_row(decision, one, wide=wide) for one in shown], wide=wide)
    if len(shown) < len(candidates):
        more, place = len(candidates) - len(shown), _PLACES[decision["application"]["kind"]]
        yield f"and {more} more {place}s: -o wide shows them all"


def _head(decision: Document) -> Iterator[str]:
    name, chosen = decision["application"]["name"], decision.get("chosen")
    where = f"goes to {chosen['name']}" if chosen else "fits nowhere"
    yield f"{decision['application']['kind']} {name} {where}"
    number = decision.get("id")
    title = f"Decision {number}" if number else "No decision is stored: this is what would be decided"
    yield f"{title}, {age(decision['at'])} ({date(decision['at'])}), because of: {decision['trigger']}"


def _row(decision: Document, candidate: Document, *, wide: bool) -> list[str]:
    place = candidate["cluster"]
    everywhere = " (global)" if place["kind"] == "GlobalCloud" else ""
    name = reference(place, decision["application"]["namespace"]) + everywhere
    total = candidate.get("total")
    parts = [_part(part, wide=wide) for part in candidate["scores"] if part["weight"]]
    score = NONE if total is None else f"{total:.4f}"
    return [name, _verdict(decision, candidate, wide=wide), "\n".join(parts), score]


def _verdict(decision: Document, candidate: Document, *, wide: bool) -> str:
    """Chosen, how far behind, or what the first filter that refuses expected and found; if wide, all."""
    refusals = [item for item in candidate["verdicts"] if not item["passed"]]
    if refusals and wide:
        return "\n".join(f"{item['filter']}: {item['reason']}" for item in refusals)
    if refusals:
        first, *others = refusals
        more = f" (and: {', '.join(item['filter'] for item in others)})" if others else ""
        return f"{first['filter']}: {first['reason']}{more}"
    rank = candidate.get("rank")
    if rank == 1:
        margin = decision.get("margin")
        return f"{_tick()} chosen" + (f", {margin:.4f} ahead" if margin else "")
    if rank is None:
        return "fits, but has no metrics, and others that fit have some"
    lacking = decision["candidates"][0]["total"] - candidate["total"]
    if not lacking:
        return f"{_place(rank)}: equal, the tie rule chose another"
    return f"{_place(rank)}: lacks {lacking:.4f}"


def _place(rank: int) -> str:
    return "runner-up" if rank == 2 else f"rank {rank}"


def _part(part: Document, *, wide: bool) -> str:
    """One part of the score: raw value, normalised value, weight."""
    if part["kind"] == "stickiness":
        return f"stickiness {part['value']:g} x {part['weight']:g}"
    raw, value = part.get("raw"), part.get("value")
    words = [part["name"], *(["(minimise)"] if part.get("direction") == "minimise" else [])]
    if raw is not None:
        words += [f"{raw:g}", "->"]
    words += ["fails" if value is None else f"{value:.4g}", "x", f"{part['weight']:g}"]
    if wide and raw is not None and part.get("age") is not None:
        words.append(f"({span(part['age'])} old)")
    if wide and part.get("contribution") is not None:
        words.append(f"= {part['contribution']:.4f}")
    return " ".join(words)


def _tick() -> str:
    """The tick, or a star where the output cannot show one."""
    try:
        "✓".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "*"
    return "✓"
