"""The commands, one group a module. Modules here import nothing heavy: help and completion stay quick."""

from __future__ import annotations
