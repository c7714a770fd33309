"""Changes of existing resources that update commands ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from rok.hooks import hook_fields
from rok.metric_options import Weights, references
from rok.options import given

Document = dict[str, Any]
Change = Callable[[Document], None]
Pairs = tuple[tuple[str, str], ...]


def change_application(
    source: Document | None,
    *,
    observer_schema: list[Document] | None,
    drift: str | None,
    labels: Pairs,
    remove_existing_labels: bool,
    constraints: tuple[str, ...],
    remove_existing_label_constraints: bool,
    resources: tuple[str, ...],
    remove_existing_resource_constraints: bool,
    migration: bool | None,
    values: Pairs,
    tosca_inputs: Pairs = (),
    remove_existing_tosca_inputs: bool = False,
    hook_complete: bool = False,
    hook_shutdown: Document | None = None,
    remove_existing_hooks: bool = False,
    metric_constraints: tuple[str, ...] = (),
    remove_existing_metric_constraints: bool = False,
    preferences: tuple[Document, ...] = (),
    remove_existing_preferences: bool = False,
    spread: Document | None = None,
    remove_existing_spread: bool = False,
    **backoff: int | None,
) -> Change:
    """The change of an application by the options of `update`; what was not given is left alone.

    `source` are the fields of the spec that say what it is made of.

    Raises:
        click.UsageError: nothing would change, or values are to be injected into no manifest.
    """
    if values and source is None:
        raise click.UsageError("--inject needs a manifest: give it with --file")
    settings = {**(source or {}), **given(observer_schema=observer_schema, drift=drift, **backoff)}
    new_inputs = tosca_inputs or remove_existing_tosca_inputs
    new_constraints = constraints or remove_existing_label_constraints
    new_resources = resources or remove_existing_resource_constraints
    new_metrics = metric_constraints or remove_existing_metric_constraints
    new_preferences = preferences or remove_existing_preferences
    sorts: dict[str, tuple[Any, Any]] = {
        "labels": (new_constraints, list(constraints)),
        "custom_resources": (new_resources, list(resources)),
        "metrics": (new_metrics, list(metric_constraints)),
        "spread": (spread is not None or remove_existing_spread, spread),
    }
    new_cluster = {sort: value for sort, (wanted, value) in sorts.items() if wanted}
    new_hooks = hook_complete or hook_shutdown is not None or remove_existing_hooks
    wishes = (labels, remove_existing_labels, settings, new_cluster, new_inputs)
    _require(*wishes, migration is not None, new_hooks, new_preferences)

    def change(document: Document) -> None:
        _change_labels(document, labels, remove_existing_labels)
        spec = document["spec"]
        spec.update(settings)
        if new_inputs:
            kept = {} if remove_existing_tosca_inputs else spec.get("tosca_inputs") or {}
            spec["tosca_inputs"] = {**kept, **dict(tosca_inputs)}
        spec["constraints"]["cluster"].update(new_cluster)
        if new_preferences:
            spec["preferences"] = list(preferences)
        if migration is not None:
            spec["constraints"]["migration"] = migration
        if new_hooks:
            present = [] if remove_existing_hooks else spec.get("hooks") or []
            spec.update(hook_fields(hook_complete, hook_shutdown, present))

    return change


def change_cluster(
    kubeconfig: Document | None,
    *,
    labels: Pairs,
    remove_existing_labels: bool,
    custom_resources: tuple[str, ...],
    remove_existing_custom_resources: bool,
    metrics: Weights = (),
    global_metrics: Weights = (),
    remove_existing_metrics: bool = False,
    **backoff: int | None,
) -> Change:
    """The change of a cluster by the options of `update`; what was not given is left alone.

    Raises:
        click.UsageError: nothing would change.
    """
    new_resources = list(custom_resources) if custom_resources or remove_existing_custom_resources else None
    refs = references(metrics, global_metrics)
    new_metrics = refs if refs or remove_existing_metrics else None
    settings = given(kubeconfig=kubeconfig, custom_resources=new_resources, metrics=new_metrics, **backoff)
    _require(labels, remove_existing_labels, settings)

    def change(document: Document) -> None:
        _change_labels(document, labels, remove_existing_labels)
        document["spec"].update(settings)

    return change


def _require(*wishes: object) -> None:
    if not any(wishes):
        raise click.UsageError("At least one argument must be specified.")


def _change_labels(document: Document, labels: Pairs, remove_existing: bool) -> None:
    metadata = document["metadata"]
    metadata["labels"] = {**({} if remove_existing else metadata.get("labels") or {}), **dict(labels)}
