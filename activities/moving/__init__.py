"""Moves of applications between clusters: choosing the target, handing over, cleaning up, undoing."""

from __future__ import annotations
