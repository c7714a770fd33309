"""Errors that carry what happened, why, and what to do about it."""

from __future__ import annotations


class KrakeError(Exception):
    """A failure a person can act on; shown as up to three lines, never as a traceback.

    Args:
        what: one line saying what went wrong.
        why: one line saying why, where it is known.
        fix: one line saying what to do.
    """

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        return "\n".join(line for line in (self.what, self.why, self.fix) if line)
