"""Asking for a look at all applications, where it cannot be had; tests/e2e shows the rest."""

from __future__ import annotations

import httpx
import pytest

PATH = "/kubernetes/rebalance"


@pytest.mark.parametrize("query", ["", "?dry_run=True"])
async def test_without_temporal_it_is_said_what_is_missing(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.post(PATH + query)
    assert answer.status_code == 503
    assert "Temporal" in answer.json()["detail"]
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize(("query", "field"), [("dry_run=perhaps", "dry_run"), ("cluster=a", "cluster")])
async def test_what_it_does_not_know_is_refused(client: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await client.post(f"{PATH}?{query}")
    assert answer.status_code == 422
    assert field in answer.text
