"""Two clusters with one Pod each, and the activity that copies between them.

No cluster of this machine runs containers: commands in Pods are run by `tests.support.exec_server`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.kubernetes.connections import Connections
from activities.kubernetes.volumes.copying import VolumeActivities
from activities.kubernetes.volumes.progress import ResumePoint
from krake.messages.base import Target
from krake.messages.moving import CopiedVolumes, CopyVolumes
from krake.models.events import Event
from krake.settings import Settings
from krake.store import Store
from tests.activities.workbench import NAMESPACE, application_spec, register, target_of
from tests.support.exec_server import Node, exec_server
from tests.support.manifests import IMAGE, pod
from tests.support.store import add

Document = dict[str, Any]

POD = "/api/v1/namespaces/default/pods/db"
PATH = "/data"


def pod_with_data(name: str = "db") -> Document:
    """A bare Pod that writes into a volume of its own."""
    document = pod(name)
    document["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    document["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": PATH}]
    return document


def running(document: Document) -> Document:
    """A Pod as a cluster shows it when it runs."""
    state = {"name": "main", "state": {"running": {}}}
    metadata = {**document["metadata"], "namespace": "default"}
    return {**document, "metadata": metadata, "status": {"phase": "Running", "containerStatuses": [state]}}


class Stage:
    """Copies the volume of a Pod from one cluster to another."""

    def __init__(
        self, store: Store, connections: Connections, settings: Settings, call: CopyVolumes, nodes: list[Node]
    ) -> None:
        self.store = store
        self.call = call
        self.at_source, self.at_target = nodes
        self.settings = settings
        self.source = self.at_source.mount("db", PATH)
        self.target = self.at_target.mount("db", PATH)
        self.beats: list[ResumePoint] = []
        self.environment = ActivityEnvironment()
        self._connections = connections

    async def copy(self, after: ResumePoint | None = None, **settings: Any) -> CopiedVolumes:
        """One attempt, which goes on after another one."""
        self.environment = environment = ActivityEnvironment()
        details = [after.model_dump(mode="json")] if after else []
        environment.info = replace(
            environment.info, scheduled_time=datetime.now(UTC), heartbeat_details=details
        )
        environment.on_heartbeat = self.beats.append
        activities = VolumeActivities(
            self.store, self._connections, self.settings.model_copy(update=settings)
        )
        return await environment.run(activities.copy_volumes, self.call)

    async def fails(self, after: ResumePoint | None = None, **settings: Any) -> str:
        """What an attempt is ended for by an error that somebody has to mend."""
        try:
            copied = await self.copy(after, **settings)
        except ApplicationError as error:
            assert (error.type, error.non_retryable) == ("MIGRATION_FAILED", True)
            return error.message
        raise AssertionError(f"nothing failed: {copied}")

    async def events(self) -> list[Event]:
        """What happened to the application."""
        return await self.store.events(uid=self.call.target.uid)

    async def message(self) -> str:
        """What the application's status says."""
        record = await self.store.get("Application", NAMESPACE, self.call.target.name)
        return str(record.status.get("message") or "")


def tree(folder: Path) -> dict[bytes, tuple[int, int, bytes]]:
    """Everything in a folder: kind and mode, time in seconds but for links, and content."""
    found: dict[bytes, tuple[int, int, bytes]] = {}
    for path, folders, files in os.walk(os.fsencode(folder)):
        for name in [*folders, *files]:
            full = os.path.join(path, name)
            status = os.lstat(full)
            what, modified = b"", int(status.st_mtime)
            if os.path.islink(full):
                what, modified = os.readlink(full), 0
            elif os.path.isfile(full):
                what = Path(os.fsdecode(full)).read_bytes()
            found[os.path.relpath(full, os.fsencode(folder))] = (status.st_mode, modified, what)
    return found


async def gone(*nodes: Node) -> bool:
    """Whether every command has ended."""
    await asyncio.sleep(0)
    return not any(node.running() for node in nodes)


@asynccontextmanager
async def staged(
    tmp_path: Path, store: Store, connections: Connections, settings: Settings
) -> AsyncIterator[Stage]:
    """Two clusters, `de` and `it`, on which the same Pod runs."""
    document = pod_with_data()
    app = await add(store, "app", NAMESPACE, spec=application_spec(document))
    async with AsyncExitStack() as stack:
        clusters: list[Target] = []
        nodes = [Node(tmp_path / name, documents={POD: running(document)}) for name in ("de", "it")]
        for node in nodes:
            name = node.folder.name
            kubeconfig = await stack.enter_async_context(exec_server(tmp_path, name, node))
            clusters.append(target_of(await register(store, name, kubeconfig)))
        call = CopyVolumes(
            target=target_of(app), source=clusters[0], destination=clusters[1], generation=app.generation
        )
        yield Stage(store, connections, settings, call, nodes)


__all__ = ["IMAGE", "PATH", "POD", "Stage", "gone", "pod_with_data", "running", "staged", "tree"]
