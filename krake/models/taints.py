"""Taints of clusters, as Kubernetes has them for nodes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from krake.models.base import Model


class ClusterTaint(Model):
    """Something that keeps applications away whose Pods do not all tolerate it."""

    key: Annotated[str, Field(min_length=1, max_length=253)]
    value: Annotated[str, Field(max_length=63)] = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
    """`NoSchedule` takes no new applications, those that are there stay; with `NoExecute` these leave, too;
    `PreferNoSchedule` is for people."""


def _check(taints: list[ClusterTaint]) -> list[ClusterTaint]:
    places = [(one.key, one.effect) for one in taints]
    if len(set(places)) != len(places):
        raise PydanticCustomError("taints", "A key has one value for each effect")
    return taints


ClusterTaints = Annotated[list[ClusterTaint], AfterValidator(_check)]
