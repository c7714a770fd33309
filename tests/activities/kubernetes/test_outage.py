"""What is concluded when a cluster does not answer, and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.kubernetes.errors import ClusterError, from_answer, unreachable
from activities.kubernetes.outage import ANSWERS, outage_fields, state_after
from krake.models.cluster import ClusterState
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import Record

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
SETTINGS = Settings(offline_tolerance=300)


def cluster(**observation: Any) -> Record:
    return Record(
        uid="de",
        kind="Cluster",
        namespace="testing",
        name="de",
        labels={},
        spec={},
        status={},
        observation=observation,
        generation=1,
        revision=1,
        created_revision=1,
        created=NOW,
        modified=NOW,
        deleted=None,
    )


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (unreachable("de", "refused"), ClusterState.OFFLINE),
        (from_answer("de", 503, b"{}"), ClusterState.OFFLINE),
        (from_answer("de", 500, b"{}"), ClusterState.OFFLINE),
        (from_answer("de", 401, b"{}"), ClusterState.UNHEALTHY),
        (from_answer("de", 403, b"{}"), ClusterState.UNHEALTHY),
        (from_answer("de", 429, b"{}"), ClusterState.UNHEALTHY),
        (ClusterError(ReasonCode.INVALID_CREDENTIALS, "unusable", temporary=False), ClusterState.UNHEALTHY),
    ],
)
def test_who_refuses_is_alive(error: ClusterError, state: ClusterState) -> None:
    assert state_after(error) is state


def test_the_outage_begins_when_it_is_noticed_and_is_remembered_over_a_restart() -> None:
    first = outage_fields(cluster(state="ONLINE"), ClusterState.OFFLINE, SETTINGS, NOW)
    assert first["offline_since"] == NOW.isoformat()
    assert first["evacuates_at"] == (NOW + timedelta(seconds=300)).isoformat()
    later = NOW + timedelta(seconds=200)
    again = outage_fields(cluster(state="OFFLINE", **first), ClusterState.OFFLINE, SETTINGS, later)
    assert again == first
    assert (
        outage_fields(cluster(state="OFFLINE", **first), ClusterState.UNHEALTHY, SETTINGS, later) == ANSWERS
    )
    back = outage_fields(cluster(state="ONLINE", **ANSWERS), ClusterState.OFFLINE, SETTINGS, later)
    assert back["offline_since"] == later.isoformat()


def test_evacuation_can_be_turned_off() -> None:
    off = Settings(evacuation_per_minute=0)
    fields = outage_fields(cluster(), ClusterState.OFFLINE, off, NOW)
    assert (fields["offline_since"], fields["evacuates_at"]) == (NOW.isoformat(), None)
