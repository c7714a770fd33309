"""All tables together, as the migrations have to make them."""

from __future__ import annotations

from krake.store.tables import access, base, history, placement, resources

MODULES = (resources, placement, history, access)
"""Importing them is what fills `metadata`."""

metadata = base.metadata
