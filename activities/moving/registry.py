"""The activities that move applications from one cluster to another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from activities.moving.beginning import BeginningActivities
from activities.moving.handing_over import HandingOverActivities
from activities.moving.undoing import UndoingActivities
from krake.settings import Settings
from krake.store import Store


def moving_activities(
    store: Store, settings: Settings, handing_over: HandingOverActivities
) -> list[Callable[..., Any]]:
    """The activities, on the store that they work on."""
    undoing = UndoingActivities(store, settings)
    return [
        BeginningActivities(store, settings).begin_migration,
        handing_over.note_phase,
        handing_over.hand_over,
        handing_over.vacate_source,
        handing_over.finish_migration,
        undoing.begin_undoing,
        undoing.finish_undoing,
    ]
