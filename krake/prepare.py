"""What Temporal must have before the API and the workers start; every step may be repeated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from krake.errors import KrakeError
from krake.settings import Settings
from krake.temporal import CLUSTER, KIND, NAME, NAMESPACE, OPERATION, connect

SEARCH_ATTRIBUTES = tuple(key.name for key in (KIND, NAMESPACE, NAME, OPERATION, CLUSTER))
"""What makes runs findable; all of type Keyword."""

HISTORY_RETENTION = timedelta(days=7)
"""How long Temporal keeps finished runs in a namespace that Krake makes."""

_PAUSE = 0.5

T = TypeVar("T")


async def reach_temporal(settings: Settings, patience: float) -> Client:
    """Connect to Temporal, trying again for `patience` seconds.

    Raises:
        KrakeError: nothing answered in that time.
    """
    return await _insist(lambda: connect(settings), patience, KrakeError)


async def ensure_namespace(client: Client, namespace: str) -> str:
    """Make the Temporal namespace where it is missing; says what was done."""
    if await _has_namespace(client, namespace):
        return f"{namespace} (there already)"
    request = RegisterNamespaceRequest(namespace=namespace)
    request.workflow_execution_retention_period.FromTimedelta(HISTORY_RETENTION)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise _refused("make the namespace", error) from error
    return f"{namespace} (made, keeps finished runs {HISTORY_RETENTION.days} days)"


async def _has_namespace(client: Client, namespace: str) -> bool:
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise _refused("look for the namespace", error) from error
    return True


async def ensure_search_attributes(client: Client, namespace: str, patience: float) -> str:
    """Register the search attributes that are missing; says which were.

    A namespace that has just been made is known to all of Temporal only after some seconds, hence `patience`.
    """
    try:
        added = await _insist(lambda: _add_missing(client, namespace), patience, RPCError)
    except RPCError as error:
        raise _refused("register the search attributes", error) from error
    return f"added {', '.join(added)}" if added else f"{', '.join(SEARCH_ATTRIBUTES)} (there already)"


async def _add_missing(client: Client, namespace: str) -> list[str]:
    operator = client.operator_service
    known = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=namespace))
    missing = [name for name in SEARCH_ATTRIBUTES if name not in known.custom_attributes]
    if missing:
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await operator.add_search_attributes(
            AddSearchAttributesRequest(namespace=namespace, search_attributes=dict.fromkeys(missing, keyword))
        )
    return missing


async def _insist(attempt: Callable[[], Awaitable[T]], patience: float, expected: type[Exception]) -> T:
    """Try again after an expected error until it works or `patience` seconds are over."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return await attempt()
        except expected:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(_PAUSE)


def _refused(step: str, error: RPCError) -> KrakeError:
    return KrakeError(
        f"Temporal does not let Krake {step}",
        why=f"{error.status.name}: {error.message}",
        fix="Check KRAKE_TEMPORAL_ADDRESS and KRAKE_TEMPORAL_NAMESPACE, and this client's rights there",
    )
