"""A process of its own that writes to a store: `python -m tests.support.store_process URL KEY TASK …`.

Tasks: `create PREFIX COUNT` prints the revision of every resource it made; `hang NAME` makes a resource, says
so and never ends its transaction; `migrate` brings the tables to the newest version.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from krake.secrets import Cipher
from krake.store import Store, migrate
from tests.support.store import CREATED, add


def _say(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _create(store: Store, prefix: str, count: str) -> None:
    for number in range(int(count)):
        _say((await add(store, f"{prefix}-{number}")).revision)


async def _hang(store: Store, name: str) -> None:
    async with store.transaction() as transaction:
        await transaction.create("Application", "testing", name, labels={}, spec={}, status={}, event=CREATED)
        _say("inside")
        await asyncio.Event().wait()


async def _main(url: str, key: str, task: str, *arguments: str) -> None:
    async with Store.open(url, Cipher.from_keys([key])) as store:
        if task == "create":
            await _create(store, *arguments)
        else:
            await _hang(store, *arguments)


@asynccontextmanager
async def store_process(url: str, key: str, *task: object) -> AsyncIterator[Process]:
    """Run a task in a process of its own; what is left of it at the end is killed."""
    command = (sys.executable, "-m", __name__, url, key, *map(str, task))
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finish(process: Process) -> list[str]:
    """The lines the process prints until it ends, which it has to do without an error."""
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode().splitlines()


if __name__ == "__main__":
    if sys.argv[3] == "migrate":
        _say(migrate.upgrade(sys.argv[1]))
    else:
        asyncio.run(_main(*sys.argv[1:]))
