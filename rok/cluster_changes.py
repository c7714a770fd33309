"""Changes of clusters that update commands ask for: what was not given is left alone."""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from rok.changes import Change, Pairs, change_labels, change_metrics, together
from rok.errors import ExitCode, RokError
from rok.metric_options import Weights, references
from rok.options import given

Document = dict[str, Any]


class UpdateOptions(TypedDict, total=False):
    """What `update` takes besides a kubeconfig, as click hands it over."""

    labels: Pairs
    remove_existing_labels: bool
    custom_resources: tuple[str, ...]
    remove_existing_custom_resources: bool
    metrics: Weights
    global_metrics: Weights
    remove_existing_metrics: bool
    cloud_labels: tuple[str, ...]
    remove_existing_cloud_label_constraints: bool
    cloud_metrics: tuple[str, ...]
    remove_existing_cloud_metric_constraints: bool
    heal: bool | None
    backoff: int | None
    backoff_delay: int | None
    backoff_limit: int | None


def change_cluster(
    kubeconfig: Document | None, template: Document | None, **options: Unpack[UpdateOptions]
) -> Change:
    """The change of a cluster by the options of `update`.

    Args:
        kubeconfig: the new one of a cluster that was registered.
        template: the new TOSCA template of one that was made by one.

    Raises:
        click.UsageError: nothing would change.
    """
    resources = options["custom_resources"]
    replaced = list(resources) if resources or options["remove_existing_custom_resources"] else None
    settings = given(
        kubeconfig=kubeconfig,
        tosca=template,
        custom_resources=replaced,
        backoff=options["backoff"],
        backoff_delay=options["backoff_delay"],
        backoff_limit=options["backoff_limit"],
    )
    metrics = references(options["metrics"], options["global_metrics"])
    return together(
        change_labels(options["labels"], options["remove_existing_labels"]),
        (lambda document: document["spec"].update(settings)) if settings else None,
        change_metrics(metrics, options["remove_existing_metrics"]),
        _constrain("labels", options["cloud_labels"], options["remove_existing_cloud_label_constraints"]),
        _constrain("metrics", options["cloud_metrics"], options["remove_existing_cloud_metric_constraints"]),
        change_machines(heal=options["heal"]),
    )


def _constrain(field: str, wanted: tuple[str, ...], remove_existing: bool) -> Change | None:
    """Constraints on the cloud are added to those that are there, as in the original CLI."""

    def change(document: Document) -> None:
        cloud = document["spec"].setdefault("constraints", {}).setdefault("cloud", {})
        kept = [] if remove_existing else cloud.get(field) or []
        cloud[field] = [*kept, *(one for one in wanted if one not in kept)]

    return change if wanted or remove_existing else None


def change_machines(**fields: Any) -> Change | None:
    """The change of `spec.infrastructure`; None where nothing of it was given."""
    wanted = given(**fields)

    def change(document: Document) -> None:
        machines = document["spec"].get("infrastructure")
        if machines is None:
            raise _without_machines(document)
        machines.update(wanted)

    return change if wanted else None


def change_machines_only(**fields: Any) -> Change:
    """As `change_machines`, for commands that do nothing else.

    Raises:
        click.UsageError: nothing would change.
    """
    return together(change_machines(**fields))


def _without_machines(document: Document) -> RokError:
    name = document["metadata"]["name"]
    if document["spec"].get("tosca"):
        return RokError(
            f"The machines of cluster '{name}' are what its TOSCA template says",
            code=ExitCode.REFUSED,
            fix=f"Give a new template: `rok kube cluster update {name} -f FILE`",
        )
    return RokError(
        f"Krake did not make cluster '{name}': it was registered by its kubeconfig",
        code=ExitCode.REFUSED,
        why="Only the machines of clusters that were made with `rok kube cluster create` can be changed",
    )
