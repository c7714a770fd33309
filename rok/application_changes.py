"""Changes of applications that `update` asks for: what was not given is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypedDict, Unpack

import click

from rok.changes import Change, Pairs, change_labels, together
from rok.hooks import hook_fields
from rok.manifests import read_observer_schemas
from rok.options import given
from rok.sources import read_source

Document = dict[str, Any]


class UpdateOptions(TypedDict, total=False):
    """What `update` takes, as click hands it over."""

    manifest: str | None
    url: str | None
    values: Pairs
    tosca_inputs: Pairs
    remove_existing_tosca_inputs: bool
    observer_schema: str | None
    drift: str | None
    labels: Pairs
    remove_existing_labels: bool
    constraints: tuple[str, ...]
    remove_existing_label_constraints: bool
    resources: tuple[str, ...]
    remove_existing_resource_constraints: bool
    metric_constraints: tuple[str, ...]
    remove_existing_metric_constraints: bool
    preferences: tuple[Document, ...]
    remove_existing_preferences: bool
    spread: Document | None
    remove_existing_spread: bool
    migration: bool | None
    hook_complete: bool
    hook_shutdown: Document | None
    remove_existing_hooks: bool
    rollback: bool | None
    auto_cluster: bool | None
    backoff: int | None
    backoff_delay: int | None
    backoff_limit: int | None


def change_application(**options: Unpack[UpdateOptions]) -> Change:
    """The change of an application that the options ask for.

    Raises:
        click.UsageError: nothing would change, or options do not go together.
        RokError: a file cannot be read, or holds something else.
    """
    source = read_source(options["manifest"], options["url"], options["values"], options["tosca_inputs"])
    if options["values"] and source is None:
        raise click.UsageError("--inject needs a manifest: give it with --file")
    return together(
        change_labels(options["labels"], options["remove_existing_labels"]),
        _settings(source or {}, options),
        _inputs(options["tosca_inputs"], options["remove_existing_tosca_inputs"]),
        *_cluster_constraints(options),
        _spread(options["spread"], options["remove_existing_spread"]),
        _preferences(options["preferences"], options["remove_existing_preferences"]),
        _migration(options["migration"]),
        _hooks(options),
    )


def _settings(source: Document, options: UpdateOptions) -> Change | None:
    """What the application is made of, and fields that take one value."""
    schema = options["observer_schema"]
    fields = source | given(
        observer_schema=None if schema is None else read_observer_schemas(schema),
        drift=options["drift"],
        rollback=options["rollback"],
        auto_cluster_create=options["auto_cluster"],
        backoff=options["backoff"],
        backoff_delay=options["backoff_delay"],
        backoff_limit=options["backoff_limit"],
    )
    return (lambda document: document["spec"].update(fields)) if fields else None


def _inputs(inputs: Pairs, remove_existing: bool) -> Change | None:
    def change(document: Document) -> None:
        kept = {} if remove_existing else document["spec"].get("tosca_inputs") or {}
        document["spec"]["tosca_inputs"] = {**kept, **dict(inputs)}

    return change if inputs or remove_existing else None


def _cluster_constraints(options: UpdateOptions) -> Iterator[Change | None]:
    """Labels and custom resources replace those that are there, metrics are added, as in the original CLI."""
    replaced = {
        "labels": (options["constraints"], options["remove_existing_label_constraints"]),
        "custom_resources": (options["resources"], options["remove_existing_resource_constraints"]),
    }
    for field, (wanted, emptied) in replaced.items():
        yield _cluster_constraint(field, wanted, keep=False) if wanted or emptied else None
    metrics, emptied = options["metric_constraints"], options["remove_existing_metric_constraints"]
    yield _cluster_constraint("metrics", metrics, keep=not emptied) if metrics or emptied else None


def _cluster_constraint(field: str, wanted: tuple[str, ...], *, keep: bool) -> Change:
    def change(document: Document) -> None:
        cluster = document["spec"]["constraints"]["cluster"]
        kept = (cluster.get(field) or []) if keep else []
        cluster[field] = [*kept, *(one for one in wanted if one not in kept)]

    return change


def _spread(spread: Document | None, remove_existing: bool) -> Change | None:
    if spread is None and not remove_existing:
        return None
    return lambda document: document["spec"]["constraints"]["cluster"].update(spread=spread)


def _preferences(preferences: tuple[Document, ...], remove_existing: bool) -> Change | None:
    wanted = list(preferences)
    asked = preferences or remove_existing
    return (lambda document: document["spec"].update(preferences=wanted)) if asked else None


def _migration(migration: bool | None) -> Change | None:
    if migration is None:
        return None
    return lambda document: document["spec"]["constraints"].update(migration=migration)


def _hooks(options: UpdateOptions) -> Change | None:
    complete, shutdown = options["hook_complete"], options["hook_shutdown"]
    remove_existing = options["remove_existing_hooks"]

    def change(document: Document) -> None:
        present = [] if remove_existing else document["spec"].get("hooks") or []
        document["spec"].update(hook_fields(complete, shutdown, present))

    return change if complete or shutdown is not None or remove_existing else None
