"""`-w`: changes are shown as they come, over restarts of the API."""

from __future__ import annotations

import json
from pathlib import Path

from tests.rok.cli import Rok
from tests.rok.server import ApiProcess, Lifecycle


async def test_a_watched_list_shows_each_change(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    running = await rok.start("kube", "app", "list", "-w")
    await running.prints("shop")
    await lifecycle.write("Application", "shop", state="CREATING", message="applying 1 object")
    await running.prints("shop CREATING  applying 1 object")
    rok("kube", "app", "create", "other", "-f", manifest).ok()
    await running.prints("/other PENDING")
    await lifecycle.remove("Application", "shop")
    await running.prints("DELETED")
    running.interrupt()
    answer = await running.ends()
    assert answer.code == 130
    assert "Traceback" not in answer.err


async def test_a_watch_for_programs_is_one_event_a_line(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    running = await rok.start("kube", "app", "get", "shop", "-w", "-o", "json")
    await running.prints('"state": "PENDING"')
    await lifecycle.write("Application", "shop", state="RUNNING")
    await lifecycle.remove("Application", "shop")
    answer = (await running.ends()).ok()
    events = [json.loads(line) for line in answer.out.splitlines()]
    assert events[-1]["type"] == "DELETED"
    assert events[-1]["object"]["metadata"]["name"] == "shop"
    assert "is deleted" in answer.err


async def test_a_watch_tells_after_a_crash_what_happened_meanwhile(tmp_path: Path, manifest: str) -> None:
    api = ApiProcess(tmp_path)
    api.start()
    rok = Rok(api.url, "away")
    try:
        async with api.open_store() as store:
            lifecycle = Lifecycle(store, "away")
            for name in ("stays", "goes"):
                rok("kube", "app", "create", name, "-f", manifest).ok()
            running = await rok.start("kube", "app", "list", "-w")
            await running.prints("stays")
            api.kill()
            await running.says("trying again")
            await lifecycle.write("Application", "stays", state="RUNNING")
            await lifecycle.remove("Application", "goes")
            api.start()
            await running.prints("DELETED  away/goes")
            await running.prints("MODIFIED away/stays RUNNING")
            running.interrupt()
            await running.ends()
    finally:
        api.kill()
