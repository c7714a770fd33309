"""What the shutdown of an application reads from the store and writes into it.

The truth about a confirmation is the token: the API spends it when the application calls its hook.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio import activity

from krake.hooks.messages import Shutdown, ShutdownAttempt, ShutdownEnd, ShutdownOutcome, ShutdownTerms
from krake.hooks.shutdown import shutdown_of
from krake.hooks.tokens import read_tokens, spend_token
from krake.models.application import ApplicationState
from krake.models.hooks import HookName, ShutdownFailureStrategy, ShutdownState, ShutdownStatus
from krake.models.metadata import ResourceRef
from krake.models.reasons import ReasonCode
from krake.models.requests import RequestKind
from krake.resources import reference
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction

_IN_BETWEEN = frozenset({ApplicationState.WAITING_FOR_CLEANING, ApplicationState.READY_FOR_ACTION})
_RETRY = "Mend the application and retry: rok kube app retry {name}"


class ShutdownStoreActivities:
    """Begins and ends shutdowns, and says whether one has been confirmed."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="begin_shutdown")
    async def begin_shutdown(self, call: ShutdownAttempt) -> ShutdownTerms:
        """Write that the application is asked to shut down, and say how long it has.

        There is nothing to wait for when it did shut down before, cannot confirm, or went on without once.
        """
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.shutdown.target.uid)
            if record is None:
                return ShutdownTerms(settled=True, message="the application is not there any more")
            terms = await _settled(transaction, record, call.shutdown)
            if (record.status.get("request") or {}).get("kind") == RequestKind.RETRY:
                record = await transaction.write_status(record, {"request": None})
            if terms is None:
                terms = self._terms(record)
                await self._write_beginning(transaction, record, call, terms)
        return terms

    @activity.defn(name="shutdown_confirmed")
    async def shutdown_confirmed(self, shutdown: Shutdown) -> bool:
        """Whether the application has confirmed that it shut down."""
        record = await self._store.get_by_uid(shutdown.target.uid)
        if record is None or record.status.get("completed"):
            return True
        tokens = await read_tokens(self._store, record.uid, HookName.SHUTDOWN)
        token = tokens.get(shutdown.cluster.uid)
        return token is not None and token.spent == ShutdownState.CONFIRMED

    @activity.defn(name="end_shutdown")
    async def end_shutdown(self, end: ShutdownEnd) -> ShutdownOutcome:
        """Write what came of the shutdown, by the application's failure strategy where it did not confirm."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(end.shutdown.target.uid)
            if record is None:
                return ShutdownOutcome(confirmed=True, proceed=True)
            terms = await _settled(transaction, record, end.shutdown)
            if terms is not None and terms.confirmed:
                await _write_end(transaction, record, ShutdownState.CONFIRMED, None, None)
                return ShutdownOutcome(confirmed=True, proceed=True, message=terms.message)
            if self._strategy(record) == ShutdownFailureStrategy.DELETE:
                return await _override(transaction, record, end)
            return await _give_up(transaction, record, end)

    def _terms(self, record: Record) -> ShutdownTerms:
        spec, settings = record.spec, self._settings
        grace = spec.get("shutdown_grace_time") or settings.shutdown_hook_timeout
        retries = spec.get("shutdown_retry_count")
        return ShutdownTerms(
            grace=grace,
            attempts=1 + (settings.shutdown_hook_failure_retry_count if retries is None else retries),
            deadline=(datetime.now(UTC) + timedelta(seconds=grace)).isoformat(),
        )

    def _strategy(self, record: Record) -> str:
        given = record.spec.get("shutdown_failure_strategy")
        return str(given or self._settings.shutdown_hook_failure_strategy)

    async def _write_beginning(
        self, transaction: Transaction, record: Record, call: ShutdownAttempt, terms: ShutdownTerms
    ) -> None:
        before, state = shutdown_of(record), record.status.get("state")
        resume = before.resume if before and state in _IN_BETWEEN else str(state)
        cluster = call.shutdown.cluster
        shutdown = ShutdownStatus(
            state=ShutdownState.WAITING,
            purpose=call.shutdown.purpose,
            cluster=ResourceRef.model_validate(reference(cluster)),
            cluster_uid=cluster.uid,
            attempt=call.attempt,
            attempts=terms.attempts,
            deadline=datetime.fromisoformat(terms.deadline),
            resume=resume or ApplicationState.DELETING,
        )
        changes = {
            "state": ApplicationState.WAITING_FOR_CLEANING,
            "reason": None,
            "message": f"asking it to shut down on {cluster.name}",
            "shutdown": shutdown.model_dump(mode="json"),
            "shutdown_grace_period": terms.deadline,
        }
        message = (
            f"asked to shut down on {cluster.name}, attempt {call.attempt} of {terms.attempts}; "
            f"has {terms.grace} s to confirm"
        )
        await transaction.write_status(record, changes, NewEvent("ShutdownRequested", message))


async def _settled(transaction: Transaction, record: Record, shutdown: Shutdown) -> ShutdownTerms | None:
    """Why there is nothing to wait for; None where there is."""
    if record.status.get("completed"):
        return ShutdownTerms(settled=True, confirmed=True, message="it completed")
    name = shutdown.cluster.name
    token = (await read_tokens(transaction, record.uid, HookName.SHUTDOWN)).get(shutdown.cluster.uid)
    if token is None:
        return ShutdownTerms(settled=True, message=f"its copy on {name} was never given the hook")
    if token.spent:
        confirmed = token.spent == ShutdownState.CONFIRMED
        words = "it shut down" if confirmed else "went on without its confirmation before"
        return ShutdownTerms(settled=True, confirmed=confirmed, message=words)
    cluster = await transaction.find("Cluster", shutdown.cluster.namespace, name)
    if cluster is None or cluster.uid != shutdown.cluster.uid:
        return ShutdownTerms(settled=True, message=f"cluster {name} is not registered any more")
    return None


async def _override(transaction: Transaction, record: Record, end: ShutdownEnd) -> ShutdownOutcome:
    """Go on nevertheless. The token is of no use any more."""
    cluster = end.shutdown.cluster
    await spend_token(transaction, record.uid, HookName.SHUTDOWN, cluster.uid, ShutdownState.OVERRIDDEN)
    message = f"{_failure(record, end)}; going on as its failure strategy says"
    event = NewEvent("ShutdownOverridden", message)
    await _write_end(transaction, record, ShutdownState.OVERRIDDEN, None, event)
    return ShutdownOutcome(confirmed=False, proceed=True, message=message)


async def _give_up(transaction: Transaction, record: Record, end: ShutdownEnd) -> ShutdownOutcome:
    message = _failure(record, end)
    reason = {"code": ReasonCode.SHUTDOWN_FAILED, "message": message}
    await _write_end(transaction, record, ShutdownState.FAILED, reason, NewEvent("ShutdownFailed", message))
    return ShutdownOutcome(confirmed=False, proceed=False, message=message)


def _failure(record: Record, end: ShutdownEnd) -> str:
    """What happened, in a sentence."""
    shutdown = shutdown_of(record)
    last = end.trouble or (shutdown.message if shutdown else "")
    times = "once" if end.attempts == 1 else f"{end.attempts} times"
    failure = f"it did not confirm that it shut down on {end.shutdown.cluster.name}, asked {times}"
    return f"{failure}: {last}" if last else failure


async def _write_end(
    transaction: Transaction,
    record: Record,
    state: ShutdownState,
    reason: dict[str, str] | None,
    event: NewEvent | None,
) -> None:
    shutdown = shutdown_of(record)
    changes: dict[str, object] = {"reason": reason, "message": "", "shutdown_grace_period": None}
    if reason is not None:
        changes |= {"state": ApplicationState.DEGRADED, "message": _RETRY.format(name=record.name)}
    elif shutdown is not None:
        changes["state"] = shutdown.resume
    if shutdown is not None:
        update = {"state": state, "deadline": None, "ended": datetime.now(UTC)}
        ended = shutdown.model_copy(update=update)
        changes["shutdown"] = ended.model_dump(mode="json")
    await transaction.write_status(record, changes, event)
