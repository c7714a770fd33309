"""Activities that touch only the store: they run as local activities, next to the workflow."""

from __future__ import annotations
