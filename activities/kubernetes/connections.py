"""Connections to all clusters, made from the kubeconfigs in the secret store."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import datetime

import orjson
from kubernetes.aio.config import new_client_from_config_dict
from kubernetes.aio.config.config_exception import ConfigException

from activities.kubernetes.cache import ClusterCache
from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.discovery import Discovery
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.limits import Limits
from krake.messages.base import Target
from krake.models.reasons import ReasonCode
from krake.provisioning.expiry import expiry_of
from krake.store import Record, Store

KUBECONFIG = "kubeconfig"
"""Name of the secret that holds a cluster's kubeconfig."""

_IDLE_SECONDS = 600.0

Version = tuple[int, str]
"""A cluster's generation, and when Krake last fetched a kubeconfig of it: what may change the kubeconfig."""


def _version(record: Record) -> Version:
    return record.generation, str(record.status.get("kubeconfig_at") or "")


class Access:
    """What a worker holds of one cluster: its connection, what it serves, and its watches."""

    def __init__(self, version: Version, secret: bytes, connection: ClusterConnection, server: str) -> None:
        self.version = version
        self.server = server
        self.credentials_expire: datetime | None = None
        self.connection = connection
        self.discovery = Discovery(connection)
        self.cache = ClusterCache(connection)
        self.closed = False
        self.used = time.monotonic()
        self._digest = hashlib.sha256(secret).digest()

    def fits(self, secret: bytes) -> bool:
        """Whether the access was made with this kubeconfig."""
        return hashlib.sha256(secret).digest() == self._digest

    @property
    def idle(self) -> bool:
        """Whether nobody listens to it and nobody asked for it for a while."""
        return not self.cache.listened_to and time.monotonic() - self.used > _IDLE_SECONDS

    async def close(self) -> None:
        """Stop the watches and close the connections."""
        self.closed = True
        await self.cache.close()
        await self.connection.close()


class Connections:
    """Hands out one `Access` for each cluster and renews it when the kubeconfig changed."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._open: dict[str, Access] = {}
        self._lock = asyncio.Lock()

    async def to(self, cluster: Target) -> Access:
        """The access to a cluster.

        Raises:
            ClusterError: the cluster is not registered any more, or its kubeconfig cannot be used.
        """
        record = await self._store.find("Cluster", cluster.namespace, cluster.name)
        if record is None or (cluster.uid and record.uid != cluster.uid):
            raise ClusterError(
                ReasonCode.CLUSTER_NOT_REACHABLE, f"cluster {cluster.name} is not registered", temporary=False
            )
        async with self._lock:
            access = self._open.get(record.uid)
            if access is None or access.version != _version(record):
                access = await self._renew(record, access)
            access.used = time.monotonic()
            access.discovery.declared = frozenset(record.spec.get("custom_resources") or ())
        await self._close_idle()
        return access

    async def _renew(self, record: Record, access: Access | None) -> Access:
        """A new version needs a new access only where the kubeconfig is another one."""
        secret = await self._store.secret(record.uid, KUBECONFIG)
        if secret is None:
            raise ClusterError(
                ReasonCode.INVALID_CREDENTIALS,
                f"no kubeconfig of cluster {record.name} is stored",
                temporary=False,
            )
        if access is not None and access.fits(secret):
            access.version = _version(record)
            return access
        if access is not None:
            await access.close()
        self._open[record.uid] = await self._connect(record, secret)
        return self._open[record.uid]

    async def _close_idle(self) -> None:
        for uid in [uid for uid, access in self._open.items() if access.idle]:
            await self.forget(uid)

    async def forget(self, uid: str) -> None:
        """Close the access to a cluster that is gone."""
        async with self._lock:
            access = self._open.pop(uid, None)
        if access is not None:
            await access.close()

    async def close(self) -> None:
        """Close every access."""
        for uid in list(self._open):
            await self.forget(uid)

    async def _connect(self, record: Record, secret: bytes) -> Access:
        kubeconfig = orjson.loads(secret)
        context = kubeconfig["contexts"][0]
        try:
            client = await new_client_from_config_dict(kubeconfig, context=context["name"])
        except (ConfigException, ValueError, OSError) as error:
            raise ClusterError(
                ReasonCode.INVALID_CREDENTIALS,
                f"the kubeconfig of cluster {record.name} cannot be used: {type(error).__name__}",
                temporary=False,
            ) from error
        namespace = context["context"].get("namespace") or "default"
        connection = ClusterConnection(record.name, client, namespace, self._limits)
        server = kubeconfig["clusters"][0]["cluster"]["server"]
        access = Access(_version(record), secret, connection, server)
        access.credentials_expire = expiry_of(kubeconfig)
        return access
