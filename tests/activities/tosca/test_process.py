"""The translating process: what it is given, and how it ends."""

from __future__ import annotations

import asyncio
import os
import time

import psutil
import pytest

from activities.tosca.order import Limits, Order
from activities.tosca.process import limits_of, translate_apart
from krake.settings import Settings
from tests.support.files import FileServer
from tests.support.tosca import template
from tests.support.waiting import until

GOOD = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"
INNER = Limits(allow_internal_urls=True)


def translators() -> list[psutil.Process]:
    """The translating processes of this one."""
    living = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [child for child in living if "activities.tosca" in " ".join(child.cmdline())]


async def test_a_template_is_translated_in_a_process_of_its_own() -> None:
    outcome = await translate_apart(Order(tosca=template(GOOD)))
    assert outcome.manifest == [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}]
    assert translators() == []


async def test_it_sees_no_secret_of_the_worker_and_dies_with_the_activity(
    web: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRAKE_SECRET_KEYS", '["a-secret"]')
    web.slow.add("/slow.yaml")
    work = asyncio.create_task(translate_apart(Order(tosca=web.url("/slow.yaml"), limits=INNER)))

    async def asked() -> bool:
        return bool(web.requests)

    await until("the process downloads", asked)
    (process,) = translators()
    environment = process.environ()
    assert "PATH" in environment
    assert not [name for name in environment if "KRAKE" in name]
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert translators() == []
    assert not psutil.pid_exists(process.pid)


async def test_it_is_killed_when_its_time_is_over(web: FileServer) -> None:
    web.slow.add("/slow.yaml")
    limits = Limits(allow_internal_urls=True, seconds=1.5)
    begun = time.monotonic()
    outcome = await translate_apart(Order(tosca=web.url("/slow.yaml"), limits=limits))
    assert outcome.problem == "The translation took longer than 1.5 s"
    assert time.monotonic() - begun < 10
    assert translators() == []


async def test_a_death_is_an_outcome(web: FileServer) -> None:
    web.slow.add("/slow.yaml")
    work = asyncio.create_task(translate_apart(Order(tosca=web.url("/slow.yaml"), limits=INNER)))

    async def asked() -> bool:
        return bool(web.requests)

    await until("the process downloads", asked)
    os.kill(translators()[0].pid, 9)
    assert (await work).problem == "The translation was ended because it needed too much time or memory"


def test_every_limit_is_a_setting() -> None:
    settings = Settings(
        tosca_allow_internal_urls=True,
        tosca_download_timeout=1,
        tosca_timeout=2,
        tosca_max_document_bytes=3,
        tosca_max_imports=4,
        tosca_max_archive_bytes=5,
        tosca_max_expanded_bytes=6,
        tosca_max_archive_files=7,
    )
    assert list(limits_of(settings).model_dump().values()) == [True, 1, 2, 3, 4, 5, 6, 7]
    assert limits_of(Settings()) == Limits()
