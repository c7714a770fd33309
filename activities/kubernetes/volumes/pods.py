"""Finding the running Pod through which a volume is read or written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from activities.failures import user_error
from activities.kubernetes.connection import ClusterConnection, Document
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.volumes.place import Place
from krake.models.reasons import ReasonCode
from krake.volumes.analysis import DataVolume

_LOOK_AGAIN = 1.0
_MOST_PODS = "500"

Say = Callable[[str], Awaitable[None]]


async def has_data(connection: ClusterConnection, volume: DataVolume) -> bool:
    """Whether the volume is there at all; one that came with a new manifest is not at the source.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    kind, name = ("persistentvolumeclaims", volume.claim) if volume.claim else ("pods", volume.pod)
    return await _find(connection, f"{_root(connection, volume)}/{kind}/{quote(name)}") is not None


async def running_place(connection: ClusterConnection, volume: DataVolume, seconds: float, say: Say) -> Place:
    """Wait until a Pod that has mounted the volume runs.

    Args:
        connection: the cluster.
        volume: what has to be mounted.
        seconds: how long to wait.
        say: tells people what is waited for.

    Raises:
        ClusterError: the cluster does not answer or refuses.
        ApplicationError: no such Pod runs in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        pods = await _candidates(connection, volume)
        for pod in pods:
            if not _problem(pod, volume):
                return _place(connection, volume, pod)
        problem = _problem(pods[0], volume) if pods else _missing(volume)
        if time.monotonic() >= deadline:
            message = f"cannot copy {volume}: on {connection.name} {problem} after {seconds:g} s"
            raise user_error(ReasonCode.MIGRATION_FAILED, message)
        await say(f"waits to copy {volume}: on {connection.name} {problem}")
        await asyncio.sleep(_LOOK_AGAIN)


async def _candidates(connection: ClusterConnection, volume: DataVolume) -> list[Document]:
    path = f"{_root(connection, volume)}/pods"
    if volume.pod:
        pod = await _find(connection, f"{path}/{quote(volume.pod)}")
        return [pod] if pod is not None else []
    selector = ",".join(f"{key}={value}" for key, value in volume.labels)
    answer = await connection.request("GET", path, query={"labelSelector": selector, "limit": _MOST_PODS})
    return [pod for pod in answer.get("items") or [] if _mounts(pod, volume.claim)]


async def _find(connection: ClusterConnection, path: str) -> Document | None:
    try:
        return await connection.request("GET", path)
    except ClusterError as error:
        if error.not_found:
            return None
        raise


def _mounts(pod: Document, claim: str) -> bool:
    volumes = (pod.get("spec") or {}).get("volumes") or []
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == claim for volume in volumes)


def _problem(pod: Document, volume: DataVolume) -> str:
    """Why nothing can be run in the Pod's container; empty where it can."""
    metadata, status = pod["metadata"], pod.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return f"Pod {metadata['name']} is being deleted"
    if status.get("phase") != "Running":
        return f"Pod {metadata['name']} is {status.get('phase') or 'Pending'}, not Running"
    for container in status.get("containerStatuses") or []:
        if container.get("name") == volume.mount.container and "running" in (container.get("state") or {}):
            return ""
    return f"container {volume.mount.container} of Pod {metadata['name']} does not run"


def _missing(volume: DataVolume) -> str:
    return f"Pod {volume.pod} is not there" if volume.pod else f"{volume.owner} has no Pod"


def _place(connection: ClusterConnection, volume: DataVolume, pod: Document) -> Place:
    container = volume.mount.container
    specs = pod["spec"].get("containers") or []
    image = next((str(item.get("image")) for item in specs if item.get("name") == container), "")
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    return Place(connection, namespace, name, container, image, volume.mount.path)


def _root(connection: ClusterConnection, volume: DataVolume) -> str:
    return f"/api/v1/namespaces/{quote(volume.namespace or connection.namespace)}"
