"""Removing a cluster of servers: one step after the other, by its tag alone, until nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from openstack.connection import Connection
from openstack.exceptions import ConflictException, NotFoundException

from activities.openstack.nova_network import Owned, floating_addresses
from activities.openstack.nova_servers import delete_server, members, server_groups

ROUTER_INTERFACE = "network:router_interface"


def remove_step(connection: Connection, owned: Owned) -> list[str]:
    """Have everything removed that can be at present; what is still there, in words.

    Raises:
        Whatever openstacksdk raises, but for what is gone or still used by something that goes.
    """
    found = members(connection, owned.tag)
    for member in found:
        if not member.leaving:
            delete_server(connection, member.id)
    if not found:
        _remove_network(connection, owned)
        for group in server_groups(connection, owned.tag):
            connection.compute.delete_server_group(group, ignore_missing=True)
    return remains(connection, owned)


def remains(connection: Connection, owned: Owned) -> list[str]:
    """What there is of a cluster, in words."""
    neutron, found_by = connection.network, owned.found_by
    kinds: dict[str, Iterable[object]] = {
        "server": members(connection, owned.tag),
        "floating address": floating_addresses(connection, owned),
        "port": own_ports(connection, owned),
        "router": neutron.routers(**found_by),
        "network": neutron.networks(**found_by),
        "security group": neutron.security_groups(**found_by),
        "server group": server_groups(connection, owned.tag),
    }
    counted = {kind: len(list(things)) for kind, things in kinds.items()}
    return [f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counted.items() if count]


def own_ports(connection: Connection, owned: Owned) -> list[Any]:
    """The ports that were made for the control plane: their names begin with the tag."""
    prefix = f"{owned.tag}-"
    ports = connection.network.ports(project_id=owned.project)
    return [port for port in ports if (port.name or "").startswith(prefix)]


def _remove_network(connection: Connection, owned: Owned) -> None:
    """From the outermost to what it rests on."""
    neutron, found_by = connection.network, owned.found_by
    for address in floating_addresses(connection, owned):
        _unless_used(neutron.delete_ip, address)
    for port in own_ports(connection, owned):
        _unless_used(neutron.delete_port, port)
    for router in neutron.routers(**found_by):
        for port in neutron.ports(device_id=router.id, device_owner=ROUTER_INTERFACE):
            _unless_used(neutron.remove_interface_from_router, router, None, port.id)
        _unless_used(neutron.delete_router, router)
    for network in neutron.networks(**found_by):
        _unless_used(neutron.delete_network, network)
    for group in neutron.security_groups(**found_by):
        _unless_used(neutron.delete_security_group, group)


def _unless_used(remove: Callable[..., object], *what: object, **how: object) -> None:
    """What something else still uses is removed at a later step; what is gone is gone."""
    try:
        remove(*what, **how)
    except (ConflictException, NotFoundException):
        return
