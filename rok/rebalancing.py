"""Having all applications looked at, and showing what came of it."""

from __future__ import annotations

from typing import Any

import click

from rok.formats import NONE
from rok.output import as_text
from rok.session import Session

Document = dict[str, Any]

_MOVES = ("application", "from", "to", "cause", "score", "gain", "outcome")
_HELD = ("application", "on", "cause", "gain", "held back by", "why")
_NOWHERE = ("application", "on", "why")


def show_rebalance(session: Session, *, dry_run: bool) -> None:
    """Look at all applications, and show who moves, who is held back and who fits nowhere."""
    params = {"dry_run": "True"} if dry_run else {}
    report = session.connect().post("/kubernetes/rebalance", {}, **params)
    if not session.for_people:
        click.echo(as_text(report, session.output))
        return
    click.echo(text_of(session, report))


def text_of(session: Session, report: Document) -> str:
    """The report for people: its tables, as far as there is something in them, and its summary."""
    from rok.tables import Column, horizontal

    parts = []
    for heading, titles, rows, count in _tables(report):
        if rows:
            cut = f", {len(rows)} of {count} shown" if count > len(rows) else ""
            columns = [Column(title) for title in titles]
            parts.append(f"{heading}{cut}:\n{horizontal(columns, rows, wide=session.output == 'wide')}")
    return "\n".join([*parts, report["summary"]])


def _tables(report: Document) -> list[tuple[str, tuple[str, ...], list[list[str]], int]]:
    verb = "Would be placed or moved" if report["dry_run"] else "Placed or moved"
    held = sum(report["held_by"].values())
    return [
        (verb, _MOVES[:-1] if report["dry_run"] else _MOVES, _moves(report), report["moving"]),
        ("Held back", _HELD, [_stay(item) for item in report["held"]], held),
        ("Fit nowhere", _NOWHERE, [_stuck(item) for item in report["nowhere"]], report["unplaced"]),
    ]


def _moves(report: Document) -> list[list[str]]:
    rows = [
        [
            _name(item),
            item["source"] or NONE,
            item["target"] or NONE,
            item["cause"],
            _number(item["score"]),
            _number(item["gain"]),
            item["outcome"],
        ]
        for item in report["moves"]
    ]
    return [row[:-1] for row in rows] if report["dry_run"] else rows


def _stay(item: Document) -> list[str]:
    return [
        _name(item),
        item["cluster"] or NONE,
        item["cause"],
        _number(item["gain"]),
        item["held"],
        item["why"],
    ]


def _stuck(item: Document) -> list[str]:
    application = item["application"]
    why = f"rok kube app explain {application['name']} -n {application['namespace']}"
    return [_name(item), item["cluster"] or NONE, why]


def _name(item: Document) -> str:
    return f"{item['application']['namespace']}/{item['application']['name']}"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
