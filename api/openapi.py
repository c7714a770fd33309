"""What the OpenAPI document says beyond the routes' signatures: bodies, answers and problems."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model

from api.problems import MEDIA_TYPE, ProblemDocument
from krake.models.kinds import Kind

_PROBLEMS = {
    400: "The body is not JSON, or the update touches a field that never changes.",
    401: "The token is missing or not valid.",
    403: "No role of the user allows this; the detail says which would.",
    404: "There is no such resource.",
    409: "The name is taken, or the resource is being deleted.",
    410: "The revision is too old, or unknown: list again and watch from there.",
    412: "The resource was changed meanwhile: its ETag is not the one in `If-Match`.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "A field or a parameter does not fit; `errors` names each.",
    503: "The store, or Temporal, does not answer at the moment.",
}

_PROBLEM = f"/{ProblemDocument.__name__}"

Responses = dict[int | str, dict[str, Any]]


class ListMetadata(BaseModel):
    """Where a list stands."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    revision: int
    """The store's revision; `?watch&since=` goes on from here without a gap."""
    continue_: str | None = Field(default=None, alias="continue")
    """Give it back as `?continue=` for the next page; empty on the last one."""


def problems(*statuses: int) -> Responses:
    """The documentation of answers that are problem documents."""
    return {status: {"model": ProblemDocument, "description": _PROBLEMS[status]} for status in statuses}


def answers(model: type[BaseModel], description: str, status: int = 200) -> Responses:
    """The documentation of the answer of a request that went well."""
    return {status: {"model": model, "description": description}}


def list_model(kind: Kind) -> type[BaseModel]:
    """The model of a list of resources, `ApplicationList` and so on; for documentation only."""
    return create_model(
        f"{kind.name}List",
        __doc__=f"{kind.name}s by namespace and name.",
        api=(str, kind.api),
        kind=(str, f"{kind.name}List"),
        metadata=(ListMetadata, ...),
        items=(list[kind.model], ...),  # type: ignore[name-defined]
    )


def body_of(kind: Kind) -> dict[str, Any]:
    """The documentation of a request body that holds a resource."""
    reference = {"$ref": f"#/components/schemas/{kind.name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def correct_media_types(app: FastAPI) -> None:
    """Have the OpenAPI document show problems as `application/problem+json`, which FastAPI cannot express."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in generate()["paths"].values():
                for operation in path.values():
                    _correct(operation["responses"])
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _correct(responses: dict[str, dict[str, Any]]) -> None:
    for response in responses.values():
        content = response.get("content", {})
        if any(_PROBLEM in entry.get("schema", {}).get("$ref", "") for entry in content.values()):
            response["content"] = {MEDIA_TYPE: next(iter(content.values()))}
