"""The OpenAPI document: deliberate, complete, and with examples that work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.document import as_text, served_document
from api.examples import EXAMPLES
from api.ratelimit import UNLIMITED
from krake.models.kinds import KINDS

SAVED = Path(__file__).parents[2] / "docs/reference/openapi.json"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


@pytest.fixture(scope="module")
async def document() -> dict[str, Any]:
    """The document as it is served."""
    return await served_document()


async def test_the_served_document_is_the_saved_one(document: dict[str, Any]) -> None:
    assert as_text(document) == SAVED.read_text(), "If the change is deliberate: make docs"


def _references(part: Any) -> set[str]:
    if isinstance(part, list):
        return set().union(*map(_references, part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
    return own.union(*map(_references, part.values()))


async def test_everything_that_is_referred_to_is_there(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _references(document) <= known


async def test_every_field_of_every_resource_is_in_the_document(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for kind in KINDS.values():
        assert set(schemas[kind.name]["properties"]) == set(kind.model.model_fields)
        assert kind.name in EXAMPLES, "api/examples.py has an example of every kind"


async def test_every_operation_names_its_errors_and_has_a_body_with_an_example(
    document: dict[str, Any],
) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            supervised = path in UNLIMITED
            assert supervised or {"401", "403", "429", "500"} <= set(operation["responses"]), where
            assert all(answer["description"] for answer in operation["responses"].values()), where
            body = operation.get("requestBody")
            assert body is None or "example" in body["content"]["application/json"], where
            assert all(
                one.get("description") for one in operation.get("parameters", []) if one["in"] != "path"
            )


async def test_the_examples_work(client: httpx.AsyncClient) -> None:
    for kind in KINDS.values():
        answer = await client.post(kind.collection.format(namespace="testing"), json=EXAMPLES[kind.name])
        assert answer.status_code == 201, answer.text
