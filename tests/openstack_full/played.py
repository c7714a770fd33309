"""A Kubernetes API for what the fake hypervisor runs: nodes are ready as soon as their servers are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from activities.kubernetes.errors import unreachable
from activities.openstack.k3s.nodes import Nodes
from activities.openstack.nova_plan import Role
from activities.openstack.nova_servers import members
from tests.openstack_full.conftest import Tenant


@dataclass
class PlayedCluster:
    """Plays the API of a cluster; every running server is a ready node."""

    tenant: Tenant
    tag: str
    answers: bool = True
    pods: dict[str, int] = field(default_factory=dict)
    """Pods on nodes; one leaves at each drain."""
    forgotten: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    addresses: list[str] = field(default_factory=list)

    async def reach(self, kubeconfig: Mapping[str, Any]) -> Nodes:
        """Opens it."""
        self.addresses.append(kubeconfig["clusters"][0]["cluster"]["server"])
        return self

    def restart(self) -> None:
        """It was made anew: the old nodes are unknown."""
        self.seen.clear()

    async def ready(self) -> Mapping[str, bool]:
        """The nodes: those of servers that run, and of servers that are gone until they are forgotten."""
        found = members(self.tenant.connection, self.tag)
        if not self.answers or not any(member.role is Role.CONTROL_PLANE for member in found):
            raise unreachable(self.tag, "nothing boots here")
        running = {member.name for member in found if member.active}
        self.seen |= running
        names = {member.name for member in found}
        ghosts = self.seen - names - set(self.forgotten)
        return {name: name in running for name in running | ghosts}

    async def drain(self, name: str) -> int:
        """One Pod leaves."""
        self.pods[name] = max(0, self.pods.get(name, 0) - 1)
        return self.pods[name]

    async def forget(self, name: str) -> None:
        """The node is removed."""
        self.forgotten.append(name)

    async def close(self) -> None:
        """Nothing is open."""
