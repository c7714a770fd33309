"""What a user reads when something is wrong, and that nobody tries a user's error again and again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml

from krake.embedded.sandbox import Sandbox
from tests.rok.cli import Answer
from tests.support.manifests import CRASH_LOOP, IMAGE, IMAGE_PULL, config_map, deployment
from tests.support.user import User

IN_GERMANY = ("-L", "location is DE")
FAILED, CONFLICT, REFUSED, TIMEOUT = 1, 4, 5, 6


@pytest.fixture
async def http(rok: User) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API that is not `rok`, in the user's namespace."""
    async with rok.krake.http(f"/kubernetes/namespaces/{rok.namespace}/") as client:
        yield client


def said(answer: Answer, code: int, *words: str) -> None:
    """The command ended with this code, and said all of this in a few lines."""
    text = " ".join(answer.err.split())
    assert answer.code == code, f"exit code {answer.code}: {answer.err}"
    assert "Traceback" not in text
    assert len(answer.err.splitlines()) <= 12, answer.err
    for word in words:
        assert word in text, text


GADGET = {"apiVersion": "example.org/v1", "kind": "Gadget", "metadata": {"name": "one"}}
MISSPELT = config_map("misspelt") | {"dota": {}}
WRONG_TYPE = deployment("wrong-type") | {"spec": {**deployment("wrong-type")["spec"], "paused": "maybe"}}
BAD_NAME = config_map("Not A Name")
ELSEWHERE = config_map("elsewhere", namespace="no-such-namespace")


@pytest.mark.parametrize(
    "wrong, words",
    [
        (GADGET, ("UNSUPPORTED_RESOURCE", "does not serve the kind Gadget of example.org/v1")),
        (MISSPELT, ("INVALID_RESOURCE", "ConfigMap/misspelt", ".dota: field not declared in schema")),
        (WRONG_TYPE, ("INVALID_RESOURCE", "Deployment/wrong-type", "paused")),
        (BAD_NAME, ("INVALID_RESOURCE", "Not A Name")),
        (ELSEWHERE, ("INVALID_RESOURCE", 'namespaces "no-such-namespace" not found', "create it, or add it")),
    ],
    ids=["unknown kind", "unknown field", "wrong type", "invalid name", "no such namespace"],
)
async def test_a_wrong_manifest(rok: User, name: str, wrong: dict[str, Any], words: tuple[str, ...]) -> None:
    created = await rok.create(name, wrong, more=(*IN_GERMANY, "--wait", "--timeout", "20s"))
    said(created, FAILED, f"Application '{name}' is FAILED", *words)
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()


@pytest.mark.parametrize(
    "state, pod, words",
    [
        (IMAGE_PULL, {}, f'ImagePullBackOff: Back-off pulling image "{IMAGE}"'),
        (CRASH_LOOP, {}, "CrashLoopBackOff: back-off 1m20s restarting failed container=main"),
        ("", {"nodeSelector": {"disk": "nvme"}}, "Unschedulable: 0/2 nodes are available"),
    ],
    ids=["image pull", "crash loop", "unschedulable"],
)
async def test_what_never_gets_ready(
    rok: User, http: httpx.AsyncClient, name: str, state: str, pod: dict[str, Any], words: str
) -> None:
    workload = deployment(name, state=state)
    workload["spec"]["template"]["spec"] |= pod
    body = {
        "metadata": {"name": name, "namespace": rok.namespace},
        "spec": {"manifest": [workload], "readiness_timeout": 4},
    }
    assert (await http.post("applications", json=body)).status_code == 201
    await rok.until_state(name, "CREATING", says=words)
    status = await rok.until_state(name, "FAILED", says=words)
    assert status["reason"]["code"] == "NOT_READY"
    assert status["reason"]["message"].startswith("not ready after 4 s")
    shown = " ".join((await rok("kube", "app", "get", name)).ok().out.split())
    assert words.split(":")[0] in shown
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()


async def test_a_wait_that_takes_too_long(rok: User, name: str) -> None:
    objects = deployment(name, state=IMAGE_PULL)
    created = await rok.create(name, objects, more=(*IN_GERMANY, "--wait", "--timeout", "3s"))
    said(created, TIMEOUT, "is not RUNNING after 3s", "Back-off pulling image", "Krake goes on with it")
    (await rok.delete(name, "--wait")).ok()


async def test_a_cluster_that_cannot_be_reached(newcomer: User, sandboxes: dict[str, Sandbox]) -> None:
    rok = newcomer
    kubeconfig = yaml.safe_load(sandboxes["de"].kubeconfig_of())
    kubeconfig["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    path = rok.text_file(yaml.safe_dump(kubeconfig))
    words = ("register", "-k", path, "--wait", "--timeout", "5s", "--backoff-limit", "1")
    said(await rok("kube", "cluster", *words), TIMEOUT, "It is OFFLINE", "cluster de does not answer")
    shown = " ".join((await rok("kube", "cluster", "get", "de")).ok().out.split())
    assert "OFFLINE" in shown and "does not answer" in shown
    await rok.until_idle("de")
    (await rok("kube", "cluster", "delete", "de", "--wait", "--timeout", "20s")).ok()


async def test_a_kubeconfig_with_a_wrong_token(newcomer: User, sandboxes: dict[str, Sandbox]) -> None:
    rok = newcomer
    path = rok.text_file(sandboxes["de"].kubeconfig_of(token="wrong-token-of-the-test"))
    answer = await rok("kube", "cluster", "register", "-k", path, "--wait", "--timeout", "20s")
    said(answer, FAILED, "Cluster 'de' is FAILED", "INVALID_CREDENTIALS", "rejects the credentials")
    await rok.until_idle("de")

    # The same cluster with the right one is reached, without being registered anew.
    update = ("update", "de", "-k", str(sandboxes["de"].kubeconfig), "--wait", "--timeout", "20s")
    said(await rok("kube", "cluster", *update), 0, "is ONLINE")
    (await rok("kube", "cluster", "delete", "de", "--wait", "--timeout", "20s")).ok()


async def test_a_kubeconfig_with_two_contexts(rok: User, sandboxes: dict[str, Sandbox]) -> None:
    both = yaml.safe_load(sandboxes["de"].kubeconfig_of())
    second = yaml.safe_load(sandboxes["it"].kubeconfig_of())
    for section in ("clusters", "users", "contexts"):
        both[section] += second[section]
    del both["current-context"]
    answer = await rok("kube", "cluster", "register", "-k", rok.text_file(yaml.safe_dump(both)))
    said(answer, REFUSED, "names no current context", "Contexts in it: de, it", "--context")


async def test_a_kubeconfig_with_two_contexts_over_http(
    http: httpx.AsyncClient, sandboxes: dict[str, Sandbox]
) -> None:
    both = yaml.safe_load(sandboxes["de"].kubeconfig_of())
    both["contexts"] *= 2
    answer = await http.post("clusters", json={"metadata": {"name": "two"}, "spec": {"kubeconfig": both}})
    assert answer.status_code == 422
    assert "Only one context/user/cluster is allowed: contexts has 2" in answer.text
    assert both["users"][0]["user"]["token"] not in answer.text


async def test_a_name_that_exists(rok: User, sandboxes: dict[str, Sandbox], name: str) -> None:
    (await rok.create(name, config_map(name), more=(*IN_GERMANY, "--wait"))).ok()
    said(await rok.create(name, config_map(name)), CONFLICT, name, "already exists")
    again = await rok("kube", "cluster", "register", "-k", str(sandboxes["de"].kubeconfig))
    said(again, CONFLICT, "de", "already exists")
    (await rok.delete(name, "--wait")).ok()


async def test_json_that_is_not_json(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "applications", content=b"{not json", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "JSON" in answer.json()["detail"]


async def test_a_manifest_of_three_megabytes(rok: User, name: str) -> None:
    path = rok.text_file(json.dumps(config_map(name, blob="x" * 3_000_000)))
    answer = await rok("kube", "app", "create", "-f", path, name)
    said(answer, REFUSED, "2 MiB", "Split the application")
    assert (await rok("kube", "app", "get", name)).code == 3


async def test_what_is_not_there(rok: User, name: str) -> None:
    for words in (("get", name), ("delete", name)):
        said(await rok("kube", "app", *words), 3, name)
