"""Valid documents as users send them, and what a refused one says."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError


def manifest_object(name: str = "web") -> dict[str, Any]:
    """One object of a manifest."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


def application(**spec: Any) -> dict[str, Any]:
    """An application with the given fields in its spec."""
    return {"metadata": {"name": "app"}, "spec": {"manifest": [manifest_object()], **spec}}


def kubeconfig(**user: Any) -> dict[str, Any]:
    """A kubeconfig with the given credentials."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"user": "me", "cluster": "one"}}],
        "users": [{"name": "me", "user": user or {"token": "secret"}}],
        "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:6443"}}],
    }


def cluster(**spec: Any) -> dict[str, Any]:
    """A cluster with the given fields in its spec."""
    return {"metadata": {"name": "one"}, "spec": {"kubeconfig": kubeconfig(), **spec}}


def errors(model: type[BaseModel], document: Any) -> dict[str, str]:
    """Messages by field of a document that is refused."""
    with pytest.raises(ValidationError) as failure:
        model.model_validate(document)
    return {".".join(map(str, error["loc"])): error["msg"] for error in failure.value.errors()}
