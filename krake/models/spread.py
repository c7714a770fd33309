"""Spreading applications that belong together over places that are told apart by a label of clusters."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from krake.models.base import Model
from krake.models.metadata import is_label_key


def _check_key(key: str) -> str:
    if not is_label_key(key):
        raise PydanticCustomError("label_key", "This is not the key of a label")
    return key


LabelKey = Annotated[str, AfterValidator(_check_key)]


class ClusterSpread(Model):
    """How evenly the application and its siblings are spread. Those that are somewhere already stay there."""

    over: LabelKey
    """Label of clusters: siblings are spread over its values. A cluster without it takes none."""
    among: LabelKey
    """Label of applications: siblings are those of the namespace that have the same value as this one."""
    max_skew: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many more siblings may be at one value than at the emptiest."""


def siblings_by(spec: dict[str, Any], labels: dict[str, str]) -> tuple[str, str] | None:
    """The label of applications, and its value, that make siblings of an application; None without any."""
    wanted = ((spec.get("constraints") or {}).get("cluster") or {}).get("spread")
    key = wanted["among"] if wanted else ""
    return (key, labels[key]) if key in labels else None
