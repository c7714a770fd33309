"""Machines: the first server of a cluster, and workers, which join it as a k3s agent does."""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from krake.embedded.control_plane import STAGES, Ports
from krake.embedded.credentials import write_private
from krake.embedded.process import ManagedProcess
from krake.embedded.stable_ports import stable_ports
from tests.openstack_full.booting.addresses import on_loopback
from tests.openstack_full.booting.control_plane import ADMINISTRATOR, PORT, K3sControlPlane
from tests.openstack_full.booting.user_data import Boot

LEASE_SECONDS = 8
"""How long a node's lease lasts; a kubelet's default is 40."""
_TOKEN = re.compile(r"K10([0-9a-f]{64})::node:(.+)")


@dataclass(frozen=True)
class Server:
    """A server as the cloud has it."""

    id: str
    name: str
    user_data: str
    network: str
    address: str
    floating: str | None
    vcpus: int
    memory_mib: int


class Machine:
    """One server that is switched on: its node, and the kubelet that keeps it ready.

    The kubelet is kwok's: it renews the lease of this node alone, and plays its Pods. It ends with the
    machine, and then nobody renews the lease.
    """

    def __init__(self, server: Server, boot: Boot, plane: K3sControlPlane, number: int) -> None:
        self.server = server
        self.boot = boot
        self.plane = plane
        self._number = number
        folder = plane.directory
        name = f"kubelet-{boot.node}"
        self._kubelet = ManagedProcess(name, folder / "run" / f"{name}.pid", folder / "logs" / f"{name}.log")

    async def register(self) -> None:
        """What a kubelet does first, with a certificate that allows it nothing else."""
        async with self.plane.api(f"system:node:{self.boot.node}", ("system:nodes",)) as api:
            await api.create("/api/v1/nodes", self._node())

    def start_kubelet(self, programs: Mapping[str, Path]) -> None:
        """Have the node ready from now on."""
        kubeconfig = self.plane.directory / "clients" / "kwok.kubeconfig"
        write_private(kubeconfig, self.plane.kubeconfig(*ADMINISTRATOR).encode())
        flags = [
            f"--kubeconfig={kubeconfig}",
            f"--config={STAGES}",
            f"--manage-single-node={self.boot.node}",
            f"--node-lease-duration-seconds={LEASE_SECONDS}",
            f"--cidr=10.42.{self._number}.0/24",
        ]
        self._kubelet.start([programs["kwok"], *flags])

    async def switch_off(self) -> None:
        """As a loss of power."""
        await self._kubelet.stop(0)

    def _node(self) -> dict[str, Any]:
        server, boot = self.server, self.boot
        labels = {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/os": "linux",
            "kubernetes.io/hostname": boot.node,
        }
        addresses = [
            {"type": "InternalIP", "address": server.address},
            {"type": "Hostname", "address": boot.node},
        ]
        resources = {
            "cpu": str(server.vcpus),
            "memory": f"{server.memory_mib}Mi",
            "ephemeral-storage": "1Gi",
            "pods": "110",
        }
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": boot.node, "labels": {**labels, **boot.labels}},
            "spec": {"taints": boot.taints},
            "status": {"capacity": resources, "allocatable": resources, "addresses": addresses},
        }


class FirstServer(Machine):
    """The machine that makes a cluster."""

    def __init__(self, server: Server, boot: Boot, folder: Path) -> None:
        # Where there are floating addresses, the one of the network is out of anybody's reach.
        address = server.floating or server.address
        plane = K3sControlPlane(folder, Ports(PORT, *stable_ports(2)), boot, address)
        super().__init__(server, boot, plane, number=0)
        self.programs: Mapping[str, Path] = {}
        self._address = ExitStack()
        self._joined = 0

    async def switch_on(self) -> None:
        """Start the control plane, and its own node."""
        self._address.enter_context(on_loopback(self.plane.address))
        self.programs = await self.plane.run()
        await self.register()
        self.start_kubelet(self.programs)

    async def join(self, server: Server, boot: Boot) -> Machine:
        """A worker that has booted."""
        assert boot.role == "agent", f"{boot.node} would be a further server: that is not played here"
        self._joined += 1
        await asyncio.to_thread(self._check, boot)
        machine = Machine(server, boot, self.plane, self._joined)
        await machine.register()
        machine.start_kubelet(self.programs)
        return machine

    async def switch_off(self) -> None:
        """As a loss of power, and its address leads nowhere."""
        await super().switch_off()
        await self.plane.end()
        self._address.close()

    def _check(self, boot: Boot) -> None:
        """Both sides recognize each other as k3s's do.

        The agent compares the hash in its token with that of the authority that the server shows, and then
        trusts this authority only; the server compares the secret.
        """
        token = _TOKEN.fullmatch(boot.config["token"])
        assert token is not None, "no agent's token"
        authority = self.boot.tls["server-ca.crt"]
        assert token[1] == hashlib.sha256(authority.encode()).hexdigest(), "the token is of another cluster"
        assert token[2] == self.boot.config["agent-token"], "the server refuses the token"
        trust = ssl.create_default_context(cadata=authority)
        with socket.create_connection((self.plane.address, PORT), 20) as connection:
            # The name is checked: the address by which it was told to join is in the server's certificate.
            trust.wrap_socket(connection, server_hostname=boot.join).close()
