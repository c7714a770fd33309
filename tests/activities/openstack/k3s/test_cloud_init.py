"""The user data is valid by cloud-init's own schema, and holds for each role only what it needs."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from activities.openstack.k3s import cloud_init
from activities.openstack.k3s.authorities import AUTHORITIES, ClusterSecrets
from activities.openstack.k3s.cloud_init import (
    INSTALL,
    Software,
    UserData,
    first_server,
    further_server,
    worker,
)

SCHEMA = jsonschema_rs.validator_for(
    json.loads(Path(__file__).with_name("cloud-init-schema.json").read_text())
)
SOFTWARE = Software("v1.33.4+k3s1", "https://mirror.example/k3s?branch=main&x=$HOME")
ADDRESSES = ("203.0.113.7", "10.64.0.11")
TLS = "/var/lib/rancher/k3s/server/tls"


@pytest.fixture(scope="module")
def secrets() -> ClusterSecrets:
    """Of one cluster."""
    return ClusterSecrets.make("krake-1234")


def documents(secrets: ClusterSecrets) -> dict[str, UserData]:
    """Every kind of user data that there is."""
    return {
        "single": first_server("a", secrets, SOFTWARE, addresses=ADDRESSES, dedicated=True, several=False),
        "first": first_server("a", secrets, SOFTWARE, addresses=ADDRESSES, dedicated=False, several=True),
        "further": further_server(
            "b", secrets, SOFTWARE, addresses=ADDRESSES, dedicated=True, join="10.64.0.11"
        ),
        "worker": worker("c", secrets, SOFTWARE, join="fd00::5"),
    }


def config_of(text: str) -> dict[str, Any]:
    """What k3s is configured with."""
    files = {file["path"]: file for file in yaml.safe_load(text)["write_files"]}
    config = yaml.safe_load(files["/etc/rancher/k3s/config.yaml"]["content"])
    assert isinstance(config, dict)
    return config


@pytest.mark.parametrize("kind", ["single", "first", "further", "worker"])
def test_every_document_is_valid_private_and_short_enough(secrets: ClusterSecrets, kind: str) -> None:
    text = documents(secrets)[kind].render()
    assert text.startswith("#cloud-config\n")
    document = yaml.safe_load(text)
    errors = [error.message for error in SCHEMA.iter_errors(document)]
    assert errors == []
    assert {file["permissions"] for file in document["write_files"]} <= {"0600", "0700"}
    assert {file["owner"] for file in document["write_files"]} == {"root:root"}
    assert all(isinstance(command, list) for key in ("bootcmd", "runcmd") for command in document[key])
    assert document["bootcmd"] == [["ip", "route", "replace", "blackhole", "169.254.169.254/32"]]
    assert len(base64.b64encode(text.encode())) < cloud_init.LONGEST


def test_the_schema_finds_mistakes() -> None:
    wrong = {"write_files": [{"path": "/x", "permissions": 600}], "runcmd": [{"a": 1}]}
    assert len(list(SCHEMA.iter_errors(wrong))) >= 2


def test_a_single_server_makes_the_cluster_with_all_of_its_authorities(secrets: ClusterSecrets) -> None:
    text = documents(secrets)["single"].render()
    written = {file["path"]: file["content"] for file in yaml.safe_load(text)["write_files"]}
    for name in AUTHORITIES:
        assert written[f"{TLS}/{name}-ca.crt"] == secrets.files[f"{name}-ca.crt"]
        assert written[f"{TLS}/{name}-ca.key"] == secrets.files[f"{name}-ca.key"]
    assert written[f"{TLS}/service.key"] == secrets.files["service.key"]
    config = config_of(text)
    assert (config["token"], config["agent-token"]) == (secrets.server_token, secrets.agent_token)
    assert config["tls-san"] == list(ADDRESSES)
    assert config["node-taint"] == ["node-role.kubernetes.io/control-plane=true:NoSchedule"]
    assert config["node-label"] == ["krake/managed=true"]
    assert "cluster-init" not in config and "server" not in config


def test_the_first_of_three_starts_etcd_and_the_others_join_it(secrets: ClusterSecrets) -> None:
    first, further = (config_of(documents(secrets)[kind].render()) for kind in ("first", "further"))
    assert first["cluster-init"] is True and "node-taint" not in first
    assert further["server"] == "https://10.64.0.11:6443"
    assert further["token"] == secrets.server_join_token and "cluster-init" not in further


def test_workers_and_further_servers_get_no_keys(secrets: ClusterSecrets) -> None:
    shown = {kind: document.render() for kind, document in documents(secrets).items()}
    assert "PRIVATE KEY" not in shown["worker"] + shown["further"]
    assert secrets.server_token not in shown["worker"]
    assert config_of(shown["worker"])["server"] == "https://[fd00::5]:6443"


def test_secrets_are_in_no_representation(secrets: ClusterSecrets) -> None:
    document = documents(secrets)["single"]
    assert secrets.server_token not in repr(secrets) + repr(document)
    assert "PRIVATE KEY" not in repr(secrets) + repr(document)


def test_the_installer_is_good_shell_and_is_given_its_words_one_by_one(
    secrets: ClusterSecrets, tmp_path: Path
) -> None:
    script = tmp_path / "install"
    script.write_text(INSTALL)
    for shell in ("bash", "sh"):
        subprocess.run([shell, "-n", str(script)], check=True)
    command = documents(secrets)["worker"].commands[0]
    assert command[1:] == [SOFTWARE.install_script, "v1.33.4+k3s1", "agent"]


def test_the_installer_fetches_and_runs_k3s_installer(tmp_path: Path) -> None:
    """Run for real, with a file for the address: the release and the role reach k3s's installer."""
    installer = tmp_path / "k3s.sh"
    seen = tmp_path / "seen"
    installer.write_text(f'echo "$INSTALL_K3S_VERSION $INSTALL_K3S_EXEC" > {seen}\n')
    script = tmp_path / "install"
    script.write_text(INSTALL)
    subprocess.run(["sh", str(script), installer.as_uri(), "v1.33.4+k3s1", "server"], check=True)
    assert seen.read_text() == "v1.33.4+k3s1 server\n"
