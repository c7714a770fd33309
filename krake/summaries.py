"""Keeps the summaries of workflows and steps readable in Temporal, where everything else is encrypted."""

from __future__ import annotations

from typing import Any

from temporalio import client, worker
from temporalio.client import OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.worker import (
    StartActivityInput,
    StartChildWorkflowInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle, ChildWorkflowHandle

from krake.payloads import Plain


class ReadableSummaries(client.Interceptor, worker.Interceptor):
    """Marks every summary as a text that is not encrypted. A client that has it gives it to its workers."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Around the calls of a client."""
        return _Starts(next)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """Around the calls of workflows."""
        return _Workflow


class _Starts(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        input.static_summary = _plain(input.static_summary)
        return await super().start_workflow(input)


class _Workflow(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Steps(outbound))


class _Steps(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
        input.summary = _plain(input.summary)
        return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:
        input.summary = _plain(input.summary)
        return super().start_local_activity(input)

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> ChildWorkflowHandle[Any, Any]:
        input.static_summary = _plain(input.static_summary)
        return await super().start_child_workflow(input)


def _plain(summary: str | None) -> str | None:
    return summary if summary is None else Plain(summary)
