"""The servers of a cluster: listed by its tag, made for a role, and marked while they are drained."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openstack.connection import Connection
from openstack.exceptions import BadRequestException, NotFoundException

from activities.openstack.nova_network import Network, Owned
from activities.openstack.nova_plan import MakeServer, Member, Role
from activities.openstack.nova_state import State
from krake.models.infrastructure import Nova

ROLE, SLOT, RELEASE, DRAINING, CLUSTER = (
    "krake-role",
    "krake-slot",
    "krake-kubernetes",
    "krake-draining-since",
    "krake-cluster",
)
"""Keys of a server's metadata."""

_BROKEN = "ERROR"
_RUNS = "ACTIVE"
_DELETING = "deleting"
_SUFFIX_BYTES = 3
_SHORT = {Role.CONTROL_PLANE: "cp", Role.WORKER: "w"}


@dataclass(frozen=True, slots=True)
class Materials:
    """What a cluster's servers are made of, by their ids at the cloud."""

    image: str
    flavor: str
    control_plane_flavor: str
    server_group: str | None


def find_materials(connection: Connection, spec: Nova, state: State) -> Materials:
    """What the servers are made of; their server group is made where there is none.

    Raises:
        Whatever openstacksdk raises, `NotFoundException` for what the cloud does not know.
    """
    nova = connection.compute
    image = connection.image.find_image(state.image, ignore_missing=False)
    flavor = nova.find_flavor(state.flavor, ignore_missing=False)
    control = nova.find_flavor(state.control_plane_flavor, ignore_missing=False)
    if spec.key_pair:
        nova.find_keypair(spec.key_pair, ignore_missing=False)
    return Materials(str(image.id), str(flavor.id), str(control.id), _server_group(connection, state))


def members(connection: Connection, tag: str) -> list[Member]:
    """The servers of a cluster."""
    return [_member(server) for server in connection.compute.servers(details=True, tags=tag)]


def node_name(tag: str, role: Role) -> str:
    """A name that no other node ever had: k3s refuses a new machine with the name of an old one.

    With `system:node:` before it, it is the common name of the kubelet's certificate, for which RFC 5280
    allows 64 characters; hence the short words.
    """
    return f"{tag}-{_SHORT[role]}-{secrets.token_hex(_SUFFIX_BYTES)}"


def make_server(
    connection: Connection,
    spec: Nova,
    state: State,
    action: MakeServer,
    *,
    name: str,
    user_data: str,
    materials: Materials,
    network: Network,
) -> None:
    """Have Nova make a server; it is not waited for.

    Raises:
        Whatever openstacksdk raises.
    """
    control = action.role is Role.CONTROL_PLANE
    metadata = {CLUSTER: state.title, ROLE: action.role.value, RELEASE: state.release}
    fields: dict[str, Any] = {
        "name": name,
        "flavor_id": materials.control_plane_flavor if control else materials.flavor,
        # Not all clouds have a metadata service, and where there is one it need not be up in time.
        "config_drive": True,
        "user_data": base64.b64encode(user_data.encode()).decode(),
        "tags": [state.tag],
        "metadata": {**metadata, SLOT: str(action.slot)} if control else metadata,
        **_disk(spec, materials.image),
    }
    if control:
        fields["networks"] = [{"port": network.ports[action.slot].id}]
    else:
        fields["networks"] = [{"uuid": network.id}]
        fields["security_groups"] = [{"name": network.security_group}]
    if control and materials.server_group:
        fields["scheduler_hints"] = {"group": materials.server_group}
    if spec.key_pair:
        fields["key_name"] = spec.key_pair
    if spec.availability_zone:
        fields["availability_zone"] = spec.availability_zone
    connection.compute.create_server(**fields)


def mark_draining(connection: Connection, server: str, since: datetime) -> None:
    """Note at the server since when its Pods leave, so that a crash does not start the time anew."""
    connection.compute.set_server_metadata(server, **{DRAINING: since.isoformat()})


def delete_server(connection: Connection, server: str) -> None:
    """Have Nova delete a server; nothing happens where it is gone."""
    connection.compute.delete_server(server, ignore_missing=True)


def _disk(spec: Nova, image: str) -> dict[str, Any]:
    if spec.boot_volume_gigabytes is None:
        return {"image_id": image}
    volume = {
        "boot_index": 0,
        "uuid": image,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": spec.boot_volume_gigabytes,
        "delete_on_termination": True,
    }
    return {"block_device_mapping": [volume]}


def _server_group(connection: Connection, state: State) -> str | None:
    """Keeps the control plane's servers on different hosts where the cloud can, else there is none."""
    if state.control_plane_nodes == 1:
        return None
    found = server_groups(connection, state.tag)
    if found:
        return found[0]
    policy = "soft-anti-affinity"
    try:
        return str(connection.compute.create_server_group(name=state.tag, policies=[policy]).id)
    except (BadRequestException, NotFoundException):
        # This cloud's Nova has no server groups, or not this policy.
        return None


def server_groups(connection: Connection, tag: str) -> list[str]:
    """The ids of a cluster's server groups."""
    return [str(group.id) for group in connection.compute.server_groups() if group.name == tag]


def owned_by(connection: Connection, state: State) -> Owned:
    """How the things of a cluster are named in the connection's project."""
    return Owned(state.tag, state.title, str(connection.current_project_id))


def _member(server: Any) -> Member:
    metadata: Mapping[str, str] = server.metadata or {}
    since = metadata.get(DRAINING)
    fault = server.fault or {}
    return Member(
        id=str(server.id),
        name=str(server.name),
        role=Role(metadata.get(ROLE, Role.WORKER)),
        release=metadata.get(RELEASE, ""),
        created=str(server.created_at),
        slot=int(metadata.get(SLOT, -1)),
        active=server.status == _RUNS,
        broken=server.status == _BROKEN,
        fault=" ".join(str(fault.get("message", "")).split()),
        leaving=server.task_state == _DELETING,
        draining_since=datetime.fromisoformat(since) if since else None,
    )
