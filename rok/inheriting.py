"""Clusters as people see them: with what they inherit from their cloud, each entry marked."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import click

from rok.client import Client
from rok.problems import ProblemError
from rok.resources import CLOUDS, GLOBAL_CLOUDS
from rok.session import Session

Document = dict[str, Any]


def with_inherited(session: Session, client: Client, document: Document) -> Document:
    """The document to show; one that inherits nothing, or is for programs, as it is.

    As for the scheduler, the cloud's labels win over the cluster's own, the cluster's own metrics over the
    cloud's.
    """
    place = (document.get("status") or {}).get("scheduled_to")
    labels = bool(document["metadata"].get("inherit_labels"))
    metrics = bool((document.get("spec") or {}).get("inherit_metrics"))
    if not session.for_people or document.get("kind") != "Cluster" or not place or not (labels or metrics):
        return document
    cloud = _cloud(client, place)
    return document if cloud is None else _merged(document, cloud, labels=labels, metrics=metrics)


def _cloud(client: Client, place: Document) -> Document | None:
    """The cloud, or None where it is gone or not to be seen: the cluster is still worth showing."""
    collection = CLOUDS if place.get("namespace") else GLOBAL_CLOUDS
    try:
        return client.get(collection.path(place.get("namespace"), place["name"]))
    except ProblemError as error:
        if error.status not in (403, 404):
            raise
        click.echo(f"Not shown: what is inherited from cloud {place['name']}. {error.what}", err=True)
        return None


def _merged(document: Document, cloud: Document, *, labels: bool, metrics: bool) -> Document:
    shown = deepcopy(document)
    if labels:
        theirs = cloud["metadata"].get("labels") or {}
        marked = {key: f"{value} (inherited)" for key, value in theirs.items()}
        shown["metadata"]["labels"] = {**(shown["metadata"].get("labels") or {}), **marked}
    if metrics:
        own = shown["spec"].get("metrics") or []
        names = {ref.get("alias") or ref["name"] for ref in own}
        part = cloud["spec"].get(cloud["spec"]["type"]) or {}
        theirs = [ref for ref in part.get("metrics") or [] if (ref.get("alias") or ref["name"]) not in names]
        shown["spec"]["metrics"] = [*own, *({**ref, "inherited": True} for ref in theirs)]
    return shown
