"""What a client is told when a request is wrong: the status, the field, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster, kubeconfig

MEBIBYTE = 2**20


def errors_of(answer: httpx.Response) -> dict[str, str]:
    """The messages by field of an answer that has to be a 422 problem."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert all(error["message"] in problem["detail"] for error in problem["errors"])
    return {error["field"]: error["message"] for error in problem["errors"]}


async def test_unknown_and_missing_fields_are_all_named(client: httpx.AsyncClient) -> None:
    body: dict[str, Any] = {"metadata": {"name": "echo", "lables": {}}, "spec": {"manifst": []}, "extra": 1}
    errors = errors_of(await client.post(APPLICATIONS, json=body))
    assert errors == {
        "metadata.lables": "Unknown field",
        "spec.manifest": (
            "The application should be defined by a Kubernetes manifest, a TOSCA template or a CSAR archive"
        ),
        "spec.manifst": "Unknown field",
        "extra": "Unknown field",
    }


async def test_field_that_is_not_acted_on_is_refused_with_a_word(client: httpx.AsyncClient) -> None:
    document = application()
    document["metadata"]["inherit_labels"] = True
    errors = errors_of(await client.post(APPLICATIONS, json=document))
    assert list(errors) == ["metadata.inherit_labels"]
    assert "does not act on this field yet" in errors["metadata.inherit_labels"]


@pytest.mark.parametrize("name", ["wait", "dryrun"])
async def test_parameter_that_asks_for_unknown_behaviour(client: httpx.AsyncClient, name: str) -> None:
    await client.post(APPLICATIONS, json=application())
    errors = errors_of(await client.delete(f"{APPLICATIONS}/echo?{name}=1"))
    assert list(errors) == [name]
    assert (await client.get(f"{APPLICATIONS}/echo")).json()["metadata"]["deleted"] is None


async def test_parameter_out_of_range(client: httpx.AsyncClient) -> None:
    errors = errors_of(await client.get(APPLICATIONS, params={"heartbeat": -1, "limit": "many"}))
    assert set(errors) == {"heartbeat", "limit"}


async def test_incomplete_manifest_objects_are_named(client: httpx.AsyncClient) -> None:
    body = application(
        manifest=[{"kind": "Pod", "metadata": {"name": "a"}}, {"apiVersion": "v1", "metadata": {}}]
    )
    errors = errors_of(await client.post(APPLICATIONS, json=body))
    assert "Field 'apiVersion' not found in resource at index 0 (metadata.name: a)" in errors["spec.manifest"]
    assert "Field 'kind' not found in resource at index 1" in errors["spec.manifest"]


async def test_label_constraint_that_cannot_be_read(client: httpx.AsyncClient) -> None:
    body = application(constraints={"cluster": {"labels": ["location is DE", "location DE"]}})
    errors = errors_of(await client.post(APPLICATIONS, json=body))
    assert list(errors) == ["spec.constraints.cluster.labels[1]"]


@pytest.mark.parametrize("name", ["", "-a", "a/b", "a b", "ä", "x" * 256])
async def test_invalid_name(client: httpx.AsyncClient, name: str) -> None:
    errors = errors_of(await client.post(APPLICATIONS, json=application(name)))
    assert errors == {"metadata.name": "Invalid character in resource name."}


async def test_kubeconfig_with_two_contexts(client: httpx.AsyncClient) -> None:
    config = kubeconfig()
    config["contexts"].append({"name": "it", "context": {"cluster": "de", "user": "admin"}})
    errors = errors_of(await client.post(CLUSTERS, json=cluster(config=config)))
    assert errors == {"spec.kubeconfig": "Only one context/user/cluster is allowed: contexts has 2"}


async def test_json_that_is_not_json(client: httpx.AsyncClient) -> None:
    broken = b'{\n  "metadata": {"name": "echo",}\n}'
    answer = await client.post(APPLICATIONS, content=broken, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "not valid JSON: line 2, column 30" in answer.json()["detail"]


@pytest.mark.parametrize("content", [b"", b"  \n"])
async def test_empty_body(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post(APPLICATIONS, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The body is empty")


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "null", '{"metadata": []}', "{}"])
async def test_json_that_is_no_resource(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(APPLICATIONS, content=body, headers={"Content-Type": "application/json"})
    assert errors_of(answer)


async def test_body_that_is_not_said_to_be_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(APPLICATIONS, content=b"a: 1", headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json()["detail"]


async def test_deep_nesting_and_nul_are_refused_not_stored(client: httpx.AsyncClient) -> None:
    nested: Any = "x"
    for _ in range(120):
        nested = [nested]
    manifest = [{**application()["spec"]["manifest"][0], "data": {"x": nested}}]
    assert "100 levels" in errors_of(await client.post(APPLICATIONS, json=application(manifest=manifest)))[""]
    manifest[0]["data"] = {"x": "a\0b"}
    assert "NUL" in errors_of(await client.post(APPLICATIONS, json=application(manifest=manifest)))[""]


async def test_manifest_of_3_mb(http: httpx.AsyncClient) -> None:
    body = application(manifest=[{**application()["spec"]["manifest"][0], "data": {"x": "y" * 3 * MEBIBYTE}}])
    answer = await http.post(APPLICATIONS, json=body)
    assert answer.status_code == 413
    assert "larger than 2 MiB" in answer.json()["detail"]
    assert (await http.get(APPLICATIONS)).json()["items"] == []


async def test_body_of_unknown_length_is_read_no_further_than_the_limit(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 100 * MEBIBYTE:
            sent += 64 * 1024
            yield b" " * 64 * 1024

    answer = await client.post(APPLICATIONS, content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_unknown_path_and_method(client: httpx.AsyncClient) -> None:
    nowhere = await client.get("/kubernetes/nothing")
    assert nowhere.status_code == 404
    assert nowhere.json()["type"] == "about:blank"
    wrong = await client.patch(f"{APPLICATIONS}/echo")
    assert wrong.status_code == 405
    assert wrong.headers["content-type"] == "application/problem+json"
    assert "GET" in wrong.headers["allow"]


@pytest.fixture
def faulty(app: FastAPI) -> Iterator[None]:
    """A route with a bug in it."""

    async def fail() -> None:
        raise ZeroDivisionError("the inside of the server")

    app.add_api_route("/bug", fail)
    yield


@pytest.mark.usefixtures("faulty")
async def test_bug_shows_a_request_id_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/bug", headers={"X-Request-ID": "bug-1"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inside" not in answer.text
    assert "Traceback" not in answer.text
    assert "bug-1" in answer.json()["detail"]
    assert answer.headers["x-request-id"] == "bug-1"


@pytest.mark.parametrize("given", ["x" * 129, "a b", "<script>"])
async def test_request_id_that_is_not_sane_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    answer = await client.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] != given
