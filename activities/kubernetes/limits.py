"""Limits that keep one cluster from taking more than its share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the requests to one cluster: seconds each may take, and how many run at once."""

    timeout: float = 10.0
    concurrency: int = 32
