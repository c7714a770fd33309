"""The step of a migration that copies what the application keeps in volumes."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.volumes.copying import VolumeActivities
    from krake.messages.base import Target
    from krake.messages.moving import CopyVolumes
    from workflows.options import UNTIL_DONE, on_cluster
    from workflows.progress import Steps

_COPY_TIME = timedelta(hours=24)
_HEARTBEAT = timedelta(seconds=30)


async def copy_data(
    steps: Steps, target: Target, source: Target, destination: Target, generation: int
) -> None:
    """Copy the volumes of an application that is ready on both clusters.

    A lost connection or worker costs an attempt, and the next one goes on where it was; the activity itself
    gives up when nothing has moved for too long. Cancelling is waited for: nothing is written at the target
    afterwards.

    Raises:
        ActivityError: it failed for good; its cause has the reason.
    """
    step = f"copy the volumes' data from {source.name} to {destination.name}"
    steps.begin(step, destination.name)
    options = on_cluster(_COPY_TIME, UNTIL_DONE)
    options["heartbeat_timeout"] = _HEARTBEAT
    await workflow.execute_activity_method(
        VolumeActivities.copy_volumes,
        CopyVolumes(target=target, source=source, destination=destination, generation=generation),
        summary=step,
        **options,
    )
