"""Moving an application: asking for it, taking it back, showing what it would do, waiting for its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from rok.following import Change
from rok.formats import NONE, lines
from rok.hints import hints
from rok.output import as_text, show_one
from rok.resources import APPLICATIONS
from rok.session import Session
from rok.waiting import Goal, Verdict, wait

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MoveGoal(Goal):
    """The end of one move. `move` is its id."""

    move: str = ""

    @property
    def wanted(self) -> str:
        """What the application is to be."""
        return "on the other cluster"

    def verdict(self, change: Change) -> Verdict:
        """Judge by the move's own record: an application is RUNNING before and after."""
        status = change.object["status"]
        if change.type == "DELETED":
            return Verdict.FAILED
        last = status.get("last_migration") or {}
        if last.get("id") == self.move:
            return Verdict.REACHED if last["outcome"] == "succeeded" else Verdict.FAILED
        open_ = {(status.get(field) or {}).get("id") for field in ("request", "migration")}
        return Verdict.GO_ON if self.move in open_ else Verdict.FAILED

    def reached(self, change: Change) -> str:
        """Where it runs now."""
        running_on = change.object["status"].get("running_on") or {}
        return f"runs on {running_on.get('name', NONE)}"

    def failed(self, change: Change) -> tuple[str, str]:
        """How the move ended instead, and where the application is."""
        if change.type == "DELETED":
            return f"{self.title} was deleted before it had moved", ""
        status = change.object["status"]
        last = status.get("last_migration") or {}
        if last.get("id") != self.move:
            return f"The migration of {self.title} was taken back", ""
        where = (status.get("running_on") or status.get("scheduled_to") or {}).get("name")
        stays = f"; it is {status['state']} on {where}" if where else f"; it is {status['state']}"
        why = ": ".join(part for part in (last.get("code"), last.get("message")) if part)
        return f"The migration of {self.title} {_outcome(last)}{stays}", why


def migrate_application(
    session: Session,
    name: str,
    cluster: str | None,
    strategy: str | None,
    *,
    waits: bool,
    timeout: float,
) -> None:
    """Ask for the move, wait for its end where asked, and show the application."""
    client = session.connect()
    order = {"cluster": cluster, "strategy": strategy}
    with hints(session, client, APPLICATIONS, name):
        document = client.order(APPLICATIONS.path(session.namespace, name, "migration"), order)
    if waits:
        status = document["status"]
        move = (status.get("migration") or status.get("request") or {}).get("id", "")
        document = wait(session, client, MoveGoal(APPLICATIONS, document, "RUNNING", move), timeout)
    show_one(session, APPLICATIONS, document)


def plan_migration(session: Session, name: str, cluster: str | None, strategy: str | None) -> None:
    """Show what the move would do; nothing happens."""
    client = session.connect()
    order = {"cluster": cluster, "strategy": strategy, "dry_run": True}
    with hints(session, client, APPLICATIONS, name):
        plan = client.order(APPLICATIONS.path(session.namespace, name, "migration"), order)
    if not session.for_people:
        click.echo(as_text(plan, session.output))
        return
    from rok.tables import vertical

    click.echo(vertical(_plan(plan)))


def cancel_migration(session: Session, name: str) -> None:
    """Take the move back and show the application."""
    client = session.connect()
    with hints(session, client, APPLICATIONS, name):
        document = client.delete(APPLICATIONS.path(session.namespace, name, "migration"))
    show_one(session, APPLICATIONS, document)


def _plan(plan: Document) -> list[tuple[str, str]]:
    target = plan.get("target") or {}
    return [
        ("from", plan["source"]["name"]),
        ("to", target.get("name", NONE)),
        ("decision", plan["decision"]["summary"]),
        ("strategy", plan["strategy"]),
        ("downtime", "yes: the source is removed first" if plan["downtime"] else "no"),
        ("data", "keeps data in volumes" if plan["data"] else "keeps no data"),
        ("creates", lines(plan["creates"])),
        ("removes", lines(plan["removes"])),
    ]


def _outcome(last: Document) -> str:
    return "was cancelled" if last["outcome"] == "cancelled" else "failed"
