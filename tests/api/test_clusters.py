"""Clusters over HTTP: their credentials go in, and never come out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from krake.models.kubeconfig import REDACTED
from krake.store import Store
from tests.api.documents import CLUSTERS, PASSWORD, SECRETS, TOKEN, cluster, kubeconfig

DE = f"{CLUSTERS}/de"


async def kept(store: Store) -> dict[str, Any]:
    """The kubeconfig as it is kept for those who connect to the cluster."""
    record = await store.get("Cluster", "testing", "de")
    secret = await store.secret(record.uid, "kubeconfig")
    assert secret is not None
    loaded: dict[str, Any] = orjson.loads(secret)
    return loaded


def contents(folder: Path) -> list[bytes]:
    """What is in all files of the folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def shown_user(answer: httpx.Response) -> dict[str, Any]:
    """The user in the kubeconfig that an answer shows."""
    user: dict[str, Any] = answer.json()["spec"]["kubeconfig"]["users"][0]["user"]
    return user


async def test_credentials_are_nowhere_but_encrypted(
    client: httpx.AsyncClient, store: Store, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answers = [await client.post(CLUSTERS, json=cluster())]
    assert answers[0].status_code == 201
    answers += [await client.get(path) for path in (DE, CLUSTERS, "/kubernetes/clusters", f"{DE}/events")]
    answers.append(await client.put(DE, json=answers[0].json()))
    wrong = cluster()
    wrong["spec"]["kubeconfig"]["users"].append({"name": "b", "user": {"token": TOKEN}})
    answers.append(await client.post(CLUSTERS, json=wrong))
    answers.append(await client.delete(DE))

    assert shown_user(answers[0]) == {"username": "admin", "password": REDACTED, "token": REDACTED}
    assert await kept(store) == kubeconfig()
    texts = [answer.text for answer in answers] + [*capfd.readouterr()]
    files = contents(tmp_path)
    for secret in SECRETS:
        assert not [text for text in texts if secret in text]
        assert not [content for content in files if secret.encode() in content]


async def test_update_with_placeholders_leaves_the_credentials(
    client: httpx.AsyncClient, store: Store
) -> None:
    shown = (await client.post(CLUSTERS, json=cluster())).json()
    unchanged = await client.put(DE, json=shown)
    assert unchanged.json() == shown

    shown["metadata"]["labels"]["location"] = "IT"
    updated = await client.put(DE, json=shown)
    assert updated.status_code == 200
    assert updated.json()["metadata"]["labels"] == {"location": "IT"}
    assert await kept(store) == kubeconfig()


async def test_new_credentials_are_a_change_though_they_look_the_same(
    client: httpx.AsyncClient, store: Store
) -> None:
    before = (await client.post(CLUSTERS, json=cluster())).json()
    after = (await client.put(DE, json=cluster(config=kubeconfig(token="another")))).json()
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == 2
    assert await kept(store) == kubeconfig(token="another")
    assert (await client.put(DE, json=cluster(config=kubeconfig(token="another")))).json() == after


async def test_one_credential_is_replaced_and_the_other_kept(client: httpx.AsyncClient, store: Store) -> None:
    shown = (await client.post(CLUSTERS, json=cluster())).json()
    shown["spec"]["kubeconfig"]["users"][0]["user"]["token"] = "another"
    assert (await client.put(DE, json=shown)).status_code == 200
    user = (await kept(store))["users"][0]["user"]
    assert user == {"username": "admin", "password": PASSWORD, "token": "another"}


async def test_credentials_are_not_sent_to_another_address(client: httpx.AsyncClient, store: Store) -> None:
    shown = (await client.post(CLUSTERS, json=cluster())).json()
    shown["spec"]["kubeconfig"]["clusters"][0]["cluster"]["server"] = "https://thief.example"
    refused = await client.put(DE, json=shown)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "spec.kubeconfig.clusters"
    assert await kept(store) == kubeconfig()

    moved = kubeconfig(server="https://10.0.0.2:6443")
    assert (await client.put(DE, json=cluster(config=moved))).status_code == 200
    assert await kept(store) == moved


async def test_placeholder_for_a_credential_that_nobody_knows(client: httpx.AsyncClient) -> None:
    refused = await client.post(CLUSTERS, json=cluster(config=kubeconfig(token=REDACTED)))
    assert refused.status_code == 422
    assert "no value of it is stored" in refused.json()["detail"]
    assert (await client.get(DE)).status_code == 404


async def test_whether_labels_are_inherited_is_kept_and_a_change(
    client: httpx.AsyncClient, store: Store
) -> None:
    document = cluster()
    document["metadata"]["inherit_labels"] = True
    made = (await client.post(CLUSTERS, json=document)).json()
    assert made["metadata"]["inherit_labels"] is True
    assert (await client.get(DE)).json() == made
    assert (await client.put(DE, json=made)).json() == made
    made["metadata"]["inherit_labels"] = False
    changed = (await client.put(DE, json=made)).json()["metadata"]
    assert (changed["inherit_labels"], changed["generation"]) == (False, 2)
