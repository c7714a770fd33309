"""Hooks on their way into an application's objects."""

from __future__ import annotations
