"""The machine room: watches a tenant's servers at Nova, switches machines on that run there, and off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from openstack.exceptions import NotFoundException

from tests.openstack_full.booting.machines import FirstServer, Machine, Server
from tests.openstack_full.booting.user_data import Boot
from tests.openstack_full.conftest import Tenant

_PAUSE = 0.5


class MachineRoom:
    """The machines of one tenant, by the ids of their servers."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.machines: dict[str, Machine] = {}
        self._tenant = tenant
        self._folder = folder

    def cluster(self) -> FirstServer:
        """The machine of the only control plane."""
        (found,) = (machine for machine in self.machines.values() if isinstance(machine, FirstServer))
        return found

    def named(self, node: str) -> Machine:
        """The machine with a node of this name."""
        return next(machine for machine in self.machines.values() if machine.boot.node == node)

    async def watch(self) -> None:
        """For ever."""
        while True:
            await self._look()
            await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        """Switch all machines off, workers first."""
        for machine in reversed(list(self.machines.values())):
            await machine.switch_off()
        self.machines.clear()

    async def _look(self) -> None:
        there = await asyncio.to_thread(self._running)
        for gone in self.machines.keys() - there.keys():
            await self.machines[gone].switch_off()
            del self.machines[gone]
        for new in there.keys() - self.machines.keys():
            server = await asyncio.to_thread(self._server, there[new])
            if server is not None:
                await self._boot(server)

    async def _boot(self, server: Server) -> None:
        boot = Boot.read(server.user_data)
        if boot.first:
            machine = FirstServer(server, boot, self._folder / server.name)
            # First, so that whatever fails is switched off again.
            self.machines[server.id] = machine
            await machine.switch_on()
            return
        for known in list(self.machines.values()):
            if isinstance(known, FirstServer) and _reaches(server, boot, known):
                self.machines[server.id] = await known.join(server, boot)
        # Else it tries again and again, as an agent does.

    def _running(self) -> dict[str, Any]:
        servers = self._tenant.connection.compute.servers(details=True)
        return {str(server.id): server for server in servers if server.status == "ACTIVE"}

    def _server(self, found: Any) -> Server | None:
        """A server with its user data, which administrators read; None where it has just gone."""
        neutron = self._tenant.connection.network
        port = next(neutron.ports(device_id=found.id), None)
        try:
            full = self._tenant.admin.compute.get_server(found.id)
        except NotFoundException:
            return None
        if port is None:
            return None
        floating = next(neutron.ips(port_id=port.id), None)
        return Server(
            id=str(found.id),
            name=str(found.name),
            user_data=str(full.user_data),
            network=str(port.network_id),
            address=str(port.fixed_ips[0]["ip_address"]),
            floating=str(floating.floating_ip_address) if floating else None,
            vcpus=int(found.flavor["vcpus"]),
            memory_mib=int(found.flavor["ram"]),
        )


def _reaches(server: Server, boot: Boot, other: FirstServer) -> bool:
    """Whether the address that a machine was told to join is that of another one in the same network."""
    return server.network == other.server.network and boot.join == other.server.address


@asynccontextmanager
async def machine_room(tenant: Tenant, folder: Path) -> AsyncIterator[MachineRoom]:
    """A room that watches meanwhile; what fails in it fails the test at once."""
    room = MachineRoom(tenant, folder)
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(room.watch())
            yield room
            watching.cancel()
    finally:
        await room.close()
