"""The provider `nova`: clusters of plain servers on which cloud-init installs k3s."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from activities.openstack.connecting import Cloud
from activities.openstack.k3s.authorities import ClusterSecrets
from activities.openstack.k3s.cloud_init import api_url
from activities.openstack.k3s.kubeconfig import admin_kubeconfig
from activities.openstack.k3s.nodes import Reach, reach
from activities.openstack.k3s.releases import DEFAULT_RELEASE, check_upgrade, release_of
from activities.openstack.nova_network import Owned, find_network
from activities.openstack.nova_plan import Role
from activities.openstack.nova_removing import remains, remove_step
from activities.openstack.nova_servers import members, owned_by
from activities.openstack.nova_state import Memory, Operation, State, plain_part, spec_of
from activities.openstack.nova_steps import Steps
from activities.openstack.nova_survey import survey_cloud
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import (
    Progress,
    ProviderAccess,
    ProviderError,
    Stage,
    Survey,
    WantedCluster,
    tag_of,
)

_SINGLE = (
    "A cluster with a single control plane node cannot be upgraded: its state is on the disk of the server "
    "that would be replaced. Make a cluster of the new version and move the applications to it; one with 3 "
    "control plane nodes can be upgraded"
)


class NovaProvider:
    """Clusters of servers on one cloud.

    A cluster's id is its tag. `create`, `scale` and `upgrade` note in the vault what is wanted and do the
    first step; each `progress` does the next one, until what is wanted is there.

    Args:
        access: the cloud, the provider's spec and the cluster's vault.
        reach_cluster: opens the cluster's own API.
        now: the present.
    """

    def __init__(
        self,
        access: ProviderAccess,
        reach_cluster: Reach = reach,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._spec = spec_of(access.provider)
        self._memory = Memory(access.vault)
        self._observes = access.observes
        self._cloud = Cloud(access)
        self._steps = Steps(self._cloud, self._spec, self._memory, reach_cluster, now)

    async def create(self, wanted: WantedCluster) -> str:
        """Have the cluster made, unless it is there already; its tag."""
        fresh, kept = State.of(wanted, self._spec), await self._memory.state()
        if kept is not None and kept.operation is Operation.DELETE:
            await self._check_removed(kept.tag)
            kept = None
        state = fresh if kept is None else await self._continued(kept, fresh)
        if not state.done:
            await self._memory.secrets_for(state.tag)
            await self._memory.keep(state)
        if not state.done:
            await self._begin(state.asked(state.operation))
        return state.tag

    async def find(self, uid: str) -> str | None:
        """The tag of the cluster with this uid, if there is anything of it."""
        tag = tag_of(uid)
        return tag if await self._remains(tag) else None

    async def progress(self, cluster_id: str) -> Progress:
        """How far the cluster is; does the next step of what was asked for last, unless it only observes."""
        state = await self._memory.state()
        if state is None:
            return await self._without_record(cluster_id)
        if state.operation is Operation.DELETE:
            look = remains if self._observes else remove_step
            left = await self._cloud.run(lambda connection: look(connection, owned_by(connection, state)))
            return Progress(Stage.DELETING, f"still there: {', '.join(left)}") if left else _GONE
        if state.done or state.failure or self._observes:
            return await self._observed(state)
        # Two steps at the same time would both make what is missing.
        return await self._steps.step(state)

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """A kubeconfig with a client certificate that is issued anew for a year."""
        state, secrets = await self._known(cluster_id)
        addresses = await self._cloud.run(
            lambda connection: find_network(
                connection, owned_by(connection, state), state.control_plane_nodes
            )
        )
        if not addresses:
            raise ProviderError(
                ReasonCode.RETRIEVE_FAILED, "The cluster's API has no address at the cloud", temporary=False
            )
        return admin_kubeconfig(secrets, api_url(addresses[0]), wanted.cloud_name)

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have it get the workers that it should have; also in place of some that vanished."""
        state, _ = await self._known(cluster_id)
        plain = plain_part(wanted)
        if plain.control_plane_nodes != state.control_plane_nodes:
            raise ProviderError(
                ReasonCode.RECONFIGURE_FAILED,
                f"The cluster was made with {state.control_plane_nodes} control plane nodes and keeps that "
                f"number, {plain.control_plane_nodes} are not possible",
                temporary=False,
            )
        flavor = plain.flavor or self._spec.flavor
        changed = replace(
            state,
            nodes=plain.nodes,
            flavor=flavor,
            control_plane_flavor=plain.control_plane_flavor or flavor,
            image=plain.image or self._spec.image,
        )
        # What is not yet done of an earlier request stays to be done.
        operation = Operation.SCALE if state.done else state.operation
        await self._ask(changed.asked(operation))

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have its servers replaced, one at a time, by ones with the wanted release."""
        state, _ = await self._known(cluster_id)
        named = plain_part(wanted).kubernetes_version or self._spec.kubernetes_version
        release = release_of(named or DEFAULT_RELEASE)
        if release != state.release:
            check_upgrade(state.release, release)
            if state.control_plane_nodes == 1:
                raise ProviderError(ReasonCode.RECONFIGURE_FAILED, _SINGLE, temporary=False)
        await self._ask(replace(state, release=release).asked(Operation.UPGRADE))

    async def delete(self, cluster_id: str) -> None:
        """Have it removed with everything that was made for it, by its tag alone."""
        state = await self._memory.state()
        if state is not None:
            await self._memory.keep(state.asked(Operation.DELETE))
        await self._cloud.run(lambda connection: remove_step(connection, _owned(connection, cluster_id)))

    async def survey(self) -> Survey:
        """Flavors and quotas of the cloud."""
        return await self._cloud.run(survey_cloud)

    async def close(self) -> None:
        """Close the connections."""
        await self._cloud.close()

    async def _ask(self, state: State) -> None:
        await self._memory.keep(state)
        await self._begin(state)

    async def _begin(self, state: State) -> None:
        """The first step of what was asked for; servers that could not be started are replaced."""
        begun = await self._steps.step(state, again=True)
        if begun.stage is Stage.FAILED:
            raise ProviderError(begun.code or state.operation.failure, begun.message, temporary=False)

    async def _known(self, cluster_id: str) -> tuple[State, ClusterSecrets]:
        state, secrets = await self._memory.state(), await self._memory.secrets()
        if state is None or secrets is None or state.tag != cluster_id:
            raise ProviderError(
                ReasonCode.RETRIEVE_FAILED,
                f"Krake has no secrets of the cluster {cluster_id}",
                temporary=False,
            )
        return state, secrets

    async def _observed(self, state: State) -> Progress:
        """The servers of a cluster, nothing of which is changed here."""
        found = await self._cloud.run(lambda connection: members(connection, state.tag))
        workers = sum(member.active for member in found if member.role is Role.WORKER)
        if state.initialized and not any(member.role is Role.CONTROL_PLANE for member in found):
            # Whatever else of it is left, its state is lost.
            return _GONE
        if state.failure:
            return Progress(Stage.FAILED, state.failure, workers, state.code)
        if not state.done:
            return Progress(Stage.WORKING, nodes=workers)
        fewer = f"{workers} of {state.nodes} worker servers run" if workers < state.nodes else ""
        return Progress(Stage.READY, fewer, workers)

    async def _without_record(self, cluster_id: str) -> Progress:
        left = await self._remains(cluster_id)
        if not left:
            return _GONE
        message = f"Krake has no record of how it was made; still there: {', '.join(left)}"
        return Progress(Stage.FAILED, message, code=ReasonCode.RETRIEVE_FAILED)

    async def _continued(self, kept: State, fresh: State) -> State:
        """The state of a cluster whose creation was asked for before."""
        found = await self._cloud.run(lambda connection: members(connection, kept.tag))
        control = any(member.role is Role.CONTROL_PLANE for member in found)
        if not found or (kept.initialized and not control):
            # Nothing came of it, or it vanished at the cloud; what is left of it is used again.
            return fresh
        if kept.done:
            return kept
        return replace(
            fresh,
            control_plane_nodes=kept.control_plane_nodes,
            release=kept.release,
            initialized=kept.initialized,
        )

    async def _remains(self, tag: str) -> list[str]:
        return await self._cloud.run(lambda connection: remains(connection, _owned(connection, tag)))

    async def _check_removed(self, tag: str) -> None:
        if left := await self._remains(tag):
            raise ProviderError(
                ReasonCode.CREATE_FAILED, f"It is still being removed: {', '.join(left)}", temporary=True
            )


def nova_provider(access: ProviderAccess) -> NovaProvider:
    """The provider `nova` on one cloud.

    Raises:
        ProviderError: the specs do not fit.
    """
    return NovaProvider(access)


_GONE = Progress(Stage.GONE)


def _owned(connection: Any, tag: str) -> Owned:
    return Owned(tag, "", str(connection.current_project_id))
