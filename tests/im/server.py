"""A real Infrastructure Manager, whose connector Dummy has records of machines that count as configured."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from krake.embedded.ports import free_port
from tests.openstack.environments import IM, python, require
from tests.openstack.processes import serving

_SERVE = Path(__file__).with_name("serve_im.py")


@asynccontextmanager
async def running_im(folder: Path) -> AsyncIterator[str]:
    """The server's address; it is ended afterwards."""
    port = free_port("127.0.0.1")
    url = f"http://127.0.0.1:{port}"
    words: list[str | Path] = [*python(require(IM)), _SERVE, folder, str(port)]
    async with serving(words, folder / "im.log", url):
        yield url
