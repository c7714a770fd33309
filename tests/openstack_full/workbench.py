"""A cluster of the nova provider in a test: its vault, its provider, and kills between two calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from keystoneauth1.session import Session
from openstack.connection import Connection

from activities.openstack.nova import NovaProvider
from activities.openstack.nova_network import Owned, floating_addresses
from activities.openstack.nova_removing import own_ports
from activities.openstack.nova_servers import members, server_groups
from krake.models.infrastructure import ClusterInfrastructure
from krake.provisioning.provider import Progress, ProviderAccess, Stage, WantedCluster
from tests.openstack_full.configuration import PASSWORD
from tests.openstack_full.conftest import EXTERNAL, FLAVOR, IMAGE, Tenant
from tests.openstack_full.played import PlayedCluster

SECONDS = 300.0


class Killed(BaseException):
    """The worker died."""


@dataclass
class MemoryVault:
    """A vault that survives the provider, as Krake's store does."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def get(self, name: str) -> bytes | None:
        """The secret of this name, or None."""
        return self.kept.get(name)

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret."""
        self.kept[name] = value


class Bench:
    """One cluster at the cloud of a tenant."""

    def __init__(self, tenant: Tenant, *, password: str = PASSWORD, **spec: Any) -> None:
        self.tenant = tenant
        self.uid = str(uuid4())
        self.vault = MemoryVault()
        self.spec = {"image": IMAGE, "flavor": FLAVOR, "external_network": EXTERNAL, **spec}
        self.cluster = PlayedCluster(tenant, self.wanted().tag)
        self._password = password
        self.provider = self.new_provider()

    def new_provider(self) -> NovaProvider:
        """The provider as a worker makes it that has just started."""
        self.provider = NovaProvider(self._access(), self.cluster.reach)
        return self.provider

    def observer(self) -> NovaProvider:
        """A provider that only looks."""
        return NovaProvider(replace(self._access(), observes=True), self.cluster.reach)

    def _access(self) -> ProviderAccess:
        return ProviderAccess(
            cloud=self.tenant.cloud(self._password),
            provider={"type": "nova", "nova": self.spec},
            vault=self.vault,
            timeout=60,
        )

    def wanted(self, **fields: Any) -> WantedCluster:
        """The cluster as it should be."""
        return WantedCluster(self.uid, "testing", "demo", ClusterInfrastructure(**fields))

    @property
    def tag(self) -> str:
        """Its id at the cloud."""
        return self.wanted().tag

    async def settle(self, stage: Stage = Stage.READY) -> Progress:
        """Ask how far it is until it is there."""
        deadline = time.monotonic() + SECONDS
        while (progress := await self.provider.progress(self.tag)).stage is not stage:
            assert progress.stage is not Stage.FAILED or stage is Stage.FAILED, progress
            assert time.monotonic() < deadline, progress
            await asyncio.sleep(0.2)
        return progress

    def counted(self) -> dict[str, int]:
        """What there is of it at the cloud, by kind."""
        return counted(self.tenant.connection, self.tag)


def counted(connection: Connection, tag: str) -> dict[str, int]:
    """What there is of a cluster in a project, by kind."""
    owned = Owned(tag, "", str(connection.current_project_id))
    neutron, by_name = connection.network, owned.found_by
    roles = Counter(member.role.value for member in members(connection, tag))
    counts = {
        **roles,
        "floating": len(list(floating_addresses(connection, owned))),
        "ports": len(own_ports(connection, owned)),
        "networks": len(list(neutron.networks(**by_name))),
        "subnets": len(list(neutron.subnets(**by_name))),
        "routers": len(list(neutron.routers(**by_name))),
        "groups": len(list(neutron.security_groups(**by_name))),
        "server groups": len(server_groups(connection, tag)),
    }
    return {kind: count for kind, count in counts.items() if count}


@contextmanager
def killed_after_each_change() -> Iterator[None]:
    """Within it, the worker dies right after the cloud has done the first thing that it was asked for."""
    request = Session.request

    def dying(self: Session, url: str, method: str, **options: Any) -> Any:
        answer = request(self, url, method, **options)
        changed = method in ("POST", "PUT", "PATCH", "DELETE") and "/auth/tokens" not in url
        if changed and answer.ok:
            raise Killed
        return answer

    with patch.object(Session, "request", dying):
        yield
