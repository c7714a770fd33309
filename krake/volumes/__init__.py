"""Volumes in manifests: which of them keep data, and which data has to move with an application. No I/O."""

from __future__ import annotations
