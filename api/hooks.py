"""What happens when an application calls one of its hooks, and when a user asks for another try."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title
from krake.hooks.options import options_of
from krake.hooks.shutdown import awaited_shutdown, calling_clusters, gave_up, shutdown_of
from krake.hooks.tokens import HookToken, cluster_of, read_tokens, spend_token
from krake.messages.base import Target
from krake.models.application import ApplicationState
from krake.models.hooks import HookName, ShutdownState
from krake.models.kinds import APPLICATION
from krake.models.requests import Request, RequestKind
from krake.store.reads import Reads
from krake.store.records import NewEvent, Record

_REFUSED = "The token is missing, or is not valid for this hook of this application"
_COMPLETED = "completed"


async def complete(
    services: Services, info: RequestInfo, namespace: str, name: str, document: dict[str, Any]
) -> Record:
    """The application says that its work is done: it is deleted. Said twice it does no harm.

    Raises:
        ProblemError: 401, the token is missing, wrong or spent.
    """
    await _require_token(services, namespace, name, HookName.COMPLETE, document)
    async with services.store.transaction() as transaction:
        stored = await transaction.get(APPLICATION.name, namespace, name)
        cluster, token = await _caller(transaction, stored, HookName.COMPLETE, document)
        if token.spent or cluster not in calling_clusters(stored):
            if token.spent and stored.status.get("completed"):
                return stored
            raise _refusal()
        await spend_token(transaction, stored.uid, HookName.COMPLETE, cluster, _COMPLETED)
        changes = {
            "state": ApplicationState.READY_FOR_ACTION,
            "reason": None,
            "message": "",
            "completed": datetime.now(UTC).isoformat(),
        }
        event = _event(services, info, HookName.COMPLETE, "Completed", "it says that its work is done")
        record = await transaction.write_status(stored, changes, event)
        record = await transaction.mark_deleted(record, replace(event, type="DeletionRequested"))
    _tell(services, record, "hook complete")
    return record


async def shutdown(
    services: Services, info: RequestInfo, namespace: str, name: str, document: dict[str, Any]
) -> Record:
    """The application says that it shut down, as it was asked to. Unasked, nothing happens.

    Raises:
        ProblemError: 401, the token is missing, wrong, spent, or of another copy than the one that was asked.
    """
    await _require_token(services, namespace, name, HookName.SHUTDOWN, document)
    async with services.store.transaction() as transaction:
        stored = await transaction.get(APPLICATION.name, namespace, name)
        cluster, token = await _caller(transaction, stored, HookName.SHUTDOWN, document)
        if token.spent:
            if _is_repeated(stored, cluster, token):
                return stored
            raise _refusal()
        asked = awaited_shutdown(stored)
        if asked is None and cluster in calling_clusters(stored):
            return stored
        if asked is None or asked.cluster_uid != cluster:
            raise _refusal()
        await spend_token(transaction, stored.uid, HookName.SHUTDOWN, cluster, ShutdownState.CONFIRMED)
        done = asked.model_copy(update={"state": ShutdownState.CONFIRMED, "deadline": None})
        changes = {
            "state": ApplicationState.READY_FOR_ACTION,
            "reason": None,
            "message": "",
            "shutdown": done.model_dump(mode="json"),
            "shutdown_grace_period": None,
        }
        words = f"it shut down on {asked.cluster.name}"
        event = _event(services, info, HookName.SHUTDOWN, "ShutdownConfirmed", words)
        record = await transaction.write_status(stored, changes, event)
    _tell(services, record, "hook shutdown")
    return record


async def retry(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Have another try at what gave up: a shutdown that was not confirmed, or an application that is FAILED.

    Raises:
        ProblemError: 400, nothing gave up.
        NotFound: there is no such application.
    """
    async with services.store.transaction() as transaction:
        stored = await transaction.get(APPLICATION.name, namespace, name)
        failed = awaited_shutdown(stored) if gave_up(stored) else None
        if failed is not None:
            # From now on a confirmation counts, also one that comes before the application is asked again.
            waiting = failed.model_copy(update={"state": ShutdownState.WAITING})
            changes: dict[str, Any] = {
                "state": ApplicationState.WAITING_FOR_CLEANING,
                "shutdown": waiting.model_dump(mode="json"),
            }
            if stored.deleted is None:
                changes["request"] = stored.status.get("request") or _retry_request(info)
        elif stored.status.get("state") == ApplicationState.FAILED and stored.deleted is None:
            # As for a generation that nobody has looked at: so the sweep finds it when the wake-up is lost.
            again = stored.status.get("deployed_at") is not None
            state = ApplicationState.RECONCILING if again else ApplicationState.PENDING
            changes = {"state": state, "observed_generation": stored.generation - 1}
        else:
            raise ProblemError(
                HTTPStatus.BAD_REQUEST, "No migration or deletion retry needed", title=Title.UPDATE_ERROR
            )
        changes |= {"reason": None, "message": "tried again"}
        record = await transaction.write_status(stored, changes, info.event("RetryRequested"))
    services.waker.wake(_target(record), f"retry by {info.user.name} (request {info.id})")
    return record


def _retry_request(info: RequestInfo) -> dict[str, Any]:
    """What has the sweep find an application whose wake-up is lost; a deleted one it finds in any case."""
    request = Request(
        id=info.id, kind=RequestKind.RETRY, trigger="retry", actor=info.user.name, at=datetime.now(UTC)
    )
    return request.model_dump(mode="json")


async def _require_token(
    services: Services, namespace: str, name: str, hook: HookName, document: dict[str, Any]
) -> None:
    """Refuse whoever has no token of the application before anything is locked, and without a word on whether
    there is such an application: anybody may call.

    Raises:
        ProblemError: 401, there is no application with this token.
    """
    record = await services.store.find(APPLICATION.name, namespace, name)
    if record is None:
        raise _refusal()
    await _caller(services.store, record, hook, document)


async def _caller(
    store: Reads, record: Record, hook: HookName, document: dict[str, Any]
) -> tuple[str, HookToken]:
    """Which cluster's copy calls, and its token."""
    given = document.get("token")
    tokens = await read_tokens(store, record.uid, hook)
    cluster = cluster_of(tokens, given if isinstance(given, str) else "")
    if cluster is None:
        raise _refusal()
    return cluster, tokens[cluster]


def _is_repeated(record: Record, cluster: str, token: HookToken) -> bool:
    """Whether the call is the one that was accepted, sent again, while what it confirmed is still at work."""
    done = shutdown_of(record)
    return (
        token.spent == ShutdownState.CONFIRMED
        and done is not None
        and done.state == ShutdownState.CONFIRMED
        and done.cluster_uid == cluster
        and record.status.get("state") in (ApplicationState.READY_FOR_ACTION, done.resume)
    )


def _refusal() -> ProblemError:
    return ProblemError(HTTPStatus.UNAUTHORIZED, _REFUSED)


def _event(services: Services, info: RequestInfo, hook: HookName, kind: str, message: str) -> NewEvent:
    """An event in the name of the hook: the token is all that the caller has."""
    user = options_of(services.settings, hook).user
    return NewEvent(kind, message, actor=user, cause=f"request {info.id}")


def _tell(services: Services, record: Record, cause: str) -> None:
    """Tell the workflow that waits for a confirmation, and the lifecycle where none does."""
    services.confirmer.wake(_target(record), cause)
    services.waker.wake(_target(record), cause)


def _target(record: Record) -> Target:
    return Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
