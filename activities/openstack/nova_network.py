"""The network of a cluster of servers: made where none is given, found again by name, never made twice.

Neutron takes names when something is made and tags only afterwards, so the cluster's tag is the name: what
was made is found again even after a crash right behind the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openstack.connection import Connection

from activities.openstack.k3s.cloud_init import API_PORT
from krake.models.infrastructure import Nova
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

NODES_RANGE = "10.64.0.0/22"
"""Apart from the ranges of k3s, which are 10.42.0.0/16 and 10.43.0.0/16; a thousand nodes."""
_EVERYBODY = "0.0.0.0/0"
_SSH = 22


@dataclass(frozen=True, slots=True)
class Owned:
    """How what belongs to a cluster is named and described."""

    tag: str
    title: str
    project: str

    @property
    def fields(self) -> dict[str, str]:
        """What everything is made with."""
        return {"name": self.tag, "description": f"Kubernetes cluster {self.title}, made by Krake"}

    @property
    def found_by(self) -> dict[str, str]:
        """What it is found by: administrators also see other projects' things."""
        return {"name": self.tag, "project_id": self.project}


@dataclass(frozen=True, slots=True)
class ApiPort:
    """The port of a control plane node, made before its server, so that its address is known."""

    id: str
    slot: int
    address: str


@dataclass(frozen=True, slots=True)
class Network:
    """Where a cluster's servers are."""

    id: str
    external: str | None
    """The network that floating addresses are from."""
    security_group: str
    ports: tuple[ApiPort, ...]
    floating: str | None = None
    """The floating address of the API."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the API may be reached, the address for users first."""
        fixed = tuple(port.address for port in self.ports)
        return (self.floating, *fixed) if self.floating else fixed


def port_name(tag: str, slot: int) -> str:
    """The name of a control plane node's port."""
    return f"{tag}-control-plane-{slot}"


def ensure_network(connection: Connection, spec: Nova, owned: Owned, slots: int) -> Network:
    """The network of a cluster with everything in it but the servers.

    Raises:
        ProviderError: nothing leads from the nodes to k3s's installer.
        Whatever openstacksdk raises.
    """
    neutron = connection.network
    external = None
    if spec.external_network:
        external = neutron.find_network(spec.external_network, ignore_missing=False).id
    if spec.network:
        network = neutron.find_network(spec.network, ignore_missing=False).id
    elif external:
        network = _own_network(connection, owned, external)
    else:
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE,
            "The infrastructure provider names neither a network nor an external_network for the nodes",
            temporary=False,
        )
    group = _security_group(connection, owned, with_ssh=bool(spec.key_pair))
    ports = tuple(_port(connection, owned, network, group, slot) for slot in range(slots))
    floating = _floating(connection, owned, external, ports[0]) if external else None
    return Network(network, external, group, ports, floating)


def find_network(connection: Connection, owned: Owned, slots: int) -> tuple[str, ...]:
    """The addresses of the API as far as they are there, the one for users first."""
    found = [_existing_port(connection, owned, slot) for slot in range(slots)]
    fixed = tuple(port.address for port in found if port)
    floating = next(floating_addresses(connection, owned), None)
    return (str(floating.floating_ip_address), *fixed) if floating else fixed


def lead_to(connection: Connection, owned: Owned, slots: Sequence[int]) -> None:
    """Have the API's floating address, if there is one, lead to one of these control plane nodes."""
    for address in floating_addresses(connection, owned):
        ports = [port.id for slot in slots if (port := _existing_port(connection, owned, slot))]
        if ports and address.port_id not in ports:
            connection.network.update_ip(address, port_id=ports[0])


def floating_addresses(connection: Connection, owned: Owned) -> Any:
    """The floating addresses of a cluster: they have no names, so their description is the tag."""
    return connection.network.ips(description=owned.tag, project_id=owned.project)


def _own_network(connection: Connection, owned: Owned, external: str) -> str:
    neutron = connection.network
    network = next(neutron.networks(**owned.found_by), None) or neutron.create_network(**owned.fields)
    subnet = next(neutron.subnets(**owned.found_by), None) or neutron.create_subnet(
        **owned.fields, network_id=network.id, cidr=NODES_RANGE, ip_version=4
    )
    router = next(neutron.routers(**owned.found_by), None) or neutron.create_router(
        **owned.fields, external_gateway_info={"network_id": external}
    )
    if next(neutron.ports(device_id=router.id, network_id=network.id), None) is None:
        neutron.add_interface_to_router(router, subnet.id)
    return str(network.id)


def _security_group(connection: Connection, owned: Owned, *, with_ssh: bool) -> str:
    """A group that lets the nodes reach each other, and everybody the API."""
    neutron = connection.network
    group = next(neutron.security_groups(**owned.found_by), None)
    group = group or neutron.create_security_group(**owned.fields)
    ports = (API_PORT, _SSH) if with_ssh else (API_PORT,)
    wanted: list[dict[str, Any]] = [{"remote_group_id": group.id}]
    wanted += [
        {"protocol": "tcp", "port_range_min": port, "port_range_max": port, "remote_ip_prefix": _EVERYBODY}
        for port in ports
    ]
    there = list(neutron.security_group_rules(security_group_id=group.id, direction="ingress"))
    for rule in wanted:
        if not any(all(getattr(known, name) == value for name, value in rule.items()) for known in there):
            neutron.create_security_group_rule(
                security_group_id=group.id, direction="ingress", ether_type="IPv4", **rule
            )
    return str(group.id)


def _port(connection: Connection, owned: Owned, network: str, group: str, slot: int) -> ApiPort:
    found = _existing_port(connection, owned, slot)
    if found is not None:
        return found
    fields = {**owned.fields, "name": port_name(owned.tag, slot)}
    return _api_port(
        connection.network.create_port(**fields, network_id=network, security_group_ids=[group]), slot
    )


def _existing_port(connection: Connection, owned: Owned, slot: int) -> ApiPort | None:
    by_name = {**owned.found_by, "name": port_name(owned.tag, slot)}
    port = next(connection.network.ports(**by_name), None)
    return None if port is None else _api_port(port, slot)


def _api_port(port: Any, slot: int) -> ApiPort:
    return ApiPort(str(port.id), slot, str(port.fixed_ips[0]["ip_address"]))


def _floating(connection: Connection, owned: Owned, external: str, port: ApiPort) -> str:
    found = next(floating_addresses(connection, owned), None)
    address = found or connection.network.create_ip(
        floating_network_id=external, description=owned.tag, port_id=port.id
    )
    return str(address.floating_ip_address)
