"""The manifest of an application: Kubernetes objects, each of which says what it is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from krake.models.metadata import manifest_name

_REQUIRED = (("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"))


def _trouble(item: Any, path: tuple[str, ...]) -> str:
    """What is wrong with the field, or nothing."""
    for key in path:
        if not isinstance(item, dict) or not item.get(key):
            return "not found"
        item = item[key]
    return "" if isinstance(item, str) or path == ("metadata",) else "is not text"


def check_manifest(manifest: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the manifest unchanged, or raise naming every object that lacks its identity."""
    wrong = [
        f"Field '{'.'.join(path)}' {trouble} in resource at index {index} "
        f"(metadata.name: {manifest_name(item)})"
        for index, item in enumerate(manifest)
        for path in _REQUIRED
        if (trouble := _trouble(item, path))
    ]
    if wrong:
        raise PydanticCustomError("manifest", "{wrong}", {"wrong": "; ".join(wrong)})
    return manifest


Manifest = Annotated[list[dict[str, Any]], AfterValidator(check_manifest)]
