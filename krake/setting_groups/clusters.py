"""How long clusters may take, and how much they are asked at the same time."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class ClusterSettings(SettingGroup):
    """How long clusters may take, and how much they are asked at the same time."""

    readiness_timeout: Annotated[int, Field(ge=1)] = 300
    """Seconds that an application's objects may take to become ready where the application says nothing."""
    cluster_timeout: Annotated[float, Field(gt=0)] = 10.0
    """Seconds that one request to a cluster may take."""
    cluster_concurrency: Annotated[int, Field(gt=0)] = 32
    """Requests that one worker sends to one cluster at the same time."""
