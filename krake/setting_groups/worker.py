"""What a worker does at the same time, and where it can be measured."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class WorkerSettings(SettingGroup):
    """What a worker does at the same time, and where it can be measured."""

    worker_metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Port of the worker's Prometheus metrics on `worker_metrics_host`; 0 takes any free one."""
    worker_metrics_host: str = "127.0.0.1"
    """Address that the worker's metrics listen on."""
    worker_temporal_metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9465
    """Port of the Temporal client's own metrics on `worker_metrics_host`; 0 takes any free one."""
    worker_max_activities: Annotated[int, Field(gt=0)] = 200
    """Activities that one worker runs at the same time."""
    worker_max_workflow_tasks: Annotated[int, Field(gt=0)] = 40
    """Workflow tasks that one worker runs at the same time."""
    worker_graceful_shutdown: Annotated[float, Field(ge=0)] = 10.0
    """Seconds that running activities get to finish when a worker is stopped."""
