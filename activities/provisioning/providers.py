"""The provider of a cluster: found by its cloud, made with the credentials from the secret store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from typing import Any

import orjson

from krake.confidential import SPEC
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.kinds import CLOUD, GLOBAL_INFRASTRUCTURE_PROVIDER, INFRASTRUCTURE_PROVIDER, PROJECT
from krake.models.reasons import ReasonCode
from krake.provisioning.projects import cloud_of_project, provider_of_project
from krake.provisioning.provider import (
    ENTRY_POINTS,
    ClusterProvider,
    ProviderAccess,
    ProviderError,
    ProviderFactory,
    WantedCluster,
)
from krake.settings import Settings
from krake.store import Record, Store

Document = dict[str, Any]


class StoredVault:
    """The secrets that a provider keeps of a cluster, in the store."""

    def __init__(self, store: Store, uid: str) -> None:
        self._store = store
        self._uid = uid

    async def get(self, name: str) -> bytes | None:
        """The secret of this name, or None."""
        return await self._store.secret(self._uid, f"provider/{name}")

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret."""
        async with self._store.transaction() as transaction:
            await transaction.put_secret(self._uid, f"provider/{name}", value)


class Providers:
    """Makes providers for clouds.

    Args:
        store: where clouds, infrastructure providers and their secrets are.
        settings: the worker's.
        load: finds what makes a provider, by the spec of an infrastructure provider.
    """

    def __init__(self, store: Store, settings: Settings, load: Callable[[Document], ProviderFactory]) -> None:
        self._store = store
        self._settings = settings
        self._load = load

    @asynccontextmanager
    async def of_cluster(self, cluster: Record, *, observes: bool = False) -> AsyncIterator[ClusterProvider]:
        """The provider that makes, or made, the cluster; one that observes changes nothing.

        Raises:
            ProviderError: its cloud or infrastructure provider is not known, or cannot be used.
        """
        place = cluster.status.get("running_on") or cluster.status.get("scheduled_to")
        if place is None:
            raise ProviderError(ReasonCode.INVALID_RESOURCE, "the cluster is on no cloud", temporary=False)
        cloud = await self._store.find(place["kind"], place.get("namespace") or "", place["name"])
        if cloud is None:
            raise ProviderError(
                ReasonCode.INVALID_RESOURCE,
                f"Unable to find bound cloud: {place['name']}. Register it again",
                temporary=False,
            )
        async with self.on_cloud(cloud, cluster.uid, observes=observes) as provider:
            yield provider

    @asynccontextmanager
    async def on_cloud(
        self, cloud: Record, uid: str = "", *, observes: bool = False
    ) -> AsyncIterator[ClusterProvider]:
        """The provider on a cloud, or in a project, for the cluster with this uid.

        Raises:
            ProviderError: the infrastructure provider is not known, or cannot be used.
        """
        place, document = await self._specs_of(cloud)
        access = ProviderAccess(
            cloud=place,
            provider=document,
            vault=StoredVault(self._store, uid),
            state_dir=self._settings.state_dir,
            clouds_file=str(self._settings.openstack_clouds_file or ""),
            timeout=self._settings.cloud_timeout,
            observes=observes,
        )
        provider = (await asyncio.to_thread(self._load, document))(access)
        try:
            yield provider
        finally:
            await provider.close()

    async def _specs_of(self, cloud: Record) -> tuple[Document, Document]:
        """The specs of the cloud and of its infrastructure provider; a project is both."""
        spec = await self._full_spec(cloud)
        if cloud.kind == PROJECT.name:
            return cloud_of_project(spec), provider_of_project(spec)
        return spec, await self._full_spec(await self.infrastructure_provider(cloud))

    async def infrastructure_provider(self, cloud: Record) -> Record:
        """The infrastructure provider that a cloud names.

        Raises:
            ProviderError: there is none of this name.
        """
        wanted = cloud.spec[cloud.spec["type"]]["infrastructure_provider"]
        namespaced = cloud.kind == CLOUD.name and wanted.get("namespaced")
        kind = INFRASTRUCTURE_PROVIDER if namespaced else GLOBAL_INFRASTRUCTURE_PROVIDER
        record = await self._store.find(kind.name, cloud.namespace if namespaced else "", wanted["name"])
        if record is None:
            raise ProviderError(
                ReasonCode.INVALID_RESOURCE,
                f"cloud {cloud.name} names the {kind.word} '{wanted['name']}', which does not exist",
                temporary=False,
            )
        return record

    async def _full_spec(self, record: Record) -> Document:
        secret = await self._store.secret(record.uid, SPEC)
        return record.spec if secret is None else dict(orjson.loads(secret))


def wanted_cluster(record: Record) -> WantedCluster:
    """What a provider has to know of a cluster."""
    machines = record.spec.get("infrastructure")
    return WantedCluster(
        uid=record.uid,
        namespace=record.namespace,
        name=record.name,
        infrastructure=ClusterInfrastructure.model_validate(machines) if machines else None,
        tosca=record.spec.get("tosca") or {},
    )


def installed(provider: Document) -> ProviderFactory:
    """What makes the provider, from an installed package; loading it may import a large library.

    Raises:
        ProviderError: no package offers it, or it cannot be loaded.
    """
    kind = provider["type"]
    name = provider["custom"]["name"] if kind == "custom" else kind
    found = list(entry_points(group=ENTRY_POINTS, name=name))
    if not found:
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE,
            f"no installed package offers the cluster provider '{name}'; install it beside the worker",
            temporary=False,
        )
    try:
        factory: ProviderFactory = found[0].load()
    except Exception as error:
        # Whatever a package raises while it is imported.
        words = f"the cluster provider '{name}' cannot be loaded: {type(error).__name__}: {error}"
        raise ProviderError(ReasonCode.INVALID_RESOURCE, words, temporary=False) from error
    return factory
