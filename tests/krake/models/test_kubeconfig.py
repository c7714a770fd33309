"""Kubeconfigs lead to one cluster by themselves, are shown without secrets, and come back whole."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from krake.models.cluster import Cluster
from krake.models.kubeconfig import REDACTED, check_kubeconfig, cluster_name, redact, restore
from tests.krake.models.documents import cluster, errors, kubeconfig


def refusal(document: Any) -> str:
    return errors(Cluster, cluster(kubeconfig=document))["spec.kubeconfig"]


def test_a_complete_kubeconfig_is_kept_as_it_is() -> None:
    document = kubeconfig(token="t")
    assert check_kubeconfig(document) == kubeconfig(token="t")
    assert cluster_name(document) == "one"


@pytest.mark.parametrize("section", ["contexts", "users", "clusters"])
@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_context_user_and_cluster(section: str, count: int) -> None:
    document = kubeconfig()
    document[section] = document[section] * count
    assert refusal(document) == f"Only one context/user/cluster is allowed: {section} has {count}"


@pytest.mark.parametrize("section", ["contexts", "users", "clusters"])
@pytest.mark.parametrize("content", [None, "text", {}, [None], ["text"]])
def test_a_section_of_the_wrong_shape_is_refused(section: str, content: Any) -> None:
    assert section in refusal({**kubeconfig(), section: content})


@pytest.mark.parametrize(
    ("section", "field"), [("contexts", "context"), ("users", "user"), ("clusters", "cluster")]
)
def test_an_entry_needs_name_and_content(section: str, field: str) -> None:
    for part in ("name", field):
        document = kubeconfig()
        del document[section][0][part]
        assert refusal(document) == f"Invalid kubeconfig: the entry of {section} needs a name and content"


@pytest.mark.parametrize("section", ["user", "cluster"])
def test_the_context_has_to_fit(section: str) -> None:
    document = kubeconfig()
    document["contexts"][0]["context"][section] = "somebody-else"
    assert refusal(document) == f"Invalid kubeconfig: the context names a {section} that is not there"


@pytest.mark.parametrize("field", ["client-certificate", "client-key", "tokenFile", "exec", "auth-provider"])
def test_files_and_commands_of_the_user_are_refused(field: str) -> None:
    assert refusal(kubeconfig(**{field: "/etc/shadow"})) == (
        f"Invalid kubeconfig: {field} is not supported, put the content inline"
    )


def test_a_certificate_authority_file_is_refused() -> None:
    document = kubeconfig()
    document["clusters"][0]["cluster"]["certificate-authority"] = "/etc/shadow"
    assert "certificate-authority is not supported" in refusal(document)


@pytest.mark.parametrize("server", [None, "", 5, "127.0.0.1:6443", "file:///etc/shadow"])
def test_the_server_has_to_be_a_web_address(server: Any) -> None:
    document = kubeconfig()
    document["clusters"][0]["cluster"]["server"] = server
    assert "has to be an http(s) address" in refusal(document)


@pytest.mark.parametrize("field", ["server", "proxy-url"])
def test_credentials_in_an_address_are_refused_without_showing_them(field: str) -> None:
    document = kubeconfig()
    document["clusters"][0]["cluster"][field] = "https://me:hunter2@example.org"
    message = refusal(document)
    assert f"clusters[0].cluster.{field} holds credentials" in message
    assert "hunter2" not in message


SECRETS = {
    "token": "s3cret-1",
    "password": "s3cret-2",
    "client-key-data": "s3cret-3",
    "something-new": "s3cret-4",
    "username": "me",
    "client-certificate-data": "public",
}


def test_redacting_hides_every_secret_and_keeps_the_rest() -> None:
    full = kubeconfig(**SECRETS)
    before = deepcopy(full)
    shown = redact(full)
    assert full == before
    assert "s3cret" not in str(shown)
    assert shown["users"][0]["user"]["username"] == "me"
    assert shown["users"][0]["user"]["client-certificate-data"] == "public"
    assert shown["users"][0]["user"]["token"] == REDACTED
    assert shown["clusters"] == full["clusters"]
    check_kubeconfig(shown)


def test_a_redacted_kubeconfig_comes_back_whole() -> None:
    full = kubeconfig(**SECRETS)
    assert restore(redact(full), full) == full


def test_a_new_secret_wins_over_the_stored_one() -> None:
    full = kubeconfig(token="old", password="kept")
    sent = redact(full)
    sent["users"][0]["user"]["token"] = "new"
    assert restore(sent, full)["users"][0]["user"] == {"token": "new", "password": "kept"}


def test_a_placeholder_without_a_stored_value_is_refused() -> None:
    sent = kubeconfig(password=REDACTED)
    for stored in (kubeconfig(token="t"), {}):
        with pytest.raises(ValueError, match=r"users\[0\].user.password is redacted and no value"):
            restore(sent, stored)


@pytest.mark.parametrize(
    "change", [{"server": "https://evil.example.org"}, {"insecure-skip-tls-verify": True}]
)
def test_stored_credentials_are_never_used_for_another_server(change: dict[str, Any]) -> None:
    full = kubeconfig(token="t")
    sent = redact(full)
    sent["clusters"][0]["cluster"].update(change)
    with pytest.raises(ValueError, match="give the credentials again"):
        restore(sent, full)
    sent["users"][0]["user"]["token"] = "mine"
    assert restore(sent, full) == sent


def test_the_text_of_a_refusal_holds_no_secret() -> None:
    document = {**kubeconfig(token="hunter2"), "clusters": []}
    with pytest.raises(ValidationError) as failure:
        Cluster.model_validate(cluster(kubeconfig=document))
    assert "hunter2" not in str(failure.value)
    assert "hunter2" not in str(failure.value.errors(include_input=False))
