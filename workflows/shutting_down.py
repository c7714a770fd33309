"""Having an application shut down, as a step of another operation."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy

with workflow.unsafe.imports_passed_through():
    from krake.hooks.messages import Shutdown, ShutdownOutcome, shutdown_id
    from krake.messages.base import Target
    from krake.messages.names import WorkflowName
    from krake.models.hooks import ShutdownPurpose
    from krake.temporal import search_attributes
    from workflows.progress import Steps


async def shut_down(
    steps: Steps, target: Target, cluster: Target, purpose: str, generation: int
) -> ShutdownOutcome:
    """Ask the application's copy on a cluster to shut down, and wait for its confirmation.

    Only for applications with the hook (`Deployment.shutdown_hook`). What shut down before, or went on
    without a confirmation before, is not asked again.

    Args:
        steps: the steps of the operation that needs it.
        target: the application.
        cluster: where the copy is that has to shut down.
        purpose: `delete` or `migrate`.
        generation: of the application's spec.

    Returns:
        Whether it confirmed, and whether to go on. When not, the status says DEGRADED and SHUTDOWN_FAILED
        already, and the operation has to end without an error: the user decides.
    """
    steps.begin(f"have it shut down on {cluster.name}", cluster.name)
    outcome: ShutdownOutcome = await workflow.execute_child_workflow(
        WorkflowName.SHUTDOWN_APPLICATION,
        Shutdown(target=target, cluster=cluster, purpose=ShutdownPurpose(purpose), generation=generation),
        id=shutdown_id(target),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=search_attributes(target, WorkflowName.SHUTDOWN_APPLICATION),
        static_summary=f"{target.namespace}/{target.name}: shut down on {cluster.name} to {purpose} it",
        result_type=ShutdownOutcome,
    )
    return outcome
