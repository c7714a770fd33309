"""Version, who am I, metrics, and the OpenAPI document."""

from __future__ import annotations

import httpx
import pytest

from api.app import create_app
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.documents import APPLICATIONS, application

RESOURCE_PATHS = {
    "/kubernetes/{plural}": {"get"},
    "/kubernetes/namespaces/{{namespace}}/{plural}": {"get", "post"},
    "/kubernetes/namespaces/{{namespace}}/{plural}/{{name}}": {"get", "put", "delete"},
    "/kubernetes/namespaces/{{namespace}}/{plural}/{{name}}/events": {"get"},
    "/kubernetes/namespaces/{{namespace}}/{plural}/{{name}}/operations": {"get"},
    "/kubernetes/namespaces/{{namespace}}/{plural}/{{name}}/decisions": {"get"},
    "/kubernetes/namespaces/{{namespace}}/{plural}/{{name}}/decisions/{{number}}": {"get"},
}


async def test_version_and_user(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).json()["version"].count(".") == 2
    assert (await client.get("/me")).json() == {
        "user": "tester",
        "groups": ["system:authenticated", "system:masters"],
        "roles": [],
    }


async def test_anonymous_user(settings: Settings, store: Store) -> None:
    settings = settings.model_copy(update={"authentication": [AuthenticationWay.ANONYMOUS]})
    app = create_app(settings, store, await connect(settings, lazy=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        me = (await client.get("/me")).json()
    assert (me["user"], me["groups"]) == ("system:anonymous", ["system:unauthenticated"])


async def test_metrics_count_by_route_and_show_states(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())
    await client.get(f"{APPLICATIONS}/echo")
    await client.get(f"{APPLICATIONS}/other")
    await client.get("/no/such/path")
    text = (await client.get("/metrics")).text
    route = "/kubernetes/namespaces/{namespace}/applications/{name}"
    assert f'krake_api_requests_total{{method="GET",route="{route}",status="200"}} 1.0' in text
    assert f'krake_api_requests_total{{method="GET",route="{route}",status="404"}} 1.0' in text
    assert f'krake_api_request_seconds_count{{method="GET",route="{route}"}} 2.0' in text
    assert 'route="none",status="404"' in text
    assert 'krake_resources{kind="Application",state="PENDING"} 1.0' in text
    assert "echo" not in text


@pytest.mark.parametrize("plural", ["applications", "clusters"])
async def test_openapi_describes_every_route(client: httpx.AsyncClient, plural: str) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for path, methods in RESOURCE_PATHS.items():
        supposed = {"post"} if plural == "applications" and path.endswith("/decisions") else set()
        assert set(paths[path.format(plural=plural)]) == methods | supposed
    for path, operations in paths.items():
        for operation in operations.values():
            assert operation["summary"] and operation["description"], path
            for status, answer in operation["responses"].items():
                problem = int(status) >= 400 and (path, status) != ("/readyz", "503")
                expected = "application/problem+json" if problem else "application/json"
                page = path in ("/release", "/temporal/codec/login")
                if status != "304" and (problem or not page):
                    assert expected in answer["content"]
                    assert not problem or len(answer["content"]) == 1


async def test_openapi_shows_the_resources_in_bodies_and_answers(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    create = document["paths"]["/kubernetes/namespaces/{namespace}/applications"]["post"]
    reference = {"$ref": "#/components/schemas/Application"}
    assert create["requestBody"]["content"]["application/json"]["schema"] == reference
    assert create["responses"]["201"]["content"]["application/json"]["schema"] == reference
    assert {"Application", "ApplicationList", "Cluster", "ProblemDocument"} <= set(
        document["components"]["schemas"]
    )
