"""One step of a cluster of servers on its way to what it should be: observe, decide, act."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from activities.kubernetes.errors import ClusterError
from activities.openstack.connecting import Cloud
from activities.openstack.k3s.cloud_init import api_url
from activities.openstack.k3s.kubeconfig import admin_kubeconfig
from activities.openstack.k3s.nodes import Nodes, Reach
from activities.openstack.nova_making import Maker, lasting_slots
from activities.openstack.nova_network import find_network, lead_to
from activities.openstack.nova_plan import Delete, Drain, Forget, MakeServer, Member, Plan, Role, plan
from activities.openstack.nova_servers import delete_server, mark_draining, members, owned_by
from activities.openstack.nova_state import Memory, State
from krake.models.infrastructure import Nova
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import Progress, ProviderError, Stage

DRAINED_WITHIN = timedelta(minutes=5)
"""After that a server is deleted, whatever still runs on it."""
_CERTIFICATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Api:
    """The cluster's own API, if it answers, and the nodes that it told."""

    nodes: Nodes
    ready: Mapping[str, bool]


class Steps:
    """Does the steps of one cluster.

    Args:
        cloud: where it is.
        spec: the infrastructure provider's.
        memory: its vault.
        reach: opens its API.
        now: the present.
    """

    def __init__(
        self, cloud: Cloud, spec: Nova, memory: Memory, reach: Reach, now: Callable[[], datetime]
    ) -> None:
        self._cloud = cloud
        self._spec = spec
        self._memory = memory
        self._reach = reach
        self._now = now

    async def step(self, state: State, *, again: bool = False) -> Progress:
        """Do what can be done now, and tell how far the cluster is.

        Args:
            state: what it should be.
            again: whether servers that could not be started are replaced.

        Raises:
            ProviderError: the cloud does not answer or accept the credentials.
        """
        found = await self._cloud.run(lambda connection: members(connection, state.tag))
        await self._lead(state, found)
        async with self._api(state, found) as api:
            if api is not None and not state.initialized:
                state = replace(state, initialized=True)
                await self._memory.keep(state)
            chosen = plan(state, found, api.ready if api else None, again=again)
            nodes = sum(member.active for member in found if member.role is Role.WORKER)
            advanced = False
            if not chosen.failure:
                chosen, advanced = await self._tried(state, chosen, found, api)
        if chosen.failure:
            await self._memory.keep(replace(state, failure=chosen.failure, code=chosen.code))
            return Progress(Stage.FAILED, chosen.failure, nodes, chosen.code)
        if chosen.done:
            await self._memory.keep(replace(state, done=True))
            return Progress(Stage.READY, nodes=nodes)
        return Progress(Stage.WORKING, _told(chosen), nodes, advanced=advanced)

    async def _lead(self, state: State, found: Sequence[Member]) -> None:
        """The API's floating address leads to a control plane node that stays."""
        slots = lasting_slots(found)
        if state.control_plane_nodes > 1 and state.initialized and slots:
            await self._cloud.run(lambda connection: lead_to(connection, owned_by(connection, state), slots))

    @asynccontextmanager
    async def _api(self, state: State, found: Sequence[Member]) -> AsyncIterator[Api | None]:
        """The cluster's API, if it answers with the expected certificate and accepts the issued one."""
        if not any(member.active and member.role is Role.CONTROL_PLANE for member in found):
            yield None
            return
        secrets = await self._memory.secrets_for(state.tag)
        addresses = await self._cloud.run(
            lambda connection: find_network(
                connection, owned_by(connection, state), state.control_plane_nodes
            )
        )
        for address in addresses:
            kubeconfig = admin_kubeconfig(secrets, api_url(address), state.tag, _CERTIFICATE)
            nodes = await self._reach(kubeconfig)
            try:
                try:
                    ready = await nodes.ready()
                except ClusterError:
                    # Not yet, or not at this address.
                    continue
                yield Api(nodes, ready)
                return
            finally:
                await nodes.close()
        yield None

    async def _tried(
        self, state: State, chosen: Plan, found: Sequence[Member], api: Api | None
    ) -> tuple[Plan, bool]:
        """What a plan came to: itself, or a failure that asking the cloud again would not change; and whether
        anything was done of it, and not only waited for."""
        try:
            return chosen, await self._act(state, chosen, found, api)
        except ProviderError as error:
            if error.temporary or error.code is ReasonCode.INVALID_CREDENTIALS:
                raise
            return Plan(failure=error.message, code=error.code), False

    async def _act(self, state: State, chosen: Plan, found: Sequence[Member], api: Api | None) -> bool:
        making = [action for action in chosen.actions if isinstance(action, MakeServer)]
        done = bool(making)
        for action in chosen.actions:
            match action:
                case Drain(member):
                    done |= await self._drain(member, api)
                case Delete(member):
                    await self._delete(member)
                    done = True
                case Forget(node) if api is not None:
                    await _forget(api.nodes, node)
                    done = True
        if making:
            secrets = await self._memory.secrets_for(state.tag)
            await Maker(self._cloud, self._spec, state, secrets).make(making, found)
        return done

    async def _drain(self, member: Member, api: Api | None) -> bool:
        """Have the Pods leave, and delete the server when they did or their time is over; whether that, or
        the beginning of it, was done."""
        since = member.draining_since
        if since is None:
            now = self._now()
            # At the next step the API's address leads away from it.
            await self._cloud.run(lambda connection: mark_draining(connection, member.id, now))
            return True
        if member.role is Role.CONTROL_PLANE and api is None:
            return False
        left = await _left(member, api)
        if left != 0 and self._now() - since <= DRAINED_WITHIN:
            return False
        await self._delete(member)
        return True

    async def _delete(self, member: Member) -> None:
        await self._cloud.run(lambda connection: delete_server(connection, member.id))


async def _left(member: Member, api: Api | None) -> int | None:
    """How many Pods have still to leave; None where the API does not tell."""
    if api is None:
        return None
    try:
        return await api.nodes.drain(member.name)
    except ClusterError:
        return None


async def _forget(nodes: Nodes, name: str) -> None:
    try:
        await nodes.forget(name)
    except ClusterError as error:
        raise ProviderError(error.code, error.message, temporary=error.temporary) from None


def _told(chosen: Plan) -> str:
    """A step in words."""
    making = sum(isinstance(action, MakeServer) for action in chosen.actions)
    words = [f"{making} server{'s are' if making > 1 else ' is'} made"] if making else []
    words += [f"{action.member.name} is drained" for action in chosen.actions if isinstance(action, Drain)]
    words += [f"{action.member.name} is replaced" for action in chosen.actions if isinstance(action, Delete)]
    words += [f"node {action.node} is removed" for action in chosen.actions if isinstance(action, Forget)]
    return "; ".join(words[:3]) or chosen.waits_for
