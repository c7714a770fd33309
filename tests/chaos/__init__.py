"""Random operations under random kills, compared with a small model: `make chaos`."""

from __future__ import annotations
