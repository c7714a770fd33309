"""What to suppose for a decision that is only looked at."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.models.base import Model

_Number = Annotated[float, Field(allow_inf_nan=False)]
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class WhatIf(Model):
    """What to suppose; all else is as it is."""

    cordon: list[str] = Field(default_factory=list)
    """Clusters that take no new applications."""
    metrics: dict[str, dict[str, _Number]] = Field(default_factory=dict)
    """By cluster and metric: the value that it has."""
    weights: dict[str, _Weight] = Field(default_factory=dict)
    """By metric: its weight, on every cluster that has it and in the application's preferences."""
