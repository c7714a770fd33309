"""What the OpenAPI document says beyond the routes' signatures: bodies, answers and problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.json_schema import models_json_schema

from api.examples import EXAMPLES
from api.problems import MEDIA_TYPE, ProblemDocument
from api.ratelimit import UNLIMITED
from krake.models.kinds import Kind

_PROBLEMS = {
    400: "The body is not JSON, or the update touches a field that never changes.",
    401: "The token is missing or not valid.",
    403: "No role of the user allows this; the detail says which would.",
    404: "There is no such resource.",
    409: "The name is taken, or the state of the resource does not allow it.",
    410: "The revision is too old, or unknown: list again and watch from there.",
    412: "The resource was changed meanwhile: its ETag is not the one in `If-Match`.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "A field or a parameter does not fit; `errors` names each.",
    429: "The user makes too many requests; `Retry-After` says when the next one is taken.",
    500: "The server made a mistake; its log says more under the request id.",
    503: "The store, or Temporal, does not answer at the moment.",
}
_ANYWHERE = (401, 403, 429, 500)
"""What any route may answer but those that supervisors ask."""

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = f"/{ProblemDocument.__name__}"

_bodies: dict[str, type[BaseModel]] = {}
"""Models that stand in request bodies only, by name: FastAPI does not know of them."""

Responses = dict[int | str, dict[str, Any]]


class ListMetadata(BaseModel):
    """Where a list stands."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    revision: int
    """The store's revision; `?watch&since=` goes on from here without a gap."""
    continue_: str | None = Field(default=None, alias="continue")
    """Give it back as `?continue=` for the next page; empty on the last one."""


class DryRun(BaseModel):
    """What a write would do; nothing of it is stored."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    api: str
    kind: str = "DryRun"
    resource: dict[str, Any]
    """The resource as it would be."""
    decision: dict[str, Any] | None = None
    """Where an application would go, and why."""


def problems(*statuses: int) -> Responses:
    """The documentation of answers that are problem documents."""
    return {status: {"model": ProblemDocument, "description": _PROBLEMS[status]} for status in statuses}


def answers(model: Any, description: str, status: int = 200) -> Responses:
    """The documentation of the answer of a request that went well."""
    return {status: {"model": model, "description": description}}


def unchanged() -> Responses:
    """The documentation of the answer without content to a client that has the content already."""
    return {304: {"description": "The ETag is the one in `If-None-Match`: nothing has changed."}}


def streamed(listed: Responses, *media_types: str) -> Responses:
    """The documentation of a list that may be watched as well, as a stream of one of these types."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    return {status: {**answer, "content": content} for status, answer in listed.items()}


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


def body_of(model: Kind | type[BaseModel]) -> dict[str, Any]:
    """The documentation of a request body: a resource, or what a request asks for."""
    name = model.name if isinstance(model, Kind) else model.__name__
    if not isinstance(model, Kind):
        _bodies[name] = model
    content: dict[str, Any] = {"schema": {"$ref": _REFERENCE.format(model=name)}}
    if name in EXAMPLES:
        content["example"] = EXAMPLES[name]
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def complete_document(app: FastAPI) -> None:
    """Have the OpenAPI document say what FastAPI cannot express: problems as `application/problem+json`, what
    every route may answer, and the models of bodies that routes read themselves."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            models = [(model, "validation") for model in _bodies.values()]
            _, known = models_json_schema(models, ref_template=_REFERENCE)  # type: ignore[arg-type]
            for name, schema in known.get("$defs", {}).items():
                schemas.setdefault(name, schema)
            _show_placeholders(schemas)
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    _complete(operation["responses"], () if path in UNLIMITED else _ANYWHERE)
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(responses: dict[str, dict[str, Any]], further: Sequence[int]) -> None:
    reference = {"$ref": _REFERENCE.format(model=ProblemDocument.__name__)}
    for status in further:
        content = {"application/json": {"schema": reference}}
        responses.setdefault(str(status), {"description": _PROBLEMS[status], "content": content})
    for response in responses.values():
        content = response.get("content", {})
        if any(_PROBLEM in entry.get("schema", {}).get("$ref", "") for entry in content.values()):
            response["content"] = {MEDIA_TYPE: next(iter(content.values()))}


def _show_placeholders(part: Any) -> None:
    """Secrets are never shown, but answers carry a placeholder instead: OpenAPI's `writeOnly` would say that
    there is nothing."""
    if isinstance(part, dict):
        if part.pop("writeOnly", False) is True:
            part["format"] = "password"
        for inner in part.values():
            _show_placeholders(inner)
    elif isinstance(part, list):
        for inner in part:
            _show_placeholders(inner)
