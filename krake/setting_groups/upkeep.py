"""What is looked after, and how long what is history is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class UpkeepSettings(SettingGroup):
    """What is looked after, and how long what is history is kept."""

    sweep_interval: Annotated[float, Field(gt=0)] = 30.0
    """Seconds between two searches for resources whose wake-up was lost."""
    history_retention_days: Annotated[int, Field(ge=1)] = 30
    """Days that events and decisions of a deleted resource stay readable."""
    generations_kept: Annotated[int, Field(ge=1)] = 20
    """Generations of an application's spec that stay readable and can be returned to."""
