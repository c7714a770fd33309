"""The conditions of a resource: what holds, since when, when it was seen last, and why it does not hold."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, age, explanation, reason, reference
from rok.resources import APPLICATIONS, Collection

Document = dict[str, Any]

CONDITION_TITLES = ("condition", "holds", "since", "observed", "reason")

_READY = frozenset({"RUNNING", "COMPLETED"})


def conditions(collection: Collection, document: Document) -> list[list[str]]:
    """The rows under `CONDITION_TITLES`."""
    return _of_application(document) if collection is APPLICATIONS else _of_cluster(document)


def _row(name: str, holds: bool, since: str | None, observed: str | None, why: str) -> list[str]:
    since = age(since) if since else NONE
    return [name, "yes" if holds else "no", since, age(observed) if observed else NONE, why]


def _of_application(document: Document) -> list[list[str]]:
    metadata, status = document["metadata"], document["status"]
    namespace = metadata.get("namespace")
    observed, deployed = status.get("observed_at"), status.get("deployed_at")
    placed = status.get("scheduled_to")
    why = "" if status["state"] in _READY else _why(status)
    current = status.get("observed_generation", 0) >= metadata["generation"] and bool(deployed)
    rows = [
        _row(
            "Scheduled",
            bool(placed),
            status.get("scheduled"),
            None,
            f"on {reference(placed, namespace)}" if placed else why,
        ),
        _row("Deployed", current and not why, deployed, observed, _generations(metadata, status)),
        _row("Ready", status["state"] in _READY, deployed if not why else None, observed, why),
    ]
    if status.get("scheduled_retry"):
        left = "without end" if status.get("retries") is None else f"{status['retries']} left"
        rows.append(_row("Retrying", True, None, None, f"next attempt {status['scheduled_retry']}, {left}"))
    back = status.get("rolled_back")
    if back:
        words = f"from generation {back['from']} to {back['to']}: {back['reason']}"
        rows.append(_row("RolledBack", True, back["at"], None, words))
    return rows


def _generations(metadata: Document, status: Document) -> str:
    good = status.get("last_good_generation") or NONE
    return f"generation {metadata['generation']}, last good one {good}"


def _why(status: Document) -> str:
    """The reason, or what is being waited for."""
    return explanation(status) or str(status["state"])


def _of_cluster(document: Document) -> list[list[str]]:
    status = document["status"]
    observed = status.get("observed_at")
    online = status["state"] == "ONLINE"
    nodes = status.get("nodes") or []
    ready = [node for node in nodes if _is_ready(node)]
    return [
        *_provisioned(status),
        _row("Verified", bool(status.get("verified_at")), status.get("verified_at"), None, ""),
        _row("Online", online, None, observed, "" if online else _why(status)),
        _row("NodesReady", bool(nodes) and len(ready) == len(nodes), None, observed, _count(ready, nodes)),
    ]


def _provisioned(status: Document) -> list[list[str]]:
    """Whether the cloud has made it; nothing for a cluster that was registered."""
    provisioning = status.get("provisioning")
    if not provisioning:
        return []
    made = provisioning["phase"] in ("ready", "changing")
    why = reason({"reason": provisioning["trouble"]}) if provisioning.get("trouble") else ""
    words = why or provisioning.get("message") or provisioning["phase"]
    return [_row("Provisioned", made, provisioning["since"], provisioning.get("checked_at"), words)]


def _is_ready(node: Document) -> bool:
    found = node.get("status", {}).get("conditions", [])
    return any(item["type"] == "Ready" and item["status"] == "True" for item in found)


def _count(ready: list[Document], nodes: list[Document]) -> str:
    return f"{len(ready)} of {len(nodes)} nodes ready"
