"""What Nova is asked for, where the clouds that tests can run have nothing of the kind: volumes, zones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from openstack.connection import Connection
from openstack.exceptions import BadRequestException

from activities.openstack.nova import nova_provider
from activities.openstack.nova_network import ApiPort, Network
from activities.openstack.nova_plan import MakeServer, Role
from activities.openstack.nova_servers import Materials, find_materials, make_server, node_name
from activities.openstack.nova_state import State
from krake.models.infrastructure import Nova
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderAccess, ProviderError, tag_of

STATE = State("krake-1", "testing/demo", 1, 3, "small", "large", "ubuntu", "v1.33.4+k3s1")
NETWORK = Network("net", "ext", "group", tuple(ApiPort(f"port-{n}", n, f"10.64.0.{n}") for n in range(3)))
MATERIALS = Materials("image", "flavor", "control-flavor", "server-group")


class Recording:
    """Stands in for a cloud, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.compute = self

    def create_server(self, **fields: Any) -> None:
        """Remembers the request."""
        self.asked = fields


def asked(spec: Nova, action: MakeServer) -> dict[str, Any]:
    """What Nova is asked for."""
    cloud = Recording()
    make_server(
        cast(Connection, cloud),
        spec,
        STATE,
        action,
        name="krake-1-x",
        user_data="#cloud-config\n",
        materials=MATERIALS,
        network=NETWORK,
    )
    return cloud.asked


def test_a_boot_volume_is_made_of_the_image_and_goes_with_the_server() -> None:
    spec = Nova(image="ubuntu", flavor="small", boot_volume_gigabytes=20)
    fields = asked(spec, MakeServer(Role.WORKER))
    assert "image_id" not in fields
    assert fields["block_device_mapping"] == [
        {
            "boot_index": 0,
            "uuid": "image",
            "source_type": "image",
            "destination_type": "volume",
            "volume_size": 20,
            "delete_on_termination": True,
        }
    ]


def test_a_control_plane_server_has_its_port_and_keeps_apart_from_the_others() -> None:
    spec = Nova(image="ubuntu", flavor="small", key_pair="mine", availability_zone="north")
    fields = asked(spec, MakeServer(Role.CONTROL_PLANE, 2))
    assert fields["networks"] == [{"port": "port-2"}] and "security_groups" not in fields
    assert fields["scheduler_hints"] == {"group": "server-group"}
    assert (fields["flavor_id"], fields["key_name"]) == ("control-flavor", "mine")
    assert fields["availability_zone"] == "north" and fields["image_id"] == "image"
    assert fields["tags"] == ["krake-1"] and fields["metadata"]["krake-slot"] == "2"


def test_a_worker_is_in_the_network_and_the_group() -> None:
    fields = asked(Nova(image="ubuntu", flavor="small"), MakeServer(Role.WORKER))
    assert fields["networks"] == [{"uuid": "net"}] and fields["security_groups"] == [{"name": "group"}]
    assert "key_name" not in fields and "scheduler_hints" not in fields


def test_a_cloud_without_server_groups_does_without() -> None:
    def refuse(**fields: Any) -> None:
        raise BadRequestException("Policy soft-anti-affinity is not supported")

    found = SimpleNamespace(id="1")
    compute = SimpleNamespace(
        find_flavor=lambda *_, **__: found, server_groups=lambda: [], create_server_group=refuse
    )
    cloud = SimpleNamespace(compute=compute, image=SimpleNamespace(find_image=lambda *_, **__: found))
    spec = Nova(image="ubuntu", flavor="small")
    assert find_materials(cast(Connection, cloud), spec, STATE).server_group is None


class NoVault:
    """Keeps nothing."""

    async def get(self, name: str) -> bytes | None:
        """Nothing."""
        return None

    async def put(self, name: str, value: bytes) -> None:
        """Must not happen."""
        raise AssertionError(name)


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ({"type": "magnum", "magnum": {}}, "of the type magnum, not nova"),
        ({"type": "nova", "nova": {"image": "ubuntu", "flavor": ""}}, "not valid at flavor"),
    ],
)
def test_a_spec_that_does_not_fit_is_refused(provider: dict[str, Any], words: str) -> None:
    with pytest.raises(ProviderError, match=words) as refused:
        nova_provider(ProviderAccess(cloud={}, provider=provider, vault=NoVault()))
    assert refused.value.code is ReasonCode.INVALID_RESOURCE


@pytest.mark.parametrize("role", list(Role))
def test_a_node_has_a_name_for_which_its_kubelet_gets_a_certificate(role: Role) -> None:
    name = node_name(tag_of(str(uuid4())), role)
    x509.NameAttribute(NameOID.COMMON_NAME, f"system:node:{name}")
    assert name != node_name(tag_of(str(uuid4())), role)
