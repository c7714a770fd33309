"""What Magnum says of a cluster, in the words of the interface of providers."""

from __future__ import annotations

from typing import Any

from activities.openstack.errors import is_quota
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import Progress, ProviderError, Stage

_FAILURES = {"CREATE": ReasonCode.CREATE_FAILED, "DELETE": ReasonCode.DELETE_FAILED}
_LONGEST = 400


def progress_of(cluster: dict[str, Any] | None) -> Progress:
    """How far a cluster is, by its document."""
    if cluster is None or cluster["status"] == "DELETE_COMPLETE":
        return Progress(Stage.GONE)
    status, nodes = str(cluster["status"]), cluster.get("node_count")
    what, _, how = status.partition("_")
    if how == "FAILED":
        why = _reason(cluster)
        code = (
            ReasonCode.QUOTA_EXCEEDED if is_quota(why) else _FAILURES.get(what, ReasonCode.RECONCILE_FAILED)
        )
        return Progress(Stage.FAILED, f"Magnum: {status}: {why}" if why else f"Magnum: {status}", nodes, code)
    if how == "COMPLETE":
        return Progress(Stage.READY, "", nodes)
    stage = Stage.DELETING if what == "DELETE" else Stage.WORKING
    why = _reason(cluster)
    return Progress(stage, f"Magnum: {status}: {why}" if why else f"Magnum: {status}", nodes)


def require_changeable(cluster: dict[str, Any] | None, what: str) -> dict[str, Any]:
    """The cluster, if Magnum changes such a one: it accepts a change in any state, and then forgets it.

    Raises:
        ProviderError: it is gone, or has to become ready first, or never will.
    """
    progress = progress_of(cluster)
    if cluster is None or progress.stage in (Stage.GONE, Stage.DELETING):
        raise ProviderError(
            ReasonCode.NOT_FOUND, f"The cluster cannot {what}: Magnum has it no more", temporary=False
        )
    if progress.stage is Stage.WORKING:
        raise ProviderError(
            ReasonCode.NOT_READY,
            f"The cluster cannot {what} yet: Magnum still works on it ({cluster['status']})",
            temporary=True,
        )
    if cluster["status"] in ("CREATE_FAILED", "DELETE_FAILED"):
        raise ProviderError(
            progress.code or ReasonCode.OPENSTACK_ERROR,
            f"The cluster cannot {what}: {progress.message}",
            temporary=False,
        )
    return cluster


def _reason(cluster: dict[str, Any]) -> str:
    """Why it is in its state, with what the resources of its stack say."""
    faults = cluster.get("faults") or {}
    # Parts without a fault are told, too: as null, or as its word in Python.
    parts = [f"{name}: {why}" for name, why in faults.items() if why and why != "None"]
    words = [str(cluster.get("status_reason") or ""), *parts]
    return " ".join("; ".join(filter(None, words)).split())[:_LONGEST]
