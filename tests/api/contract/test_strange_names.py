"""Names that nothing can have: not there, or refused, on both databases."""

from __future__ import annotations

import httpx
import pytest

ONE = "/kubernetes/namespaces/{}/applications/{}"
STRANGE = ["%00", "a%00b", "%FF%FE", "%ED%A0%80", "..%2F..", "%F0%9F%90%99", "x" * 300, "'%20OR%201=1--"]


@pytest.mark.parametrize("name", STRANGE)
async def test_strange_names_are_not_there(caller: httpx.AsyncClient, name: str) -> None:
    for path in (ONE.format("testing", name), ONE.format(name, "echo")):
        for method, further in (("GET", ""), ("DELETE", ""), ("GET", "/events"), ("GET", "/history")):
            answer = await caller.request(method, f"{path}{further}")
            assert answer.status_code == 404, (path, answer.text)


@pytest.mark.parametrize("value", ["\0", "a/\0", "x" * 2000, "/", "🐙", "testing/'"])
async def test_strange_parameters_do_no_harm(caller: httpx.AsyncClient, value: str) -> None:
    listed = await caller.get("/kubernetes/applications", params={"continue": value, "limit": 1})
    assert listed.status_code in (200, 422), listed.text
    orphans = await caller.get("/core/orphans", params={"cluster": value})
    assert orphans.status_code in (200, 422), orphans.text
    place = await caller.get(f"/kubernetes/namespaces/{'x' * 300}/capacity", params={"cluster": value})
    assert place.status_code in (404, 422), place.text
