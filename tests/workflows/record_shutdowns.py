"""The scenes of the shutdown hook for `tests.workflows.record`: confirmed, given up, gone on nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krake import temporal
from krake.hooks.messages import shutdown_id
from krake.hooks.tokens import spend_token
from krake.messages.base import Target
from krake.models.hooks import HookName
from tests.support.manifests import Document, config_map, deployment

if TYPE_CHECKING:
    from tests.workflows.record import Recorder


async def shut_down(recorder: Recorder) -> None:
    """Play the scenes; nothing is left of them."""
    app = await _deleted(recorder, "unheard", _service(), shutdown_failure_strategy="delete")
    await recorder.ended(app)
    await recorder.keep("shutdown-overridden", shutdown_id(app))

    app = await _deleted(recorder, "speechless", config_map("speechless"))
    await recorder.ended(app)
    await recorder.keep("shutdown-given-up", shutdown_id(app))
    await recorder.keep("delete-given-up", f"{app.workflow_id}/delete")
    await _confirm(recorder, app)
    await recorder.wake(app, "retry")
    await recorder.ended(app)

    app = await _deleted(recorder, "obedient", _service(), shutdown_grace_time=60)
    await recorder.state(app, "WAITING_FOR_CLEANING")
    await _confirm(recorder, app)
    await recorder.ended(app)
    await recorder.keep("shutdown-confirmed", shutdown_id(app))
    await recorder.keep("delete-after-shutdown", f"{app.workflow_id}/delete")


async def _deleted(recorder: Recorder, name: str, *manifest: Document, **fields: Any) -> Target:
    """An application with the hook that ran and is being deleted."""
    wanted = {"hooks": ["shutdown"], "shutdown_grace_time": 2, **fields}
    app = await recorder.app(name, deployment(name), *manifest, **wanted)
    await recorder.ended(app)
    await recorder.delete(app)
    return app


async def _confirm(recorder: Recorder, app: Target) -> None:
    """What the API does when the application calls its hook."""
    async with recorder.store.transaction() as transaction:
        record = await transaction.get("Application", app.namespace, app.name)
        uid = record.status["scheduled_uid"]
        await spend_token(transaction, app.uid, HookName.SHUTDOWN, uid, "confirmed")
        if record.status["state"] == "DEGRADED":
            await transaction.write_status(record, {"state": "READY_FOR_ACTION"})
    await temporal.confirm_shutdown(recorder.client, app)


def _service() -> Document:
    """A Service to be asked through, behind which nobody listens."""
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shutdown"}, "spec": spec}
