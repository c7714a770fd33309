"""The document of a cluster that Krake is to make, from the options of `create`."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

import click

from krake.tosca import VERSION_FIELD
from rok.documents import read_documents, title_of
from rok.errors import ExitCode, RokError
from rok.manifests import check_sendable
from rok.metric_options import Weights, references
from rok.options import given

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

MACHINES = (
    "nodes",
    "control_plane_nodes",
    "flavor",
    "control_plane_flavor",
    "image",
    "kubernetes_version",
    "template",
    "heal",
)
"""The options about machines, called as their fields."""


class CreationOptions(TypedDict, total=False):
    """What `create` takes, as click hands it over."""

    tosca: str | None
    nodes: int | None
    control_plane_nodes: str | None
    flavor: str | None
    control_plane_flavor: str | None
    image: str | None
    kubernetes_version: str | None
    template: str | None
    heal: bool | None
    cloud_labels: tuple[str, ...]
    cloud_metrics: tuple[str, ...]
    inherit_labels: bool
    inherit_metrics: bool
    labels: Pairs
    custom_resources: tuple[str, ...]
    metrics: Weights
    global_metrics: Weights
    backoff: int | None
    backoff_delay: int | None
    backoff_limit: int | None


def new_cluster(namespace: str, name: str, **options: Unpack[CreationOptions]) -> Document:
    """The cluster that the options ask for: by a template, else plainly, with its provider's defaults.

    Raises:
        click.UsageError: options do not go together.
        RokError: the file cannot be read, or holds no TOSCA template.
    """
    spec = {
        **_origin(options),
        **_constraints(options),
        **given(
            custom_resources=list(options["custom_resources"]) or None,
            metrics=references(options["metrics"], options["global_metrics"]) or None,
            inherit_metrics=options["inherit_metrics"] or None,
            backoff=options["backoff"],
            backoff_delay=options["backoff_delay"],
            backoff_limit=options["backoff_limit"],
        ),
    }
    inherits = {"inherit_labels": True} if options["inherit_labels"] else {}
    metadata = {"name": name, "namespace": namespace, "labels": dict(options["labels"]), **inherits}
    return {"api": "kubernetes", "kind": "Cluster", "metadata": metadata, "spec": spec}


def read_template(source: str) -> Document:
    """The TOSCA template in the file.

    Raises:
        RokError: the file cannot be read, or holds something else.
    """
    documents = read_documents(source)
    if len(documents) != 1 or not isinstance(documents[0], dict) or VERSION_FIELD not in documents[0]:
        raise RokError(
            f"{title_of(source)} holds no TOSCA template",
            code=ExitCode.REFUSED,
            why=f"A cluster is made by one document with {VERSION_FIELD} and an output kubeconfig",
            fix="Leave --file out to have a cluster made by --nodes, --flavor and the like",
        )
    check_sendable(documents, source)
    template: Document = documents[0]
    return template


def _origin(options: CreationOptions) -> Document:
    machines = {key: value for key, value in options.items() if key in MACHINES and value is not None}
    if options["tosca"] is not None:
        if machines:
            raise click.UsageError(
                f"{', '.join(map(_option, machines))}: the machines are what the template of --file says"
            )
        return {"tosca": read_template(options["tosca"])}
    if "control_plane_nodes" in machines:
        machines["control_plane_nodes"] = int(str(machines["control_plane_nodes"]))
    return {"infrastructure": machines}


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


def _constraints(options: CreationOptions) -> Document:
    wanted = {"labels": list(options["cloud_labels"]), "metrics": list(options["cloud_metrics"])}
    cloud = {key: value for key, value in wanted.items() if value}
    return {"constraints": {"cloud": cloud}} if cloud else {}
