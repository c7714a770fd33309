"""Encrypted connections: the contexts that servers and clients use, and where plain text is allowed."""

from __future__ import annotations
