"""The provider `magnum`: clusters that the cloud's own container infrastructure service makes."""

from __future__ import annotations

from typing import Any

from openstack.connection import Connection
from openstack.container_infrastructure_management.v1.cluster_template import ClusterTemplate

from activities.openstack import magnum_api as api
from activities.openstack.certificates import administrator_request, kubeconfig
from activities.openstack.connecting import Cloud
from activities.openstack.magnum_requests import (
    TAG_LABEL,
    bad_template,
    checked,
    creation,
    described,
    follows,
    invalid,
)
from activities.openstack.magnum_states import progress_of, require_changeable
from activities.openstack.surveying import survey
from activities.provisioning.specs import valid_part
from krake.models.infrastructure import ClusterInfrastructure, Magnum
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import (
    ClusterProvider,
    Progress,
    ProviderAccess,
    ProviderError,
    Stage,
    Survey,
    WantedCluster,
    tag_of,
)


def magnum_provider(access: ProviderAccess) -> ClusterProvider:
    """The provider on one cloud.

    Raises:
        ProviderError: the specs do not fit it.
    """
    spec = valid_part(Magnum, access.provider.get("magnum") or {}, "The infrastructure provider")
    return MagnumProvider(Cloud(access), spec)


class MagnumProvider:
    """Makes clusters through Magnum.

    A cluster is found again by its name, which ends with a part of its uid, and then by the label `krake`,
    which holds the whole tag. Names are not unique in Magnum, and it shows a cluster a moment after it has
    accepted it: where two were made in spite of all, the older one is kept and the other removed.
    """

    def __init__(self, cloud: Cloud, spec: Magnum) -> None:
        self._cloud = cloud
        self._spec = spec

    async def create(self, wanted: WantedCluster) -> str:
        """Have it made from its cluster template; its UUID."""
        infrastructure = described(wanted)
        if found := await self._cloud.run(lambda connection: _only_one(connection, wanted.uid)):
            return found
        template = await self._template(infrastructure)
        body = creation(wanted, infrastructure, template, self._spec.create_timeout)
        return await self._cloud.run(lambda connection: api.create_cluster(connection, body))

    async def find(self, uid: str) -> str | None:
        """The UUID of the cluster with this tag."""
        found = await self._cloud.run(lambda connection: _tagged(connection, uid))
        return str(found[0]["uuid"]) if found else None

    async def progress(self, cluster_id: str) -> Progress:
        """What Magnum says of it."""
        return progress_of(await self._cluster(cluster_id))

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """A kubeconfig with a new key, certified by the authority that Magnum keeps for the cluster."""
        cluster = await self._cluster(cluster_id)
        if cluster is None:
            raise ProviderError(ReasonCode.NOT_FOUND, "Magnum has the cluster no more", temporary=False)
        if not (address := str(cluster.get("api_address") or "")):
            raise ProviderError(
                ReasonCode.NOT_READY, "Magnum does not say yet where the cluster's API is", temporary=True
            )

        def certified(connection: Connection) -> dict[str, Any]:
            request = administrator_request()
            authority = api.authority_of(connection, cluster_id)
            certificate = api.sign(connection, cluster_id, request.csr)
            return kubeconfig(wanted.name, address, authority, certificate, request.key)

        return await self._cloud.run(certified, missing=ReasonCode.RETRIEVE_FAILED)

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have the node group that was made with the cluster get the nodes that other groups do not have."""
        nodes = described(wanted).nodes
        await self._cloud.run(lambda connection: _scale(connection, cluster_id, nodes))

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have it follow its template, which is how Magnum changes the version of Kubernetes."""
        infrastructure = described(wanted)
        template = await self._template(infrastructure)
        version = infrastructure.kubernetes_version
        await self._cloud.run(
            lambda connection: _upgrade(connection, cluster_id, template, version),
            missing=ReasonCode.INVALID_CLUSTER_TEMPLATE,
        )

    async def delete(self, cluster_id: str) -> None:
        """Have it removed, unless that is under way or done."""
        progress = await self.progress(cluster_id)
        if progress.stage not in (Stage.GONE, Stage.DELETING):
            await self._cloud.run(lambda connection: api.delete_cluster(connection, cluster_id))

    async def survey(self) -> Survey:
        """Flavors and quotas, as far as the cloud has the services that tell them."""
        return await self._cloud.run(survey)

    async def close(self) -> None:
        """Close the connections to the cloud."""
        await self._cloud.close()

    async def _cluster(self, cluster_id: str) -> dict[str, Any] | None:
        return await self._cloud.run(lambda connection: api.cluster_of(connection, cluster_id))

    async def _template(self, infrastructure: ClusterInfrastructure) -> ClusterTemplate:
        """The cluster template that is asked for, by the cluster or else by the provider.

        Raises:
            ProviderError: none is named, it is not there, or Krake cannot use its clusters.
        """
        name = infrastructure.template or self._spec.template
        if not name:
            raise bad_template("Name a cluster template: neither the cluster nor its provider does")
        template = await self._cloud.run(
            lambda connection: connection.container_infrastructure_management.find_cluster_template(
                name, ignore_missing=False
            ),
            missing=ReasonCode.INVALID_CLUSTER_TEMPLATE,
        )
        return checked(template)


def _tagged(connection: Connection, uid: str) -> list[api.Document]:
    """The clusters that carry the tag, the oldest first: one, or none, or after a mishap several."""
    # What the name of a cluster of whatever name ends with.
    ending = WantedCluster(uid, "", "").cloud_name.strip("-")
    found = api.clusters_named(connection, ending)
    return [one for one in found if (one.get("labels") or {}).get(TAG_LABEL) == tag_of(uid)]


def _only_one(connection: Connection, uid: str) -> str | None:
    """The cluster that is there already, and no other one.

    Raises:
        ProviderError: it is just being removed.
    """
    found = _tagged(connection, uid)
    for spare in found[1:]:
        api.delete_cluster(connection, str(spare["uuid"]))
    if found and progress_of(found[0]).stage is Stage.DELETING:
        raise ProviderError(
            ReasonCode.NOT_READY, "The cluster that was here before is still being removed", temporary=True
        )
    return str(found[0]["uuid"]) if found else None


def _scale(connection: Connection, cluster_id: str, nodes: int) -> None:
    cluster = api.cluster_of(connection, cluster_id)
    if cluster is not None and cluster["status"] == "UPDATE_IN_PROGRESS" and cluster["node_count"] == nodes:
        # The same call before a crash.
        return
    cluster = require_changeable(cluster, "be scaled")
    if cluster["node_count"] == nodes and progress_of(cluster).stage is Stage.READY:
        return
    own, *others = api.worker_groups(connection, cluster_id)
    rest = nodes - sum(int(group["node_count"]) for group in others)
    if rest < 0:
        raise invalid(f"The cluster's other node groups have more than {nodes} nodes")
    api.resize(connection, cluster, str(own["uuid"]), rest, nodes)


def _upgrade(connection: Connection, cluster_id: str, template: ClusterTemplate, version: str | None) -> None:
    cluster = api.cluster_of(connection, cluster_id)
    if cluster is not None and follows(cluster, template, version):
        return
    cluster = require_changeable(cluster, "be upgraded")
    group = api.worker_groups(connection, cluster_id)[0]
    api.upgrade(connection, cluster, str(template.uuid), str(group["uuid"]))
