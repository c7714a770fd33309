"""The pictures of `rok` in the documentation, made from what it shows on a real Krake: `make pictures`."""

from __future__ import annotations
