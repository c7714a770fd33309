"""The copy step on a real Temporal. Commands in Pods are run by `tests.support.exec_server`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from activities.kubernetes.connections import Connections
from activities.kubernetes.limits import Limits
from activities.kubernetes.volumes.copying import VolumeActivities
from krake.messages.lifecycle import Progress
from krake.messages.names import PROGRESS_QUERY
from krake.settings import Settings
from krake.store import Store
from tests.activities.kubernetes.volumes.stage import Stage, staged, tree
from tests.support.waiting import until
from tests.workflows.copying import CopyData
from worker.build import workflow_runner
from worker.interceptors import OutcomeInterceptor
from workflows.errors import cause_of


@asynccontextmanager
async def copying(client: Client, store: Store, folder: Path) -> AsyncIterator[tuple[Stage, str]]:
    """Two clusters, and a worker that copies between them; gives them and its task queue."""
    connections, settings, queue = Connections(store, Limits()), Settings(state_dir=folder), uuid4().hex
    async with (
        staged(folder, store, connections, settings) as stage,
        Worker(
            client,
            task_queue=queue,
            workflows=[CopyData],
            activities=[VolumeActivities(store, connections, settings).copy_volumes],
            interceptors=[OutcomeInterceptor()],
            workflow_runner=workflow_runner(),
            max_heartbeat_throttle_interval=timedelta(milliseconds=100),
        ),
    ):
        yield stage, queue
    await connections.close()


async def start(client: Client, stage: Stage, queue: str) -> WorkflowHandle[CopyData, None]:
    """Begin to copy."""
    return await client.start_workflow(CopyData.run, stage.call, id=f"copy-{queue}", task_queue=queue)


async def test_a_cut_connection_costs_an_attempt_and_no_data(
    client: Client, store: Store, tmp_path: Path
) -> None:
    async with copying(client, store, tmp_path) as (stage, queue):
        for number in range(4):
            (stage.source / str(number)).write_bytes(os.urandom(300_000))
        stage.at_source.faults.cut_after = 500_000
        handle = await start(client, stage, queue)
        await handle.result()
        assert tree(stage.target) == tree(stage.source)
        progress = await handle.query(PROGRESS_QUERY, result_type=Progress)
        assert progress.step == "copy the volumes' data from de to it"
        started = [
            event.activity_task_started_event_attributes.attempt
            async for event in handle.fetch_history_events()
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
        ]
        assert started == [2]


async def test_an_error_to_mend_ends_it_with_its_reason(client: Client, store: Store, tmp_path: Path) -> None:
    async with copying(client, store, tmp_path) as (stage, queue):
        (stage.source / "cache").write_text("content")
        (stage.target / "cache").mkdir()
        handle = await start(client, stage, queue)
        with pytest.raises(WorkflowFailureError) as raised:
            await handle.result()
        cause = cause_of(raised.value.cause)
        assert (cause.code, cause.final) == ("MIGRATION_FAILED", True)
        assert "cache was made as something else" in cause.message


async def test_cancelling_waits_until_nothing_is_written_any_more(
    client: Client, store: Store, tmp_path: Path
) -> None:
    async with copying(client, store, tmp_path) as (stage, queue):
        (stage.source / "file").write_bytes(os.urandom(20_000_000))
        stage.at_source.faults.pause = 0.05
        handle = await start(client, stage, queue)

        async def on_its_way() -> bool:
            return stage.at_source.archived > 500_000

        await until("the stream is on its way", on_its_way)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        size = stage.at_source.archived

        async def ended() -> bool:
            return not stage.at_source.running() and not stage.at_target.running()

        await until("every command has ended", ended, 5)
        assert stage.at_source.archived == size
