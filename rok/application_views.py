"""What is shown of an application."""

from __future__ import annotations

from typing import Any

from rok.common_views import backoff_rows, common_rows, ownership_rows
from rok.formats import NONE, age, date, lines, pairs, reason, reference
from rok.metric_views import wishes
from rok.moves_view import moves, object_lines
from rok.sources import definition

Document = dict[str, Any]


def _health(status: Document) -> str:
    health = status.get("container_health") or {}
    words = {"running": "active", "failed": "failed", "completed": "succeeded", "desired": "desired"}
    return " / ".join(f"{health.get(f'{key}_pods', 0)} {word}" for key, word in words.items())


def _rolled_back(status: Document) -> str:
    """The failed update that was undone last, and why it failed."""
    back = status.get("rolled_back")
    return f"from generation {back['from']} to {back['to']}: {back['reason']}" if back else NONE


def _as_of(status: Document) -> str:
    """How old the numbers are, where nobody vouches for them any more."""
    return f" ({age(status.get('observed_at'))})" if status.get("state") == "UNKNOWN" else ""


def _explained(document: Document) -> list[tuple[str, str]]:
    """What to do about an application that fits nowhere; its reason is one sentence only."""
    if (document["status"].get("reason") or {}).get("code") != "NO_SUITABLE_RESOURCE":
        return []
    metadata = document["metadata"]
    return [("what to do", f"rok kube app explain {metadata['name']} -n {metadata['namespace']}")]


def _drift(spec: Document, status: Document) -> str:
    """What has drifted, one object a line, or what is done about it where nothing has."""
    mode = str(spec.get("drift") or "correct")
    found = [
        f"{item['kind']}/{item['name']} {item['change']}"
        + (f": {', '.join(item['fields'])}" if item.get("fields") else "")
        + (f", by {', '.join(item['managers'])}" if item.get("managers") else "")
        + f", since {age(item.get('since'))}"
        for item in status.get("drift") or []
    ]
    return "\n".join([*found, f"({mode})"]) if found else f"{NONE} ({mode})"


def _hooks(spec: Document) -> str:
    """One line for each hook, with what was chosen for it."""
    chosen = {
        "grace": spec.get("shutdown_grace_time"),
        "strategy": spec.get("shutdown_failure_strategy"),
        "retries": spec.get("shutdown_retry_count"),
    }
    words = ", ".join(f"{key} {value}" for key, value in chosen.items() if value is not None)
    found = spec.get("hooks") or []
    return lines([f"{hook} ({words})" if hook == "shutdown" and words else str(hook) for hook in found])


def application(document: Document) -> list[tuple[str, str]]:
    """Everything a person wants to know of one application."""
    namespace = document["metadata"].get("namespace")
    spec, status = document["spec"], document["status"]
    constraints = spec.get("constraints") or {}
    labels = (constraints.get("cluster") or {}).get("labels")
    return [
        *common_rows(document),
        *ownership_rows(document),
        ("reason", reason(status)),
        *_explained(document),
        ("rolled back", _rolled_back(status)),
        ("message", status.get("message") or NONE),
        ("container_health", _health(status) + _as_of(status)),
        ("services", pairs(status.get("services"))),
        ("defined by", definition(spec, status)),
        ("migration", str(constraints.get("migration", True))),
        ("label constraints", lines(labels)),
        ("custom resources", lines((constraints.get("cluster") or {}).get("custom_resources"))),
        *wishes(spec),
        ("hooks", _hooks(spec)),
        ("scheduled_to", reference(status.get("scheduled_to"), namespace)),
        ("scheduled", date(status.get("scheduled"))),
        ("running_on", reference(status.get("running_on"), namespace)),
        ("objects", object_lines(status.get("objects") or [])),
        *moves(status, namespace),
        ("drift", _drift(spec, status)),
        ("observed", age(status.get("observed_at"))),
        *backoff_rows(document),
    ]
