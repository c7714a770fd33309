"""What counts in a placement, and when applications move by themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class PlacementSettings(SettingGroup):
    """What counts in a placement, and when applications move by themselves."""

    stickiness: Annotated[float, Field(ge=0)] = 0.1
    """Weight in favour of the cluster that an application is on."""
    migration_cool_down: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without automatic moves after one that failed; times the failures in a row."""
    metrics_interval: Annotated[float, Field(gt=0)] = 15.0
    """Seconds between two samples of the metrics that clusters are ranked by."""
    metric_max_age: Annotated[float, Field(gt=0)] = 45.0
    """Seconds after which the value of a metric is too old to decide on, where the metric says nothing."""
    reschedule_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds between two looks at all applications for those that should be placed or moved."""
    rebalance_debounce: Annotated[float, Field(ge=0)] = 2.0
    """Seconds from a change of clusters or metrics to that look: what changes meanwhile shares it."""
    rebalance_threshold: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Part of its range by which a metric has to change between two samples to cause that look at once."""
    rebalance_margin: Annotated[float, Field(ge=0)] = 0.05
    """What an application has to gain by a move for a better score; less than that is noise."""
    rebalance_minimum_stay: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that an application stays on a cluster before it moves for a better score."""
    rebalance_cool_down: Annotated[float, Field(ge=0)] = 300.0
    """Seconds between two automatic moves of one application, unless it cannot stay where it is."""
    rebalance_parallel: Annotated[int, Field(ge=0)] = 10
    """Migrations under way beyond which none begins by itself; 0 turns automatic moves off."""
    rebalance_per_hour: Annotated[int, Field(ge=0)] = 100
    """Automatic moves that may begin within an hour."""
    rebalance_per_application: Annotated[int, Field(ge=0)] = 3
    """Automatic moves of one application that may begin within an hour."""
