"""What a project has on an OpenStack cloud: sizes of machines, and quotas of the services that are there."""

from __future__ import annotations

from keystoneauth1.exceptions import CatalogException
from openstack.connection import Connection
from openstack.exceptions import raise_from_response

from krake.provisioning.provider import Flavor, Quota, Survey

_COMPUTE = "compute"
_CONTAINERS = "container-infra"
_CLUSTERS = "Cluster"
_QUOTAS_SINCE = "1.6"


def survey(connection: Connection) -> Survey:
    """What Nova and Magnum tell, as far as the cloud has them. Signs in, whatever is there."""
    connection.session.get_token()
    flavors: tuple[Flavor, ...] = ()
    quotas: tuple[Quota, ...] = ()
    if _offers(connection, _COMPUTE):
        flavors = tuple(
            Flavor(str(one.name), int(one.vcpus or 0), int(one.ram or 0), int(one.disk or 0))
            for one in connection.compute.flavors()
        )
        quotas = _compute_quotas(connection)
    if _offers(connection, _CONTAINERS):
        quotas = (*quotas, _clusters_quota(connection))
    return Survey(flavors, quotas)


def _offers(connection: Connection, service: str) -> bool:
    """Whether the catalogue has the service; what openstacksdk knows of that goes by its own names."""
    region = connection.config.get_region_name() or None
    interface = connection.config.get_interface() or "public"
    try:
        return bool(
            connection.session.get_endpoint(service_type=service, interface=interface, region_name=region)
        )
    except CatalogException:
        return False


def _compute_quotas(connection: Connection) -> tuple[Quota, ...]:
    limits = connection.compute.get_limits().absolute
    return (
        Quota("instances", int(limits.instances), int(limits.instances_used)),
        Quota("cores", int(limits.total_cores), int(limits.total_cores_used)),
        Quota("memory_mib", int(limits.total_ram), int(limits.total_ram_used)),
    )


def _clusters_quota(connection: Connection) -> Quota:
    magnum, project = connection.container_infrastructure_management, connection.session.get_project_id()
    limit = magnum.get(f"/quotas/{project}/{_CLUSTERS}", microversion=_QUOTAS_SINCE)
    raise_from_response(limit)
    used = magnum.get(f"/stats?project_id={project}", microversion=_QUOTAS_SINCE)
    raise_from_response(used)
    return Quota("clusters", int(limit.json()["hard_limit"]), int(used.json()["clusters"]))
