"""Clients of this machine's servers."""

from __future__ import annotations

from typing import Any

import httpx


def plain_http(**more: Any) -> httpx.AsyncClient:
    """A client for plain HTTP. To load the certificates of all authorities would take ten times as long as a
    request, which counts where a test asks again and again."""
    return httpx.AsyncClient(trust_env=False, verify=False, **more)
