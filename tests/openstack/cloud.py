"""A small real OpenStack: Keystone, Glance and Magnum with a driver of ours, which makes sandboxes.

Keystone's authentication and rights, Magnum's API with its checks and quotas, its conductor, its database and
its certificates are upstream's. What is ours: the driver, and that there is neither Nova nor Heat.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from krake.embedded.ports import free_port
from tests.openstack import machines
from tests.openstack.configuration import GLANCE, MAGNUM, SERVICE_PASSWORD, SERVICE_USER
from tests.openstack.environments import OPENSTACK, SOURCE, python, require
from tests.openstack.keystone import PASSWORD, REGION, SERVE, Keystone, running_keystone
from tests.openstack.processes import SECONDS, command, make_database, serving
from tests.support.waiting import until

USER = PROJECT = "demo"
"""Who makes clusters, and where; the password is `keystone.PASSWORD`."""
TEMPLATE = "kubernetes"
"""The name of a cluster template that works."""
_HERE = Path(__file__).parent
_ENTRY_POINTS = "[magnum.drivers]\nsandbox = krake_magnum_driver:SandboxDriver\n"
_METADATA = "Metadata-Version: 2.1\nName: krake-magnum-driver\nVersion: 1.0\n"

Document = dict[str, Any]


@dataclass
class OpenStack:
    """The cloud, and what its administrator can do."""

    keystone: Keystone
    magnum: str
    image: str
    project: str
    """The id of the project `demo`."""
    user: str
    """The id of the user `demo`."""
    clusters: Path
    http: httpx.AsyncClient = field(repr=False)

    @property
    def url(self) -> str:
        """Keystone's address."""
        return self.keystone.url

    def password_auth(self, password: str = PASSWORD) -> Document:
        """The part `auth` of a cloud's spec."""
        parts = {"user": {"username": USER, "password": password}, "project": {"name": PROJECT}}
        return {"type": "password", "password": parts}

    def spec(self, auth: Document | None = None, provider: str = "magnum") -> Document:
        """The spec of a Krake cloud whose infrastructure provider has this name."""
        known = {"url": self.url, "auth": auth or self.password_auth()}
        return {"type": "openstack", "openstack": {**known, "infrastructure_provider": {"name": provider}}}

    async def template(self, name: str = "", **labels: str) -> str:
        """Make one more cluster template with these labels; its name."""
        made = name or f"template-{secrets.token_hex(4)}"
        body = {"name": made, "coe": "kubernetes", "image_id": self.image, "labels": labels, "public": True}
        await self._ask("POST", "/clustertemplates", json=body)
        return made

    async def allow_clusters(self, limit: int) -> None:
        """Set the quota of clusters of the project `demo`."""
        body = {"project_id": self.project, "resource": "Cluster", "hard_limit": limit}
        answer = await self._ask("PATCH", f"/quotas/{self.project}/Cluster", json=body, check=False)
        if answer.is_error:
            await self._ask("POST", "/quotas", json=body)

    async def names(self) -> list[str]:
        """The names of the project's clusters at Magnum."""
        token = await self.keystone.log_in(USER, scope=PROJECT)
        answer: httpx.Response | None = None

        async def read() -> bool:
            # It finds its own answer invalid while a cluster just loses its node groups.
            nonlocal answer
            answer = await self._ask("GET", "/clusters", token=token, check=False)
            return answer.is_success

        await until("Magnum lists its clusters", read)
        assert answer is not None
        return [str(one["name"]) for one in answer.json()["clusters"]]

    async def described(self, name: str) -> list[Document]:
        """What Magnum says of each cluster that was made for the Krake cluster with this name."""
        token = await self.keystone.log_in(USER, scope=PROJECT)
        names = [one for one in await self.names() if f"-{name}-krake-" in one]
        return [(await self._ask("GET", f"/clusters/{one}", token=token)).json() for one in names]

    async def twin(self, name: str, of: str) -> None:
        """Make a cluster with the name, the labels and the template of another one."""
        token = await self.keystone.log_in(USER, scope=PROJECT)
        known = (await self._ask("GET", f"/clusters/{of}", token=token)).json()
        body = {"name": name, **{field: known[field] for field in ("cluster_template_id", "labels")}}
        await self._ask("POST", "/clusters", token=token, json=body)
        await until("the twin is there", lambda: self._has_two(name))

    async def _has_two(self, name: str) -> bool:
        return (await self.names()).count(name) == 2

    async def application_credential(self) -> tuple[str, str]:
        """The id and the secret of a new application credential of `demo`."""
        secret, path = secrets.token_urlsafe(16), f"users/{self.user}/application_credentials"
        token = await self.keystone.log_in(USER, scope=PROJECT)
        made = await self.keystone.create(token, path, name=secrets.token_hex(4), secret=secret)
        return made, secret

    async def delete_application_credential(self, credential: str) -> None:
        """Take an application credential back."""
        headers = {"X-Auth-Token": await self.keystone.log_in(USER, scope=PROJECT)}
        path = f"/users/{self.user}/application_credentials/{credential}"
        (await self.keystone.http.delete(path, headers=headers)).raise_for_status()

    async def _ask(
        self, method: str, path: str, token: str = "", check: bool = True, **content: Any
    ) -> httpx.Response:
        headers = {
            "X-Auth-Token": token or await self.keystone.log_in("admin", scope="admin"),
            "OpenStack-API-Version": "container-infra 1.9",
        }
        answer = await self.http.request(method, f"{self.magnum}{path}", headers=headers, **content)
        assert not check or answer.is_success, answer.text
        return answer


@asynccontextmanager
async def running_openstack(folder: Path) -> AsyncIterator[OpenStack]:
    """The services, a project with a user, and a cluster template; all ended afterwards, with clusters."""
    environment = require(OPENSTACK)
    for name in ("keystone", "images", "staging", "tasks", "magnum", "clusters", "locks"):
        (folder / name).mkdir()
    for name in ("glance", "magnum"):
        make_database(folder / f"{name}.db")
    async with AsyncExitStack() as stack:
        glance_ready = asyncio.create_task(_prepare_glance(environment, folder))
        keystone = await stack.enter_async_context(running_keystone(folder / "keystone"))
        ports = {name: free_port("127.0.0.1") for name in ("glance", "magnum")}
        glance, magnum = (f"http://127.0.0.1:{ports[name]}" for name in ("glance", "magnum"))
        for name, content in (("glance", GLANCE), ("magnum", MAGNUM)):
            text = content.format(folder=folder, environment=environment, keystone=keystone.url)
            (folder / f"{name}-api.conf").write_text(text)
        project, user = await _populate(keystone, {"image": glance, "container-infra": f"{magnum}/v1"})
        await glance_ready
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=SECONDS))
        stack.push_async_callback(_end_clusters, folder / "clusters")
        await asyncio.gather(
            stack.enter_async_context(_glance(environment, folder, ports["glance"])),
            stack.enter_async_context(_magnum(environment, folder, ports["magnum"])),
        )
        image = await _image(http, keystone, glance)
        cloud = OpenStack(keystone, f"{magnum}/v1", image, project, user, folder / "clusters", http)
        await cloud.template(TEMPLATE)
        yield cloud


async def _prepare_glance(environment: Path, folder: Path) -> None:
    """Its tables; where Keystone is does not matter yet."""
    configuration = folder / "glance-tables.conf"
    configuration.write_text(
        GLANCE.format(folder=folder, environment=environment, keystone="http://127.0.0.1")
    )
    await command([environment / "bin" / "glance-manage", "--config-file", configuration, "db_sync"])


async def _populate(keystone: Keystone, services: dict[str, str]) -> tuple[str, str]:
    """The catalogue, the services' user, and the project and the user that make clusters."""
    admin = await keystone.log_in("admin", scope="admin")
    for kind, url in services.items():
        service = await keystone.create(admin, "services", type=kind, name=kind)
        for interface in ("public", "internal", "admin"):
            about = {"service_id": service, "interface": interface, "url": url, "region_id": REGION}
            await keystone.create(admin, "endpoints", **about)
    serving = await keystone.create(admin, "projects", name="service", domain_id="default")
    services_user = await keystone.create(
        admin, "users", name=SERVICE_USER, password=SERVICE_PASSWORD, domain_id="default"
    )
    for role in (await keystone.find(admin, "roles", "admin"), await _service_role(keystone, admin)):
        await keystone.grant(admin, serving, services_user, role)
    project = await keystone.create(admin, "projects", name=PROJECT, domain_id="default")
    user = await keystone.create(admin, "users", name=USER, password=PASSWORD, domain_id="default")
    await keystone.grant(admin, project, user, await keystone.find(admin, "roles", "member"))
    return project, user


async def _service_role(keystone: Keystone, admin: str) -> str:
    try:
        return await keystone.find(admin, "roles", "service")
    except IndexError:
        return await keystone.create(admin, "roles", name="service")


@asynccontextmanager
async def _glance(environment: Path, folder: Path, port: int) -> AsyncIterator[None]:
    words: list[str | Path] = [*python(environment), SERVE, "glance.wsgi.api", str(port)]
    variables = {"OS_GLANCE_CONFIG_DIR": str(folder), "OS_GLANCE_CONFIG_FILES": "glance-api.conf"}
    async with serving(words, folder / "glance.log", f"http://127.0.0.1:{port}/", variables):
        yield


@asynccontextmanager
async def _magnum(environment: Path, folder: Path, port: int) -> AsyncIterator[None]:
    """Magnum, which finds the driver as if it were installed: by the metadata of a package on its path."""
    package = folder / "packages" / "krake_magnum_driver-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "entry_points.txt").write_text(_ENTRY_POINTS)
    (package / "METADATA").write_text(_METADATA)
    variables = {
        "PYTHONPATH": f"{package.parent}:{_HERE / 'driver'}",
        "KRAKE_PYTHON": sys.executable,
        "KRAKE_SOURCE": str(SOURCE),
        "KRAKE_CLUSTERS": str(folder / "clusters"),
    }
    configuration = folder / "magnum-api.conf"
    words: list[str | Path] = [
        *python(environment),
        _HERE / "serve_magnum.py",
        str(port),
        "--config-file",
        configuration,
    ]
    async with serving(words, folder / "magnum.log", f"http://127.0.0.1:{port}/", variables):
        yield


async def _image(http: httpx.AsyncClient, keystone: Keystone, glance: str) -> str:
    """The image whose property leads Magnum to the driver; nothing ever boots it."""
    headers = {"X-Auth-Token": await keystone.log_in("admin", scope="admin")}
    about = {"disk_format": "raw", "container_format": "bare", "visibility": "public", "os_distro": "sandbox"}
    made = await http.post(f"{glance}/v2/images", json={"name": "nodes", **about}, headers=headers)
    image = str(made.raise_for_status().json()["id"])
    headers["Content-Type"] = "application/octet-stream"
    path = f"{glance}/v2/images/{image}/file"
    (await http.put(path, content=b"nothing to boot", headers=headers)).raise_for_status()
    return image


async def _end_clusters(folder: Path) -> None:
    """End the servers of clusters that are left; Magnum, which could start more, has ended."""
    for one in await asyncio.to_thread(machines.all_in, folder):
        await one.delete()
