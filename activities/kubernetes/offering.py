"""What a cluster offers beyond Kubernetes itself: custom resource definitions, and its platform."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from activities.kubernetes.connection import ClusterConnection, Document
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.routes import ROUTE_GROUP
from krake.models.cluster import Platform
from krake.models.custom_resources import missing_definitions
from krake.models.reasons import ReasonCode
from krake.store import Record

DEFINITION = ServedKind(
    "apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False
)
METADATA_ONLY = (
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
)
"""How lists and single objects are asked for: names are all that is needed, whole definitions are large."""
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Offering:
    """The names of the definitions that are really there, None where they may not be read; the platform."""

    definitions: tuple[str, ...] | None
    platform: Platform


async def read_offering(connection: ClusterConnection) -> Offering:
    """Ask the cluster.

    Raises:
        ClusterError: it does not answer.
    """
    return Offering(await _definitions(connection), await read_platform(connection))


async def read_platform(connection: ClusterConnection) -> Platform:
    """OpenShift, where its Routes are served; else Kubernetes.

    Raises:
        ClusterError: the cluster does not answer.
    """
    answer = await connection.request("GET", "/apis")
    groups = {group.get("name") for group in answer.get("groups") or []}
    return Platform.OPENSHIFT if ROUTE_GROUP in groups else Platform.KUBERNETES


async def _definitions(connection: ClusterConnection) -> tuple[str, ...] | None:
    try:
        answer = await connection.request("GET", DEFINITION.collection, accept=METADATA_ONLY[0])
    except ClusterError as error:
        if error.status == _FORBIDDEN:
            return None
        raise
    return names_of(answer.get("items") or [])


def names_of(documents: Iterable[Document]) -> tuple[str, ...]:
    """The names of definitions, sorted."""
    return tuple(sorted(str(document["metadata"]["name"]) for document in documents))


def served_definitions(record: Record) -> list[str] | None:
    """What a cluster really has, as it was seen last; None while nobody has asked it."""
    served: list[str] | None = record.observation.get(
        "custom_resources", record.status.get("custom_resources")
    )
    return served


def broken_promise(spec: Document, served: Sequence[str] | None) -> dict[str, str] | None:
    """The reason of a cluster that works but lacks definitions that it is declared to have."""
    missing = missing_definitions(spec.get("custom_resources") or [], served)
    if not missing:
        return None
    message = f"declared but not there: {', '.join(missing)}"
    return {"code": ReasonCode.INVALID_CUSTOM_RESOURCE.value, "message": message}
