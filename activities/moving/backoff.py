"""How long automatic moves of an application pause after one that came to nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from krake.models.migration import MigrationBackoff
from krake.moves import backoff_of
from krake.settings import Settings
from krake.store import Record

_MOST_FAILURES_COUNTED = 60


def next_backoff(
    record: Record, settings: Settings, message: str, *, target_uid: str = "", ends: bool = False, leave: bool
) -> MigrationBackoff:
    """The pause after one more failure: the cool-down times the failures in a row.

    Args:
        record: the application.
        settings: with the cool-down.
        message: why the move came to nothing.
        target_uid: the cluster where it failed, which is avoided for so long.
        ends: no further attempt before the spec changes or a user asks.
        leave: the application has to leave its cluster, so that its attempts are not limited.
    """
    old = backoff_of(record) or MigrationBackoff()
    failures = old.failures + 1
    limit = int(record.spec.get("backoff_limit", -1))
    over = not leave and (ends or 0 <= limit < failures)
    pause = timedelta(seconds=settings.migration_cool_down * min(failures, _MOST_FAILURES_COUNTED))
    targets = [uid for uid in old.targets if uid != target_uid]
    return MigrationBackoff(
        failures=failures,
        generation=record.generation,
        until=None if over else datetime.now(UTC) + pause,
        message=message,
        targets=[*targets, target_uid] if target_uid else targets,
    )
