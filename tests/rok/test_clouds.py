"""`rok infra` by type: what is sent for each, what does not fit, and what tables show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rok.infrastructure_views import cloud as cloud_rows
from rok.infrastructure_views import infrastructure_provider as provider_rows
from rok.secret_words import completed
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

SECRET = "a-very-secret-word"
KEYSTONE = ("--type", "openstack", "--url", "http://keystone:5000/v3")
CREDENTIAL = ("--application-credential", "2c0e8a", SECRET)


def _register(rok: Rok, command: str, *words: str) -> Any:
    return rok("infra", command, "register", *words, "-o", "json").ok().json["spec"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (
            ("magnum", "--template", "k8s", "--create-timeout", "90"),
            {"template": "k8s", "create_timeout": 90},
        ),
        (
            ("nova", "--image", "debian", "--flavor", "medium", "--boot-volume", "40", "--key-pair", "me"),
            {"image": "debian", "flavor": "medium", "boot_volume_gigabytes": 40, "key_pair": "me"},
        ),
        (
            ("custom", "--provider", "sandbox", "--option", "limit=3", "--option", "zone=a"),
            {"name": "sandbox", "options": {"limit": 3, "zone": "a"}},
        ),
    ],
)
def test_a_provider_of_each_type(rok: Rok, words: tuple[str, ...], part: dict[str, Any]) -> None:
    kind, *options = words
    spec = _register(rok, "ip", "mine", "--type", kind, *options)
    assert spec["type"] == kind
    assert spec[kind] | part == spec[kind]
    shown = rok("infra", "ip", "get", "mine").ok().out
    assert f"| {kind}" in shown
    assert str(next(iter(part.values()))) in shown


def test_options_of_a_provider_are_added_and_what_is_not_given_stays(rok: Rok) -> None:
    rok("infra", "ip", "register", "mine", "--type", "custom", "--provider", "x", "--option", "a=1").ok()
    updated = rok("infra", "ip", "update", "mine", "--option", "b=[2]", "--token", SECRET, "-o", "json").ok()
    custom = updated.json["spec"]["custom"]
    assert custom == {"name": "x", "url": None, "token": "<redacted>", "options": {"a": 1, "b": [2]}}
    assert SECRET not in updated.out


@pytest.fixture
def sandbox(rok: Rok) -> Rok:
    """An infrastructure provider named sandbox in the namespace."""
    rok("infra", "ip", "register", "sandbox", "--type", "custom", "--provider", "sandbox").ok()
    return rok


def test_a_cloud_with_an_application_credential(sandbox: Rok, clean_surroundings: Path) -> None:
    (clean_surroundings / "ca.pem").write_text(
        "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
    )
    more = ("--infra-provider", "sandbox", "--region", "north", "--ca-certificate", "ca.pem")
    spec = _register(sandbox, "cloud", "dresden", *KEYSTONE, *CREDENTIAL, *more)["openstack"]
    assert spec["auth"] == {
        "type": "application_credential",
        "application_credential": {"id": "2c0e8a", "secret": "<redacted>"},
    }
    assert spec["ca_certificate"].startswith("-----BEGIN CERTIFICATE-----")
    shown = sandbox("infra", "cloud", "get", "dresden").ok().out
    assert "application credential 2c0e8a" in shown
    assert "| region                  | north" in shown
    assert "| ca certificate          | given" in shown
    assert SECRET not in shown


def test_a_cloud_changes_its_way_of_signing_in(sandbox: Rok) -> None:
    rok = sandbox
    rok("infra", "cloud", "register", "c", *KEYSTONE, *CREDENTIAL, "--infra-provider", "sandbox").ok()
    half = rok("infra", "cloud", "update", "c", "--username", "krake")
    assert half.code == 2
    assert "requires --project to be specified" in half.err
    words = ("--username", "krake", "--password", SECRET, "--project", "edge")
    auth = rok("infra", "cloud", "update", "c", *words, "-o", "json").ok().json["spec"]["openstack"]["auth"]
    assert auth["type"] == "password"
    assert auth["password"]["project"]["name"] == "edge"


def test_a_global_cloud_by_the_operators_file(rok: Rok, namespace: str) -> None:
    rok("infra", "gip", "register", namespace, "--type", "magnum").ok()
    words = ("--type", "openstack", "--clouds-yaml", "lab", "--global-infra-provider", namespace)
    spec = _register(rok, "gc", namespace, *words)["openstack"]
    assert spec["auth"] == {"type": "clouds_yaml", "clouds_yaml": {"cloud": "lab"}}
    assert "clouds yaml lab" in rok("infra", "gc", "get", namespace).ok().out
    refused = rok("infra", "gip", "delete", namespace)
    assert refused.code == 4
    assert "is still used by" in refused.err or "cascade" in refused.err
    rok("infra", "gip", "delete", namespace, "--policy", "cascade").ok()


async def test_a_custom_cloud_and_what_is_known_of_it(sandbox: Rok, lifecycle: Lifecycle) -> None:
    words = ("--type", "custom", "--infra-provider", "sandbox", "--option", "limit=3")
    assert _register(sandbox, "cloud", "lab", *words)["custom"]["options"] == {"limit": 3}
    await lifecycle.write(
        "Cloud",
        "lab",
        state="UNREACHABLE",
        reason={"code": "CLOUD_NOT_REACHABLE", "message": "no answer"},
        flavors=[{"name": "small", "cpus": 2, "memory_mib": 8192, "disk_gib": 20}],
        quotas=[{"resource": "clusters", "limit": 3, "used": 1}, {"resource": "x", "limit": -1, "used": 2}],
        observed_at="2026-01-01T00:00:00+00:00",
    )
    shown = sandbox("infra", "cloud", "get", "lab").ok().out
    assert "UNREACHABLE" in shown
    assert "small: 2 CPUs, 8 GiB, 20 GiB disk" in shown
    assert "clusters 1/3" in shown
    assert "x 2/unlimited" in shown
    assert "CLOUD_NOT_REACHABLE: no answer" in shown
    assert "clusters 1/3" in sandbox("infra", "cloud", "list", "-o", "wide", COLUMNS="300").ok().out


def test_views_bear_types_that_are_not_known_yet() -> None:
    metadata: dict[str, Any] = {"name": "a", "namespace": None, "labels": {}}
    document = {"metadata": metadata, "spec": {"type": "later"}, "status": {"state": "ONLINE"}}
    assert ("type", "later") in cloud_rows(document)
    assert ("type", "later") in provider_rows(document)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ip", "register", "a", "--type", "nova"), "type 'nova' requires --image, --flavor to be specified"),
        (("ip", "register", "a", "--type", "custom"), "type 'custom' requires --provider to be specified"),
        (("ip", "register", "a", "--type", "im"), "type 'im' requires --url to be specified"),
        (
            ("ip", "register", "a", "--type", "magnum", "--boot-volume", "3"),
            "--boot-volume is not a valid argument for infrastructure providers of type magnum",
        ),
        (
            ("cloud", "register", "a", "--type", "custom", "--infra-provider", "b", "--project", "c"),
            "--project is not a valid argument for clouds of type custom",
        ),
        (
            ("cloud", "register", "a", *KEYSTONE, "--infra-provider", "b"),
            "requires --username, --project to be specified, or --application-credential",
        ),
        (
            ("cloud", "register", "a", *KEYSTONE, "--infra-provider", "b", "--username", "c", *CREDENTIAL),
            "A cloud is signed in to in one way only",
        ),
        (
            ("cloud", "register", "a", "--type", "openstack", "--infra-provider", "b", *CREDENTIAL),
            "requires --url to be specified",
        ),
        (
            ("cloud", "register", "a", *KEYSTONE, "--infra-provider", "b", "--application-credential", "c"),
            "The secret is missing",
        ),
        (
            ("gc", "register", "a", *KEYSTONE, "--global-infra-provider", "b", "--clouds-yaml", "c"),
            "leave out --url",
        ),
        (("cloud", "register", "a", "--clouds-yaml", "c"), "No such option '--clouds-yaml'"),
        (
            ("cloud", "register", "a", "--type", "aws", "--infra-provider", "b"),
            "Unsupported cloud type: 'aws'",
        ),
    ],
)
def test_options_that_do_not_fit(rok: Rok, arguments: tuple[str, ...], message: str) -> None:
    answer = rok("infra", *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.split())


def test_a_missing_secret_is_asked_for_wherever_it_is_missing() -> None:
    options = {"--application-credential", "--region", "-o"}
    for rest in ([], ["--region", "x"], ["--region=x"], ["-o", "json"]):
        words = ["--application-credential", "id", *rest]
        assert completed(words, options) == ["--application-credential", "id", "-", *rest]
    given = ["--application-credential", "id", "-secret", "name"]
    assert completed(given, options) == given, "a secret may begin with a hyphen"
