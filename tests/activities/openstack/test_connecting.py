"""What goes wrong on the way to a cloud, in words; `test_magnum.py` signs in at a real Keystone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from keystoneauth1.identity import BaseIdentityPlugin
from openstack.connection import Connection

from activities.openstack.connecting import Cloud
from activities.openstack.magnum import magnum_provider
from krake.embedded.ports import free_port
from krake.models.reasons import ReasonCode
from krake.provisioning.projects import cloud_of_project, provider_of_project
from krake.provisioning.provider import ProviderError
from tests.activities.openstack.access import access_to, openstack_at

CREDENTIAL = {"type": "application_credential", "application_credential": {"id": "i", "secret": "hush-hush"}}


def token_of(connection: Connection) -> str | None:
    """Sign in."""
    return connection.session.get_token()


def told_to_keystone(connection: Connection) -> dict[str, Any]:
    """As whom the connection signs in."""
    plugin = connection.session.auth
    assert isinstance(plugin, BaseIdentityPlugin)
    return dict(plugin.get_cache_id_elements())


def from_file(entry: str = "mine") -> dict[str, Any]:
    """A cloud that is an entry of the operator's file."""
    auth = {"type": "clouds_yaml", "clouds_yaml": {"cloud": entry}}
    return {"type": "openstack", "openstack": {"auth": auth, "infrastructure_provider": {"name": "magnum"}}}


@pytest.mark.parametrize("auth", [{}, CREDENTIAL])
async def test_a_cloud_that_does_not_answer(auth: dict[str, Any]) -> None:
    cloud = Cloud(access_to(openstack_at(f"http://127.0.0.1:{free_port('127.0.0.1')}/v3", **auth), {}))
    with pytest.raises(ProviderError, match="does not answer") as caught:
        await cloud.run(token_of)
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.CLOUD_NOT_REACHABLE, True)
    assert "Connection refused" in caught.value.message
    for hidden in ("hush-hush", "ConnectionPool", "\n"):
        assert hidden not in caught.value.message
    await cloud.close()


async def test_a_project_signs_in_by_ids() -> None:
    user, project = {"id": "u1", "password": "hush-hush"}, {"id": "p1"}
    auth = {"type": "password", "password": {"version": "3", "user": user, "project": project}}
    spec = {"url": "http://127.0.0.1:5000/v3", "auth": auth, "template": "k8s", "metrics": []}
    cloud = Cloud(access_to(cloud_of_project(spec), provider_of_project(spec)))
    told = await cloud.run(told_to_keystone)
    await cloud.close()
    assert (told["user_id"], told["project_id"]) == ("u1", "p1")
    assert [told[name] for name in ("user_domain_name", "project_domain_id")] == [None, None]
    await magnum_provider(access_to(cloud_of_project(spec), provider_of_project(spec))).close()


async def test_a_cloud_of_another_type_is_refused() -> None:
    with pytest.raises(ProviderError, match="needs a cloud of the type openstack, not custom"):
        Cloud(access_to({"type": "custom", "custom": {}}, {}))


async def test_a_certificate_that_is_none_is_refused() -> None:
    spec = openstack_at("https://127.0.0.1:5000/v3")
    spec["openstack"]["ca_certificate"] = "no certificate"
    with pytest.raises(ProviderError, match="no PEM certificate"):
        Cloud(access_to(spec, {}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "the operator keeps none"),
        ("clouds: {other: {}}", "no entry mine"),
        ("clouds: {mine: {auth: {password: hush-hush}", "no YAML"),
        ("clouds: {mine: {auth: {password: hush-hush}}}", "not usable"),
    ],
)
async def test_what_is_wrong_with_the_operators_file(
    content: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither the environment nor the usual places count.
    monkeypatch.setenv("OS_CLOUD", "mine")
    monkeypatch.setenv("OS_AUTH_URL", "http://127.0.0.1:1/v3")
    file = tmp_path / "operators.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ProviderError, match=words) as caught:
        Cloud(access_to(from_file(), {}, clouds_file=str(file) if content is not None else ""))
    assert (caught.value.code, caught.value.temporary) == (ReasonCode.INVALID_CREDENTIALS, False)
    assert "hush-hush" not in caught.value.message


def test_a_worker_starts_without_openstacksdk() -> None:
    script = "import sys, worker.__main__; print('openstack' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
