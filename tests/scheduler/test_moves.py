"""Where an application moves to: away from its cluster, and not at once to where a move has just failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from krake.models.requests import Request, RequestKind
from scheduler.moves import MoveChoice, choose_move, why_not
from tests.scheduler.strategies import NAMESPACE, NOW

Document = dict[str, Any]
SOON = NOW + timedelta(seconds=60)


def cluster(name: str, state: str = "ONLINE") -> Document:
    """A cluster as the API shows it."""
    metadata: Document = {
        "namespace": NAMESPACE,
        "name": name,
        "uid": f"uid-{name}",
        "labels": {},
        "deleted": None,
    }
    return {"metadata": metadata, "status": {"state": state}}


def application(migration: bool = True, **backoff: Any) -> Document:
    """An application on `de` as the API shows it."""
    return {
        "metadata": {"namespace": NAMESPACE, "name": "echo", "uid": "uid-echo"},
        "spec": {"constraints": {"migration": migration, "cluster": {"labels": None}}},
        "status": {"scheduled_uid": "uid-de", "migration_backoff": backoff or None},
    }


def choose(app: Document, *clusters: Document, now: datetime = NOW, **wish: Any) -> MoveChoice:
    """The choice for a wish."""
    request = Request(id="1", kind=RequestKind.MIGRATE, at=now, **wish)
    return choose_move(app, clusters, request, now=now, stickiness=0.1)


def chosen(choice: MoveChoice) -> str | None:
    """The name of the chosen cluster."""
    return choice.decision.chosen.name if choice.decision.chosen else None


def test_it_never_stays() -> None:
    assert chosen(choose(application(), cluster("de"), cluster("it"))) == "it"
    nowhere = choose(application(), cluster("de"))
    assert chosen(nowhere) is None
    assert nowhere.decision.summary == "no cluster fits: de (the application moves away from it)"


def test_only_the_cluster_that_was_asked_for_will_do() -> None:
    clusters = (cluster("de"), cluster("fr"), cluster("it"))
    assert {chosen(choose(application(), *clusters, cluster=name)) for name in ("fr", "it")} == {"fr", "it"}
    silent = choose(application(), cluster("de"), cluster("fr"), cluster("it", "OFFLINE"), cluster="it")
    assert why_not(silent.decision, "it") == "it does not fit: OFFLINE, wanted ONLINE"


def test_what_may_not_migrate_does_not() -> None:
    refused = choose(application(migration=False), cluster("de"), cluster("it"))
    told = "it (migration is not allowed, and the application is on another cluster)"
    assert told in why_not(refused.decision, None)


@pytest.mark.parametrize("leave", [False, True])
def test_others_come_first_after_a_failure(leave: bool) -> None:
    for failed, other in (("it", "fr"), ("fr", "it")):
        app = application(until=SOON.isoformat(), targets=[f"uid-{failed}"], message="broken")
        assert chosen(choose(app, cluster("de"), cluster("fr"), cluster("it"), leave=leave)) == other


def test_without_another_a_user_gets_it_at_once_and_a_duty_waits() -> None:
    app = application(until=SOON.isoformat(), targets=["uid-it"], message="broken")
    assert chosen(choose(app, cluster("de"), cluster("it"))) == "it"
    waiting = choose(app, cluster("de"), cluster("it"), leave=True)
    assert (chosen(waiting), waiting.later) == (None, SOON)
    assert "it (a move there failed: broken)" in waiting.decision.summary
    assert chosen(choose(app, cluster("de"), cluster("it"), leave=True, now=SOON)) == "it"
