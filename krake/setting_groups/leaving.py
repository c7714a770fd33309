"""When a cluster counts as gone, and how applications and their data leave it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class LeavingSettings(SettingGroup):
    """When a cluster counts as gone, and how applications and their data leave it."""

    volume_copy_passes: Annotated[int, Field(ge=2)] = 10
    """Passes over an application's volumes in which its files have to be found equal on both clusters."""
    volume_copy_patience: Annotated[float, Field(gt=0)] = 900.0
    """Seconds without progress, over all attempts, after which the copying of volumes is given up."""
    observe_interval: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two confirmations that a cluster still answers."""
    offline_after: Annotated[int, Field(ge=1)] = 3
    """Failed confirmations in a row that make a cluster OFFLINE."""
    offline_tolerance: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that a cluster may be OFFLINE before its applications move to others."""
    evacuation_per_minute: Annotated[float, Field(ge=0)] = 60.0
    """Applications a minute that start to move off a cluster that is OFFLINE; 0 lets them wait for it."""
    drain_parallelism: Annotated[int, Field(gt=0)] = 10
    """Applications that leave a drained or deleted cluster at the same time."""
    drain_attempts: Annotated[int, Field(gt=0)] = 5
    """Failed moves after which an application is let go from a cluster that is being deleted."""
    deletion_patience: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that a deletion tries to remove objects before it records them as orphans."""
