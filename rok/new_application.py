"""The document of a new application, from the options of `create`."""

from __future__ import annotations

import os
from typing import Any, TypedDict, Unpack

import click

from rok.hooks import hook_fields
from rok.manifests import read_observer_schemas
from rok.options import given
from rok.sources import UNDEFINED, read_source

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

STARTS_ANEW = ("Job", "CronJob", "StatefulSet")
"""Kinds whose work or members do not simply go on elsewhere."""


class CreationOptions(TypedDict, total=False):
    """What `create` takes, as click hands it over."""

    manifest: str | None
    url: str | None
    values: Pairs
    tosca_inputs: Pairs
    observer_schema: str | None
    drift: str | None
    labels: Pairs
    constraints: tuple[str, ...]
    resources: tuple[str, ...]
    metric_constraints: tuple[str, ...]
    preferences: tuple[Document, ...]
    spread: Document | None
    migration: bool | None
    hook_complete: bool
    hook_shutdown: Document | None
    rollback: bool | None
    auto_cluster: bool | None
    backoff: int | None
    backoff_delay: int | None
    backoff_limit: int | None


def new_application(namespace: str, name: str, **options: Unpack[CreationOptions]) -> Document:
    """The application that the options ask for.

    Raises:
        click.UsageError: nothing says what it is made of, or options do not go together.
        RokError: a file cannot be read, or holds something else.
    """
    inputs = options["tosca_inputs"]
    source = read_source(options["manifest"], options["url"], options["values"], inputs)
    if source is None:
        raise click.UsageError(UNDEFINED)
    spec = {
        **source,
        **({"tosca_inputs": dict(inputs)} if inputs else {}),
        "constraints": _constraints(options),
        **({"preferences": list(options["preferences"])} if options["preferences"] else {}),
        **hook_fields(options["hook_complete"], options["hook_shutdown"]),
        **_settings(options),
    }
    return {
        "api": "kubernetes",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(options["labels"])},
        "spec": spec,
    }


def _constraints(options: CreationOptions) -> Document:
    wanted = {
        "labels": list(options["constraints"]),
        "custom_resources": list(options["resources"]),
        "metrics": list(options["metric_constraints"]),
        "spread": options["spread"],
    }
    cluster = {key: value for key, value in wanted.items() if value}
    return {"cluster": cluster, **given(migration=options["migration"])}


def _settings(options: CreationOptions) -> Document:
    schema = options["observer_schema"]
    return given(
        observer_schema=None if schema is None else read_observer_schemas(schema),
        drift=options["drift"],
        rollback=options["rollback"],
        auto_cluster_create=options["auto_cluster"],
        backoff=options["backoff"],
        backoff_delay=options["backoff_delay"],
        backoff_limit=options["backoff_limit"],
    )


def warn_of_restarts(spec: Document) -> None:
    """Warn of objects that a migration would start anew, where nothing lets them shut down first.

    As with the original CLI, `PYTHONWARNINGS=ignore` silences it.
    """
    if spec["constraints"].get("migration") is False or "shutdown" in spec["hooks"]:
        return
    kinds = {item.get("kind") for item in spec["manifest"] if isinstance(item, dict)}
    found = [kind for kind in STARTS_ANEW if kind in kinds]
    if found and os.environ.get("PYTHONWARNINGS") != "ignore":
        click.echo(
            f"Warning: {', '.join(found)}: a migration starts such objects anew on the other cluster\n"
            "Let it shut down first with --hook-shutdown, or keep it there with --disable-migration",
            err=True,
        )
