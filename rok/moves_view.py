"""How a move of an application is shown: where both copies are while it lasts, and how the last one ended."""

from __future__ import annotations

from typing import Any

from rok.formats import age, lines, reference

Document = dict[str, Any]


def object_lines(items: list[Document]) -> str:
    """One line for each object: ready, or what is missing until it is."""
    words = ["ready" if item.get("ready") else item.get("message") or "not ready" for item in items]
    return lines([f"{item['kind']}/{item['name']} {word}" for item, word in zip(items, words, strict=True)])


def moves(status: Document, namespace: str | None) -> list[tuple[str, str]]:
    """The attributes of what is moving, was asked to, or has moved; none where nothing ever did."""
    shown = []
    if request := status.get("request"):
        shown.append(("requested", _request(request)))
    if migration := status.get("migration"):
        shown += _going_on(status, migration, namespace)
    if last := status.get("last_migration"):
        shown.append(("last migration", _ended(last, namespace)))
    return shown


def _request(request: Document) -> str:
    where = f" to {request['cluster']}" if request.get("cluster") else ""
    return f"{request['kind']}{where}: {request.get('trigger', '')}"


def _going_on(status: Document, migration: Document, namespace: str | None) -> list[tuple[str, str]]:
    source, target = reference(migration["source"], namespace), reference(migration.get("target"), namespace)
    phase = str(migration["phase"]).replace("-", " ")
    other = target if status.get("scheduled_uid") == migration.get("source_uid") else source
    objects = migration.get("objects") or []
    found = [("moving", f"from {source} to {target}: {phase} (began {age(migration.get('started'))})")]
    return [*found, (f"objects on {other}", object_lines(objects))] if objects else found


def _ended(last: Document, namespace: str | None) -> str:
    source, target = reference(last["source"], namespace), reference(last.get("target"), namespace)
    why = ": ".join(part for part in (last.get("code"), last.get("message")) if part)
    words = f"from {source} to {target} {last['outcome']} {age(last.get('finished'))}"
    return f"{words}: {why}" if why else words
