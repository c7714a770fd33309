"""Migrations of the tables, run by Alembic."""

from __future__ import annotations
