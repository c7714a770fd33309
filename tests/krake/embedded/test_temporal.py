"""Temporal's development server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, WorkflowExecutionStatus

from krake.embedded.binaries import TEMPORAL, ensure
from krake.embedded.temporal import SEARCH_ATTRIBUTES, TemporalServer
from krake.errors import KrakeError
from tests.support.servers import temporal_server


async def test_the_search_attributes_are_there(tmp_path: Path) -> None:
    async with temporal_server(tmp_path) as server:
        client = await Client.connect(server.address)
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="default")
        )
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        assert {name: answer.custom_attributes[name] for name in SEARCH_ATTRIBUTES} == dict.fromkeys(
            SEARCH_ATTRIBUTES, keyword
        )


async def test_the_state_survives_a_kill(tmp_path: Path) -> None:
    async with temporal_server(tmp_path) as server:
        client = await Client.connect(server.address)
        await client.start_workflow("Nobody", id="kept", task_queue="nobody")
        process = server.process.find()
        assert process is not None
        process.kill()
        await asyncio.to_thread(process.wait)
        assert not await server.answers()

        await server.start(ensure([TEMPORAL])[TEMPORAL.name])
        again = await Client.connect(server.address)
        description = await again.get_workflow_handle("kept").describe()
        assert description.status is WorkflowExecutionStatus.RUNNING


async def test_a_second_start_takes_the_running_server(tmp_path: Path) -> None:
    async with temporal_server(tmp_path) as server:
        before = server.process.pid
        await server.start(ensure([TEMPORAL])[TEMPORAL.name])
        assert server.process.pid == before


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    async with temporal_server(tmp_path / "first") as first:
        second = TemporalServer(tmp_path / "second", first.port)
        with pytest.raises(KrakeError, match=f"Port {first.port} for Temporal is taken"):
            await second.start(ensure([TEMPORAL])[TEMPORAL.name])
