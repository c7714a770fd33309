"""What happens around every activity: its failures get reason codes, its outcome is counted and logged."""

from __future__ import annotations

import time
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.kubernetes.errors import ClusterError
from activities.metrics import ACTIVITIES, ACTIVITY_SECONDS

_ON_CLUSTERS = frozenset(
    {
        "apply_manifest",
        "await_ready",
        "collect_orphans",
        "compare_application",
        "copy_volumes",
        "observe_cluster",
        "remove_objects",
        "verify_cluster",
    }
)
_ON_TEMPORAL = frozenset(
    {
        "wake_waiting_applications",
        "wake_cluster",
        "wake_lifecycle",
        "start_clearing",
        "clear_cluster",
        "sweep",
        "rebalance",
    }
)
_ON_APPLICATIONS = frozenset({"request_shutdown"})

log = structlog.get_logger()


class OutcomeInterceptor(Interceptor):
    """Wraps every activity of the worker."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Put the wrapper around the activity."""
        return _Outcome(next)


class _Outcome(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        info = activity.info()
        system, started, outcome = _system(info.activity_type), time.perf_counter(), "ok"
        try:
            with structlog.contextvars.bound_contextvars(
                workflow=info.workflow_id, activity=info.activity_type, attempt=info.attempt
            ):
                return await self._run(input)
        except ApplicationError as error:
            outcome = error.type or "INTERNAL_ERROR"
            raise
        except Exception:
            outcome = "INTERNAL_ERROR"
            raise
        except BaseException:
            outcome = "cancelled"
            raise
        finally:
            ACTIVITIES.labels(system, info.activity_type, outcome).inc()
            ACTIVITY_SECONDS.labels(system, info.activity_type).observe(time.perf_counter() - started)

    async def _run(self, input: ExecuteActivityInput) -> Any:
        try:
            return await super().execute_activity(input)
        except ClusterError as error:
            log.info("activity failed", reason=error.code.value, message=error.message)
            # What a cluster said is told in full by the message: its stack would only repeat addresses.
            raise ApplicationError(
                error.message, type=error.code.value, non_retryable=not error.temporary
            ) from None
        except ApplicationError as error:
            log.info("activity failed", reason=error.type, message=error.message)
            raise
        except Exception as error:
            log.error("activity broke", error=type(error).__name__, exc_info=True)
            raise


def _system(name: str) -> str:
    if name in _ON_CLUSTERS:
        return "kubernetes"
    if name in _ON_APPLICATIONS:
        return "application"
    return "temporal" if name in _ON_TEMPORAL else "store"
