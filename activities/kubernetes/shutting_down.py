"""The activity that asks an application to shut down."""

from __future__ import annotations

import hashlib
import hmac
import ssl

import httpx
import orjson
from temporalio import activity

from activities.failures import user_error
from activities.kubernetes.connections import Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import OWNER_LABEL
from activities.kubernetes.shutdown_service import ShutdownDefaults, shutdown_url
from krake.hooks.certificates import client_context
from krake.hooks.messages import Shutdown, ShutdownAttempt
from krake.hooks.shutdown import shutdown_of
from krake.hooks.tokens import read_tokens
from krake.models.hooks import HookName, ShutdownState
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import Record, Store

SIGNATURE = "X-Krake-Signature"
"""Header with `sha256=` and the HMAC of the body under the application's token: the request is Krake's."""


class ShuttingDownActivities:
    """Sends the request; the confirmation comes through the application's hook.

    Raises:
        KrakeError: the settings name CA certificates that cannot be used.
    """

    def __init__(self, store: Store, connections: Connections, settings: Settings) -> None:
        self._store = store
        self._connections = connections
        self._settings = settings
        self._tls = client_context(settings)

    @activity.defn(name="request_shutdown")
    async def request_shutdown(self, call: ShutdownAttempt) -> str:
        """Ask the application to shut down, and return where.

        Raises:
            ClusterError: the request was not taken; not temporary where nobody can ever take it.
        """
        record = await self._store.get_by_uid(call.shutdown.target.uid)
        if record is None:
            raise user_error(ReasonCode.INVALID_RESOURCE, "the application is not there any more")
        try:
            url = await self._find(call.shutdown)
            await self._send(url, record, call)
        except ClusterError as error:
            await self._note(call, error.message)
            raise
        await self._note(call, f"{url} took the request")
        return str(url)

    async def _find(self, shutdown: Shutdown) -> httpx.URL:
        access = await self._connections.to(shutdown.cluster)
        found = await access.connection.request(
            "GET", "/api/v1/services", query={"labelSelector": f"{OWNER_LABEL}={shutdown.target.uid}"}
        )
        return shutdown_url(found.get("items") or [], access.server, ShutdownDefaults.of(self._settings))

    async def _send(self, url: httpx.URL, record: Record, call: ShutdownAttempt) -> None:
        body = orjson.dumps(
            {
                "namespace": record.namespace,
                "application": record.name,
                "purpose": call.shutdown.purpose,
                "attempt": call.attempt,
                "deadline": record.status.get("shutdown_grace_period"),
            }
        )
        headers = {"Content-Type": "application/json", **await self._signature(call.shutdown, body)}
        try:
            async with httpx.AsyncClient(
                timeout=self._settings.shutdown_hook_request_timeout,
                follow_redirects=False,
                trust_env=False,
                verify=self._tls,
            ) as client:
                answer = await client.put(url, content=body, headers=headers)
        except (httpx.HTTPError, ssl.SSLError) as error:
            why = str(error) or type(error).__name__
            raise ClusterError(ReasonCode.SHUTDOWN_FAILED, f"{url}: {why}", temporary=True) from error
        if not answer.is_success:
            message = f"{url} answered {answer.status_code} {answer.reason_phrase}"
            raise ClusterError(ReasonCode.SHUTDOWN_FAILED, message, temporary=True)

    async def _signature(self, shutdown: Shutdown, body: bytes) -> dict[str, str]:
        tokens = await read_tokens(self._store, shutdown.target.uid, HookName.SHUTDOWN)
        token = tokens.get(shutdown.cluster.uid)
        if token is None:
            return {}
        return {SIGNATURE: f"sha256={hmac.new(token.value.encode(), body, hashlib.sha256).hexdigest()}"}

    async def _note(self, call: ShutdownAttempt, message: str) -> None:
        """Tell people what became of the request while its confirmation is waited for."""
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.shutdown.target.uid)
            shutdown = shutdown_of(record) if record else None
            if record is None or shutdown is None or shutdown.state != ShutdownState.WAITING:
                return
            told = shutdown.model_copy(update={"message": message}).model_dump(mode="json")
            words = f"waiting for it to shut down on {call.shutdown.cluster.name}: {message}"
            await transaction.write_status(record, {"shutdown": told, "message": words})
