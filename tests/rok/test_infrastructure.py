"""`rok infra`: infrastructure providers and clouds, against a real API."""

from __future__ import annotations

import pytest

from tests.rok.cli import Answer, Rok

SECRET = "a-very-secret-password"
CLOUD = (
    "--type",
    "openstack",
    "--url",
    "http://keystone:5000/v3",
    "--username",
    "krake",
    "--project",
    "edge",
)


@pytest.fixture
def provider(rok: Rok) -> Rok:
    """An infrastructure provider named im in the namespace."""
    url = ("--type", "im", "--url", "http://im:8800")
    rok("infra", "ip", "register", "im", *url, "--username", "krake", "--password", SECRET).ok()
    return rok


def test_a_provider_through_its_life(provider: Rok) -> None:
    shown = provider("infra", "provider", "get", "im").ok()
    assert "| logs in with | password" in shown.out
    updated = provider("infra", "ip", "update", "im", "--token", SECRET, "-l", "a=b", "-o", "json").ok()
    assert updated.json["metadata"]["labels"] == {"a": "b"}
    assert updated.json["spec"]["im"]["token"] == "<redacted>"
    assert updated.json["spec"]["im"]["username"] == "krake", "what was not given stays"
    for answer in (shown, updated, provider("infra", "ip", "list", "-o", "wide").ok()):
        assert SECRET not in answer.out + answer.err
    assert "infrastructureprovider/im" in provider("get", "ip", "-o", "name").ok().out
    provider("infra", "ip", "delete", "im").ok()
    assert provider("infra", "ip", "get", "im").code == 3


def _register(rok: Rok, *options: str) -> Answer:
    return rok("infra", "cloud", "register", "dresden", *CLOUD, *options)


def test_a_cloud_through_its_life(provider: Rok) -> None:
    options = ("--infra-provider", "im", "--password", SECRET, "--metric", "load", "1", "-l", "tier=gold")
    shown = _register(provider, *options).ok()
    assert "krake of Default" in shown.out
    assert "edge of default" in shown.out
    updated = provider(
        "infra",
        "cloud",
        "update",
        "dresden",
        "--project",
        "edge-2",
        "--metric",
        "energy",
        "2",
        "-l",
        "a=b",
        "-o",
        "json",
    ).ok()
    spec = updated.json["spec"]["openstack"]
    assert spec["auth"]["password"]["project"]["name"] == "edge-2"
    assert [ref["name"] for ref in spec["metrics"]] == ["load", "energy"], "metrics are added"
    assert updated.json["metadata"]["labels"] == {"tier": "gold", "a": "b"}, "labels are added"
    changed = provider("infra", "cloud", "update", "dresden", "--password", "new-secret", "-o", "json").ok()
    assert changed.json["metadata"]["generation"] == updated.json["metadata"]["generation"] + 1
    listed = provider("infra", "cloud", "list", "--all", "-o", "wide").ok()
    assert SECRET not in shown.out + updated.out + changed.out + listed.out
    assert "state" in provider("describe", "cloud", "dresden").ok().out
    provider("infra", "cloud", "delete", "dresden").ok()


def test_global_ones(rok: Rok, namespace: str) -> None:
    url = ("--type", "im", "--url", "http://im:8800")
    rok("infra", "gip", "register", namespace, *url, "--token", SECRET).ok()
    options = (*CLOUD, "--global-infra-provider", namespace, "--password", SECRET)
    assert f"{namespace} (global)" in rok("infra", "gc", "register", namespace, *options).ok().out
    rok("infra", "gcloud", "delete", namespace).ok()
    rok("infra", "gprovider", "delete", namespace).ok()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("ip", "register", "a", "--type", "x", "--url", "http://a"),
            "Unsupported infrastructure provider type: 'x'",
        ),
        (
            ("ip", "register", "a", "--type", "im", "--url", "http://a"),
            "needs --token, or --username and --password",
        ),
        (
            ("ip", "register", "a", "--type", "im", "--url", "http://a", "--username", "b"),
            "The password is missing",
        ),
        (("ip", "update", "a"), "At least one argument must be specified."),
        (("cloud", "register", "a", *CLOUD), "Cloud should be associated with an infrastructure provider"),
        (
            ("cloud", "register", "a", *CLOUD, "--infra-provider", "b", "--global-infra-provider", "c"),
            "Cloud should be associated only with one infrastructure provider",
        ),
        (("gc", "register", "a", *CLOUD, "--infra-provider", "b"), "No such option '--infra-provider'"),
        (("cloud", "update", "a"), "At least one argument must be specified."),
    ],
)
def test_options_that_do_not_fit(rok: Rok, arguments: tuple[str, ...], message: str) -> None:
    answer = rok("infra", *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.split())
