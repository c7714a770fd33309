"""A real OpenStack for `make test-openstack`, and a project of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import openstack
import pytest
from openstack.connection import Connection
from openstack.identity.v3._proxy import Proxy

from tests.openstack_full.cloud import HELP, OpenStackCloud, missing_programs
from tests.openstack_full.configuration import PASSWORD, REGION

ENVIRONMENT = os.environ.get("OPENSTACK_ENVIRONMENT", "")
collect_ignore_glob = [] if ENVIRONMENT else ["test_*.py"]

IMAGE, FLAVOR, HUGE, EXTERNAL = "ubuntu", "small", "huge", "public"


@dataclass(frozen=True)
class Tenant:
    """A project with an ordinary user in it."""

    url: str
    name: str
    connection: Connection
    admin: Connection

    def cloud(self, password: str = PASSWORD) -> dict[str, object]:
        """The cloud's spec, as users write it."""
        user = {"username": self.name, "password": password}
        auth = {
            "type": "password",
            "password": {"version": "3", "user": user, "project": {"name": self.name}},
        }
        provider = {"name": "nova", "namespaced": False}
        return {
            "type": "openstack",
            "openstack": {
                "url": self.url,
                "auth": auth,
                "region": REGION,
                "infrastructure_provider": provider,
            },
        }


def _connect(url: str, user: str, project: str) -> Connection:
    return openstack.connect(
        auth_url=url,
        username=user,
        password=PASSWORD,
        project_name=project,
        user_domain_id="default",
        project_domain_id="default",
        region_name=REGION,
        load_yaml_config=False,
        load_envvars=False,
    )


def _set_up(cloud: OpenStackCloud) -> Connection:
    """Users and addresses of the services, and afterwards what every project may use."""
    admin = _connect(cloud.configuration.keystone_url, "admin", "admin")
    identity = _identity(admin)
    project = identity.create_project(name="service", domain_id="default")
    roles = [
        identity.find_role("admin", ignore_missing=False),
        identity.find_role("service", ignore_missing=False),
    ]
    for name, (kind, url) in cloud.configuration.catalog().items():
        user = identity.create_user(name=name, password=PASSWORD, domain_id="default")
        for role in roles:
            identity.assign_project_role_to_user(project, user, role)
        service = identity.create_service(type=kind, name=name)
        for interface in ("public", "internal", "admin"):
            identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id=REGION)
    cloud.start_services()
    admin.close()
    # The token from before was issued with a catalogue that knew Keystone only.
    admin = _connect(cloud.configuration.keystone_url, "admin", "admin")
    admin.compute.create_flavor(name=FLAVOR, ram=512, vcpus=1, disk=1)
    admin.compute.create_flavor(name=HUGE, ram=10_000_000, vcpus=1, disk=1)
    admin.image.create_image(
        name=IMAGE,
        data=b"no system",
        disk_format="raw",
        container_format="bare",
        visibility="public",
    )
    external = admin.network.create_network(
        name=EXTERNAL,
        is_router_external=True,
        provider_network_type="flat",
        provider_physical_network="external",
    )
    admin.network.create_subnet(
        network_id=external.id, cidr="172.24.0.0/16", ip_version=4, name=EXTERNAL, enable_dhcp=False
    )
    return admin


def _identity(admin: Connection) -> Proxy:
    assert isinstance(admin.identity, Proxy)
    return admin.identity


@pytest.fixture(scope="session")
def openstack_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenStackCloud, Connection]]:
    """The cloud and its administrator."""
    missing = missing_programs()
    if missing:
        pytest.fail(f"{', '.join(missing)} not found. {HELP}", pytrace=False)
    cloud = OpenStackCloud(tmp_path_factory.mktemp("openstack"), Path(ENVIRONMENT))
    try:
        cloud.start()
        yield cloud, _set_up(cloud)
    finally:
        cloud.stop()


@pytest.fixture
def tenant(openstack_cloud: tuple[OpenStackCloud, Connection]) -> Iterator[Tenant]:
    """A new project, so that nothing of another test is seen or counted."""
    cloud, admin = openstack_cloud
    name = f"tenant-{uuid4().hex[:8]}"
    identity = _identity(admin)
    project = identity.create_project(name=name, domain_id="default")
    user = identity.create_user(
        name=name, password=PASSWORD, domain_id="default", default_project_id=project.id
    )
    member = identity.find_role("member", ignore_missing=False)
    identity.assign_project_role_to_user(project, user, member)
    url = cloud.configuration.keystone_url
    connection = _connect(url, name, name)
    yield Tenant(url, name, connection, admin)
    connection.close()
