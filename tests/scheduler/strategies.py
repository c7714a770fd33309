"""Requests and clusters, made by hand or by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from scheduler.decision import Decision
from scheduler.place import place
from scheduler.snapshot import Candidate, Request

NAMESPACE = "testing"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def cluster(
    name: str,
    location: str = "DE",
    *,
    state: ClusterState = ClusterState.ONLINE,
    deleted: bool = False,
    namespace: str = NAMESPACE,
) -> Candidate:
    """A cluster that takes applications unless told otherwise."""
    return Candidate(
        namespace=namespace,
        name=name,
        uid=f"uid-{namespace}-{name}",
        labels={"location": location},
        state=state,
        deleted=deleted,
    )


def application(
    *constraints: str, name: str = "app", current: Candidate | None = None, migration: bool = True
) -> Request:
    """A request for a cluster that meets the label constraints."""
    return Request(
        namespace=NAMESPACE,
        name=name,
        uid=f"uid-{name}",
        labels=tuple(LabelConstraint.parse(text) for text in constraints),
        current=current.uid if current else None,
        migration=migration,
    )


def decide(request: Request, *candidates: Candidate, stickiness: float = 0.1) -> Decision:
    """The placement at a fixed moment."""
    return place(request, candidates, now=NOW, trigger="test", stickiness=stickiness)


CONSTRAINTS = (
    "location is DE",
    "location is not DE",
    "location in (DE, IT)",
    "location not in (SK)",
    "location exists",
    "gpu exists",
    "gpu not exists",
)

clusters = st.lists(
    st.builds(
        Candidate,
        namespace=st.sampled_from([NAMESPACE, NAMESPACE, NAMESPACE, "other"]),
        name=st.sampled_from([f"c{number}" for number in range(12)]),
        uid=st.just(""),
        labels=st.fixed_dictionaries(
            {}, optional={"location": st.sampled_from(["DE", "IT", "SK"]), "gpu": st.just("yes")}
        ),
        state=st.sampled_from([ClusterState.ONLINE, ClusterState.ONLINE, *ClusterState]),
        deleted=st.sampled_from([False, False, False, True]),
    ).map(
        lambda made: Candidate(
            namespace=made.namespace,
            name=made.name,
            uid=f"uid-{made.namespace}-{made.name}",
            labels=made.labels,
            state=made.state,
            deleted=made.deleted,
        )
    ),
    max_size=10,
    unique_by=lambda made: (made.namespace, made.name),
)

requests = st.builds(
    Request,
    namespace=st.just(NAMESPACE),
    name=st.from_regex(r"\A[a-z]{1,8}\Z"),
    uid=st.uuids().map(str),
    labels=st.lists(st.sampled_from(CONSTRAINTS), max_size=2).map(
        lambda texts: tuple(LabelConstraint.parse(text) for text in texts)
    ),
    current=st.none() | st.sampled_from([f"uid-{NAMESPACE}-c{number}" for number in range(12)]),
    migration=st.booleans(),
)
