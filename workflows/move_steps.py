"""The single steps of a move, each named in `progress` and in the Temporal UI while it is done."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.deploying import DeployingActivities
    from activities.kubernetes.readying import ReadyingActivities
    from activities.kubernetes.removing import RemovingActivities
    from activities.moving.beginning import BeginningActivities
    from activities.moving.handing_over import HandingOverActivities
    from activities.moving.undoing import UndoingActivities
    from activities.waking import WakingActivities
    from krake.hooks.messages import ShutdownOutcome
    from krake.messages.base import Target
    from krake.messages.deploying import Deployment, OnCluster, Ready
    from krake.messages.lifecycle import Ask
    from krake.messages.moving import Move, MoveStep
    from krake.models.migration import MigrationPhase
    from krake.temporal import CLUSTER
    from workflows.copying import copy_data
    from workflows.errors import Cause
    from workflows.options import STORE, UNTIL_DONE, on_cluster
    from workflows.progress import Steps
    from workflows.shutting_down import shut_down

_APPLY_TIME = timedelta(minutes=5)
_SPARE_TIME = timedelta(minutes=2)


class MoveSteps:
    """Does the steps. Every one may be repeated, as all of its activities may be."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def begin(self, order: Deployment) -> Move:
        """Choose and reserve the target, or take up the move that has begun."""
        self._steps.begin("choose the cluster to move to")
        return await workflow.execute_local_activity_method(
            BeginningActivities.begin_migration, order, summary="choose the cluster to move to", **STORE
        )

    async def shut_source_down(self, order: Deployment, move: Move) -> ShutdownOutcome:
        """Have the copy at the source shut down, where the application asks for that and can be asked."""
        if not order.shutdown_hook or move.source is None or not move.source_answers:
            return ShutdownOutcome(confirmed=False, proceed=True)
        await self.note(move, MigrationPhase.SHUTTING_DOWN, f"having it shut down on {move.source.name}")
        return await shut_down(self._steps, move.target, move.source, "migrate", move.generation)

    async def apply(self, move: Move) -> None:
        """Apply everything at the target."""
        name = name_of(move.destination)
        workflow.upsert_search_attributes([CLUSTER.value_set(name)])
        self._steps.begin(f"apply {move.objects} objects on {name}", name)
        await workflow.execute_activity_method(
            DeployingActivities.apply_manifest,
            _on(move, move.destination),
            summary=f"apply {move.objects} objects on {name}",
            **on_cluster(_APPLY_TIME),
        )

    async def await_ready(self, move: Move) -> Ready:
        """Wait until everything is ready at the target."""
        name = name_of(move.destination)
        self._steps.begin(f"wait until everything is ready on {name}", name)
        await self.note(move, MigrationPhase.WAITING, f"waiting until everything is ready on {name}")
        return await workflow.execute_activity_method(
            ReadyingActivities.await_ready,
            _on(move, move.destination),
            summary=f"wait until ready on {name}",
            **on_cluster(timedelta(seconds=move.readiness_timeout) + _SPARE_TIME, UNTIL_DONE),
        )

    async def copy_data(self, move: Move) -> None:
        """Copy what the application keeps in volumes."""
        assert move.source is not None and move.destination is not None
        words = f"copying the data of its volumes from {move.source.name} to {move.destination.name}"
        await self.note(move, MigrationPhase.COPYING, words)
        await copy_data(self._steps, move.target, move.source, move.destination, move.generation)

    async def hand_over(self, move: Move, ready: Ready) -> Move:
        """Make the target's copy the application."""
        self._steps.begin(f"hand over to {name_of(move.destination)}")
        return await workflow.execute_local_activity_method(
            HandingOverActivities.hand_over,
            MoveStep(target=move.target, id=move.id, ready=ready),
            summary=f"hand over to {name_of(move.destination)}",
            **STORE,
        )

    async def remove(self, move: Move, cluster: Target | None, time: timedelta) -> None:
        """Remove the copy on one of the two clusters."""
        name = name_of(cluster)
        self._steps.begin(f"remove its objects from {name}", name)
        await workflow.execute_activity_method(
            RemovingActivities.remove_objects,
            _on(move, cluster),
            summary=f"remove its objects from {name}",
            **on_cluster(time),
        )

    async def vacate(self, move: Move) -> Move:
        """Note that the source is removed, before the target is made."""
        return await workflow.execute_local_activity_method(
            HandingOverActivities.vacate_source,
            MoveStep(target=move.target, id=move.id),
            summary=f"{name_of(move.source)} is free of it",
            **STORE,
        )

    async def finish(self, move: Move, behind: str) -> None:
        """End the move. `behind` is why objects are left at the source, where some are."""
        self._steps.begin("finish")
        await workflow.execute_local_activity_method(
            HandingOverActivities.finish_migration,
            MoveStep(target=move.target, id=move.id, message=behind),
            summary="finish",
            **STORE,
        )

    async def begin_undoing(self, move: Move, cause: Cause | None) -> Move:
        """Settle that the move is undone, for a cause or because it was cancelled."""
        step = MoveStep(target=move.target, id=move.id, cancelled=cause is None)
        if cause is not None:
            step = step.model_copy(update={"code": cause.code, "message": cause.message})
        return await workflow.execute_local_activity_method(
            UndoingActivities.begin_undoing, step, summary="undo the move", **STORE
        )

    async def finish_undoing(self, move: Move, behind: str) -> str:
        """End the move that was undone; returns why. `behind` is why objects are left at the target."""
        self._steps.begin(f"stay on {name_of(move.source)}")
        return await workflow.execute_local_activity_method(
            UndoingActivities.finish_undoing,
            MoveStep(target=move.target, id=move.id, message=behind),
            summary=f"stay on {name_of(move.source)}",
            **STORE,
        )

    async def note(self, move: Move, phase: MigrationPhase, message: str) -> None:
        """Say how far the move has come."""
        await workflow.execute_local_activity_method(
            HandingOverActivities.note_phase,
            MoveStep(target=move.target, id=move.id, phase=phase, message=message),
            summary=message,
            **STORE,
        )

    async def tell_source(self, move: Move) -> None:
        """A cluster that is to be deleted may have waited for this."""
        assert move.source is not None
        await workflow.execute_local_activity_method(
            WakingActivities.wake_cluster,
            Ask(target=move.source, causes=[f"application {move.target.name} has left"]),
            summary=f"tell {move.source.name}",
            **STORE,
        )


def name_of(cluster: Target | None) -> str:
    """The cluster's name, for people."""
    return cluster.name if cluster else "nowhere"


def _on(move: Move, cluster: Target | None) -> OnCluster:
    assert cluster is not None
    return OnCluster(
        target=move.target,
        cluster=cluster,
        generation=move.generation,
        readiness_timeout=move.readiness_timeout,
    )
