"""Questions that tell whether a part is ready; each answers within seconds and never raises."""

from __future__ import annotations

import httpx

from krake.embedded.part import Probe

_PATIENCE = 2.0
"""Seconds that an answer may take."""


def http_ready(url: str) -> Probe:
    """Ready once the address answers with success."""

    async def ask() -> bool:
        try:
            # Plain HTTP: loading certificates for every question would be the most expensive part of it.
            async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False, verify=False) as client:
                return (await client.get(url)).is_success
        except httpx.HTTPError:
            return False

    return ask
