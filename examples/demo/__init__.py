"""The walk-through; `python -m examples.demo` plays it."""

from __future__ import annotations
