"""`describe`: the whole story of one resource, for people; what happened last comes last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from rok.actions import fetch
from rok.capacity import METRIC_TITLES, capacity, metric_rows
from rok.capacity import TITLES as CAPACITY_TITLES
from rok.capacity import rows as capacity_rows
from rok.catalogue import WITH_STATE
from rok.client import Client
from rok.cluster_views import at_cloud_rows
from rok.conditions import CONDITION_TITLES, conditions
from rok.errors import ExitCode, RokError
from rok.events import TITLES as EVENT_TITLES
from rok.events import event_row, note_deletion
from rok.formats import NONE, age, lines, pairs, reference
from rok.output import as_text
from rok.resources import APPLICATIONS, CLUSTERS, Collection
from rok.session import Session
from rok.tables import Column, horizontal, vertical
from rok.views import details, taint_words

Document = dict[str, Any]

LAST_EVENTS = 10


def describe(session: Session, collection: Collection, name: str) -> None:
    """Tell the story of a resource; of one that was deleted, what is still known of it.

    Raises:
        RokError: there is no such resource, and no history of one.
    """
    client = session.connect()
    events = fetch(session, client, collection, name, "events", last=LAST_EVENTS)["items"]
    document = _find(client, collection.path(session.namespace, name))
    decision = _last_decision(client, collection, session.namespace, name)
    if not session.for_people:
        story = {"resource": document, "decision": decision, "events": events}
        click.echo(as_text(story, session.output))
        return
    if document is not None:
        _show_resource(session, collection, document)
        if collection is CLUSTERS:
            _show_capacity(session, client, name)
    else:
        note_deletion(collection, name, events)
    if decision is not None:
        click.echo(f"\nLast decision, {age(decision['at'])}, because of: {decision['trigger']}")
        click.echo(f"  {decision['summary']}")
    click.echo(f"\nLast {len(events)} events")
    click.echo(
        _table(session, EVENT_TITLES, [event_row(item, wide=session.output == "wide") for item in events])
    )


def _find(client: Client, path: str) -> Document | None:
    """The resource, or None where only its history is left."""
    try:
        return client.get(path)
    except RokError as error:
        if error.code is not ExitCode.NOT_FOUND:
            raise
        return None


def _last_decision(client: Client, collection: Collection, namespace: str, name: str) -> Document | None:
    if collection not in WITH_STATE:
        return None
    items: list[Document] = client.get(collection.path(namespace, name, "decisions"), limit=1)["items"]
    return items[0] if items else None


def _show_resource(session: Session, collection: Collection, document: Document) -> None:
    if collection not in WITH_STATE:
        click.echo(vertical(details(collection, document)))
        return
    spec = _application_spec if collection is APPLICATIONS else _cluster_spec
    metadata = document["metadata"]
    head = [
        ("name", metadata["name"]),
        ("namespace", metadata.get("namespace") or NONE),
        ("labels", pairs(metadata.get("labels"))),
        ("generation", f"{metadata['generation']}, changed {age(metadata['modified'])}"),
        ("state", document["status"]["state"]),
        *spec(document),
    ]
    click.echo(vertical(head))
    click.echo("\nConditions")
    click.echo(_table(session, CONDITION_TITLES, conditions(collection, document)))
    if collection is APPLICATIONS:
        _show_copies(session, document)
    else:
        _show_nodes(session, document)


def _show_capacity(session: Session, client: Client, name: str) -> None:
    found = capacity(client, session.namespace, name)["items"][0]
    on_it = found["applications"]
    click.echo(f"\nRoom, with {on_it} application{'' if on_it == 1 else 's'}")
    click.echo(_table(session, CAPACITY_TITLES[2:], [row[2:] for row in capacity_rows(found)]))
    if metrics := metric_rows(found):
        click.echo("\nMetrics")
        click.echo(_table(session, METRIC_TITLES[1:], [row[1:] for row in metrics]))


def _application_spec(document: Document) -> list[tuple[str, str]]:
    spec = document["spec"]
    objects = [f"{item['kind']}/{item['metadata']['name']}" for item in spec.get("manifest") or []]
    constraints = spec.get("constraints") or {}
    limit = spec.get("backoff_limit", -1)
    retries = "without end" if limit < 0 else str(limit)
    return [
        ("manifest", lines(objects)),
        ("constraints", lines((constraints.get("cluster") or {}).get("labels"))),
        ("may migrate", "yes" if constraints.get("migration", True) else "no"),
        ("rollback", "yes" if spec.get("rollback") else "no"),
        ("retries", retries),
        ("services", pairs(document["status"].get("services"))),
    ]


def _cluster_spec(document: Document) -> list[tuple[str, str]]:
    spec = document["spec"]
    return [
        ("version", document["status"].get("kubernetes_version") or NONE),
        *([row for row in at_cloud_rows(document) if row[1] != NONE]),
        ("cordoned", "yes" if spec.get("cordoned") else "no"),
        ("taints", lines([taint_words(one) for one in spec.get("taints") or []])),
    ]


def _show_copies(session: Session, document: Document) -> None:
    """The objects on the cluster; while the application moves, on both clusters."""
    status, namespace = document["status"], document["metadata"].get("namespace")
    place = status.get("running_on") or status.get("scheduled_to")
    migration = status.get("migration")
    if migration is None:
        _show_objects(session, f"Objects on {reference(place, namespace)}", status.get("objects"))
        return
    source, target = (reference(migration.get(side), namespace) for side in ("source", "target"))
    started = age(migration["started"])
    click.echo(f"\nMigration from {source} to {target}, {migration['phase']}, started {started}")
    moved = status.get("scheduled_uid") != migration["source_uid"]
    there, other = (target, source) if moved else (source, target)
    _show_objects(session, f"Objects on {there}", status.get("objects"))
    _show_objects(session, f"Objects on {other}", migration.get("objects"))


def _show_objects(session: Session, title: str, objects: list[Document] | None) -> None:
    rows = [
        [
            f"{item['kind']}/{item['name']}",
            item.get("namespace") or "",
            "ready" if item.get("ready") else "not ready",
            item.get("message") or "",
        ]
        for item in objects or []
    ]
    if rows:
        click.echo(f"\n{title}")
        click.echo(_table(session, ("object", "namespace", "readiness", "last error"), rows))


def _show_nodes(session: Session, document: Document) -> None:
    rows = []
    for node in document["status"].get("nodes") or []:
        states = {item["type"]: item for item in node.get("status", {}).get("conditions", [])}
        ready = states.pop("Ready", {})
        pressed = [kind for kind, item in states.items() if item["status"] == "True"]
        rows.append(
            [
                node.get("metadata", {}).get("name", ""),
                "ready" if ready.get("status") == "True" else "not ready",
                ", ".join([*pressed, *filter(None, [ready.get("message")])]),
            ]
        )
    if rows:
        click.echo("\nNodes")
        click.echo(_table(session, ("node", "readiness", "conditions"), rows))


def _table(session: Session, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    columns = [Column(title) for title in titles]
    return horizontal(columns, rows, wide=session.output == "wide")
