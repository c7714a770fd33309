"""Steps at a cloud that several workflows share: waiting for it, and removing a cluster from it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.provisioning.looking import LookingActivities
    from activities.provisioning.removing import RemovingFromCloudActivities
    from krake.models.reasons import ReasonCode
    from krake.payloads import Plain
    from krake.provisioning.messages import CloudAnswer, CloudRemoval, ClusterOrder
    from krake.provisioning.provider import Stage
    from workflows.looks import Looks
    from workflows.options import on_cluster
    from workflows.progress import Steps

CALL_TIME = timedelta(minutes=10)
"""What one call to a cloud may take, with all the requests that it is made of."""
PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=12,
)
"""For a cloud that does not answer: about ten minutes."""
_LOOKS_FOR_UNKNOWN = 3
"""How often a cluster whose id was never known has to be looked for in vain: a cloud may show what it was
asked for only some seconds later."""


async def until_settled(steps: Steps, order: ClusterOrder) -> CloudAnswer:
    """Wait, by durable timers that hold no worker, until the cloud is done with the cluster, or has given up.

    Raises:
        ActivityError: the cloud refuses to tell.
        ApplicationError: it takes too long.
    """
    looks, shown = Looks(workflow.now()), ""
    while True:
        answer = await look(order)
        if answer.stage in (Stage.READY, Stage.FAILED, Stage.GONE):
            return answer
        if looks.are_late(answer, workflow.now()):
            words = f"not done after {_words_of(answer)}"
            raise ApplicationError(words, type=ReasonCode.CREATE_FAILED, non_retryable=True)
        if answer.message != shown:
            shown = answer.message
            steps.begin(f"wait for the cloud: {shown}" if shown else "wait for the cloud")
        await _pause(looks.pause(answer, workflow.now()))


def _words_of(answer: CloudAnswer) -> str:
    return f"{answer.patience / 60:g} minutes; the cloud's last word: {answer.message or 'none'}"


async def _pause(seconds: float) -> None:
    await workflow.sleep(seconds, summary=Plain("until the next look at the cloud"))


async def look(order: ClusterOrder) -> CloudAnswer:
    """Ask the cloud how far the cluster is."""
    return await workflow.execute_activity_method(
        LookingActivities.look_at_cluster,
        order,
        summary=f"how far is {order.target.name}?",
        **on_cluster(CALL_TIME, PATIENT),
    )


async def remove_from_cloud(steps: Steps, order: ClusterOrder) -> None:
    """Have the cloud remove the cluster, and wait until it finds nothing of it any more.

    It is asked again whenever it shows the cluster as one that is not being removed.

    Raises:
        ActivityError: the cloud cannot be asked, or refuses.
        ApplicationError: it could not remove the cluster, or takes too long.
    """
    steps.begin("have the cloud remove the cluster")
    removal = await _ask_for_removal(order)
    if not removal.needed:
        return
    looks, vain, needed = Looks(workflow.now()), 0, 1 if removal.known else _LOOKS_FOR_UNKNOWN
    steps.begin("wait until nothing of it is left at the cloud")
    while True:
        answer = await look(order)
        if answer.stage == Stage.FAILED:
            raise ApplicationError(answer.message, type=answer.code or ReasonCode.DELETE_FAILED)
        vain += answer.stage == Stage.GONE
        if vain >= needed and await _is_gone(order):
            return
        if looks.are_late(answer, workflow.now()):
            raise ApplicationError(f"not removed after {_words_of(answer)}", type=ReasonCode.DELETE_FAILED)
        await _pause(looks.pause(answer, workflow.now()))
        if answer.stage in (Stage.WORKING, Stage.READY):
            # Clouds lose what they accept while they are still busy with the cluster.
            await _ask_for_removal(order)


async def _ask_for_removal(order: ClusterOrder) -> CloudRemoval:
    return await workflow.execute_activity_method(
        RemovingFromCloudActivities.delete_at_cloud,
        order,
        summary=f"have {order.target.name} removed",
        **on_cluster(CALL_TIME, PATIENT),
    )


async def _is_gone(order: ClusterOrder) -> bool:
    return await workflow.execute_activity_method(
        RemovingFromCloudActivities.verify_gone,
        order,
        summary="is nothing left?",
        **on_cluster(CALL_TIME, PATIENT),
    )
