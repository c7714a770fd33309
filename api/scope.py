"""One handler for resources in namespaces and for global ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from fastapi import Response

from krake.models.kinds import Kind

Endpoint = Callable[..., Coroutine[Any, Any, Response]]


def scoped(kind: Kind, endpoint: Endpoint) -> Endpoint:
    """The handler for the paths of a kind: those of global kinds have no namespace, which is empty then."""
    if kind.namespaced:
        return endpoint

    @wraps(endpoint)
    async def everywhere(**arguments: Any) -> Response:
        return await endpoint(namespace="", **arguments)

    # FastAPI reads the parameters of a path from the signature.
    signature = inspect.signature(endpoint, eval_str=True)
    kept = [value for name, value in signature.parameters.items() if name != "namespace"]
    everywhere.__signature__ = signature.replace(parameters=kept)  # type: ignore[attr-defined]
    return everywhere
