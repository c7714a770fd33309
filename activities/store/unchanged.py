"""Changes of an application that need no deployment."""

from __future__ import annotations

import hashlib

import orjson

from krake.models.application import ApplicationState
from krake.store import Record

_NO_DEPLOYMENT = frozenset({"drift", "rollback"})
"""Fields of the spec that say how to look at the cluster, or what to do when a rollout fails, and not what is
to be there."""

_SETTLED = frozenset({ApplicationState.RUNNING, ApplicationState.COMPLETED})


def digest(record: Record) -> str:
    """A digest of everything that a deployment depends on."""
    spec = {key: value for key, value in record.spec.items() if key not in _NO_DEPLOYMENT}
    content = orjson.dumps([record.labels, spec], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:32]


def is_deployed_already(record: Record) -> bool:
    """Whether a newer generation asks for nothing but what runs.

    Applying it nevertheless would undo what the user has just asked to leave alone.
    """
    status = record.status
    return (
        record.deleted is None
        and status.get("state") in _SETTLED
        and status.get("observed_generation", 0) < record.generation
        and status.get("applied_digest") == digest(record)
    )
