"""When a cloud is looked at again: soon after a step was done, more and more rarely while nothing happens."""

from __future__ import annotations

from datetime import datetime

from krake.provisioning.messages import CloudAnswer

_SOON = 2.0
"""Seconds until the next look after one that did a step: often the next step is possible at once."""
_PART, _LONGEST = 0.1, 60.0
"""What takes long is looked at more rarely, so that the history stays short: after this part of the time
since the last step, a minute at most."""


class Looks:
    """The looks at one cluster while one thing is done at its cloud.

    Args:
        began: when the cloud was asked.
    """

    def __init__(self, began: datetime) -> None:
        self._began = self._last_step = began

    def are_late(self, answer: CloudAnswer, now: datetime) -> bool:
        """Whether it takes longer than anybody waits for it."""
        return (now - self._began).total_seconds() >= answer.patience

    def pause(self, answer: CloudAnswer, now: datetime) -> float:
        """Seconds until the next look, after this answer."""
        if answer.advanced:
            self._last_step = now
            return min(_SOON, answer.look_again)
        quiet = (now - self._last_step).total_seconds()
        return max(answer.look_again, min(quiet * _PART, _LONGEST))
