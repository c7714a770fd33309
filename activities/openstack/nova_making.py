"""Making the servers that a plan names: their network first, then one request to Nova for each."""

from __future__ import annotations

from collections.abc import Sequence

from activities.openstack.connecting import Cloud
from activities.openstack.k3s import cloud_init
from activities.openstack.k3s.authorities import ClusterSecrets
from activities.openstack.nova_network import Network, ensure_network
from activities.openstack.nova_plan import MakeServer, Member, Role
from activities.openstack.nova_servers import Materials, find_materials, make_server, node_name, owned_by
from activities.openstack.nova_state import State
from krake.models.infrastructure import Nova

AT_ONCE = 20
"""Servers that one step asks for, so that a step takes seconds; the next one goes on."""


class Maker:
    """Makes servers of one cluster."""

    def __init__(self, cloud: Cloud, spec: Nova, state: State, secrets: ClusterSecrets) -> None:
        self._cloud = cloud
        self._spec = spec
        self._state = state
        self._secrets = secrets

    async def make(self, actions: Sequence[MakeServer], members: Sequence[Member]) -> None:
        """Ask Nova for servers, and make what they need where it is missing.

        Args:
            actions: the servers.
            members: the servers that there are, one of which new ones join.

        Raises:
            ProviderError: the cloud does not know the image, the flavor or the network, a quota is used up,
                or it failed.
        """
        spec, state = self._spec, self._state
        # First what may be unknown: then nothing is made in vain.
        materials = await self._cloud.run(lambda connection: find_materials(connection, spec, state))
        network = await self._cloud.run(
            lambda connection: ensure_network(
                connection, spec, owned_by(connection, state), state.control_plane_nodes
            )
        )
        for action in actions[:AT_ONCE]:
            await self._make_one(action, materials, network, members)

    async def _make_one(
        self, action: MakeServer, materials: Materials, network: Network, members: Sequence[Member]
    ) -> None:
        name = node_name(self._state.tag, action.role)
        user_data = self._user_data(action, name, network, members).render()
        await self._cloud.run(
            lambda connection: make_server(
                connection,
                self._spec,
                self._state,
                action,
                name=name,
                user_data=user_data,
                materials=materials,
                network=network,
            )
        )

    def _user_data(
        self, action: MakeServer, name: str, network: Network, members: Sequence[Member]
    ) -> cloud_init.UserData:
        state, secrets = self._state, self._secrets
        software = cloud_init.Software(state.release, self._spec.install_script)
        if action.role is Role.WORKER:
            return cloud_init.worker(name, secrets, software, join=_join(action, network, members))
        dedicated = state.nodes > 0
        if action.first:
            return cloud_init.first_server(
                name,
                secrets,
                software,
                addresses=network.addresses,
                dedicated=dedicated,
                several=state.control_plane_nodes > 1,
            )
        return cloud_init.further_server(
            name,
            secrets,
            software,
            addresses=network.addresses,
            dedicated=dedicated,
            join=_join(action, network, members),
        )


def lasting_slots(members: Sequence[Member]) -> list[int]:
    """The slots of the control plane's servers that are neither drained nor removed nor broken."""
    return sorted(
        member.slot
        for member in members
        if member.role is Role.CONTROL_PLANE
        and not (member.leaving or member.draining_since or member.broken)
    )


def _join(action: MakeServer, network: Network, members: Sequence[Member]) -> str:
    """The address of the control plane node that a new node asks; later it knows all of them."""
    slots = [slot for slot in lasting_slots(members) if slot != action.slot] or [0]
    return network.ports[slots[0]].address
