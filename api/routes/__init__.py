"""The routes: thin, one file for each group."""

from __future__ import annotations
