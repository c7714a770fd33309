"""What a cloud of servers offers: flavors, and what the project may use and uses."""

from __future__ import annotations

from openstack.connection import Connection
from openstack.exceptions import ForbiddenException, NotFoundException

from krake.provisioning.provider import Flavor, Quota, Survey

_COMPUTE = {
    "servers": ("instances", "instances_used"),
    "cpus": ("total_cores", "total_cores_used"),
    "memory_mib": ("total_ram", "total_ram_used"),
}
_NETWORK = {
    "networks": "network",
    "routers": "router",
    "ports": "port",
    "floating_addresses": "floatingip",
    "security_groups": "security_group",
}


def survey_cloud(connection: Connection) -> Survey:
    """The flavors by size, and the quotas of servers and networks with what is used of them.

    Raises:
        Whatever openstacksdk raises.
    """
    flavors = [
        Flavor(str(flavor.name), int(flavor.vcpus), int(flavor.ram), int(flavor.disk or 0))
        for flavor in connection.compute.flavors()
    ]
    flavors.sort(key=lambda flavor: (flavor.cpus, flavor.memory_mib, flavor.name))
    return Survey(tuple(flavors), (*_compute_quotas(connection), *_network_quotas(connection)))


def _compute_quotas(connection: Connection) -> list[Quota]:
    limits = connection.compute.get_limits().absolute
    return [
        Quota(resource, int(getattr(limits, limit)), int(getattr(limits, used)))
        for resource, (limit, used) in _COMPUTE.items()
    ]


def _network_quotas(connection: Connection) -> list[Quota]:
    """Those of Neutron, which a cloud may keep from ordinary members of a project."""
    try:
        found = connection.network.get_quota(str(connection.current_project_id), details=True).to_dict()
    except (ForbiddenException, NotFoundException):
        return []
    details = {resource: found.get(name) or found.get(f"{name}s") for resource, name in _NETWORK.items()}
    return [
        Quota(resource, int(detail["limit"]), int(detail["used"]))
        for resource, detail in details.items()
        if isinstance(detail, dict)
    ]
