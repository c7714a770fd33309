"""`kill -9` of Krake's processes and of clusters' API servers, at random moments, and their restart."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from krake.embedded.control_plane import APISERVER
from krake.embedded.sandbox import Sandbox
from tests.support.stack import Krake, StackPart

BETWEEN = (1.0, 5.0)
"""Seconds between two kills, at least and at most."""
SHORT = (0.2, 3.0)
LONG = (9.0, 14.0)
"""Seconds that a cluster's API server stays away: less, or more, than Krake waits before it gives it up."""
LONG_CHANCE = 0.25


class Faults:
    """Kills, counts, and sees to it that everything runs again in the end."""

    def __init__(
        self, random: Random, krake: Krake, sandboxes: list[Sandbox], say: Callable[[str], None]
    ) -> None:
        self._random = random
        self._krake = krake
        self._sandboxes = sandboxes
        self._say = say
        self._away: set[str] = set()
        self._repairs: list[asyncio.Task[None]] = []
        self.kills: Counter[str] = Counter()

    async def run(self) -> None:
        """Kill until cancelled."""
        while True:
            await asyncio.sleep(self._random.uniform(*BETWEEN))
            await self._choose()()

    async def repair(self) -> None:
        """Return when everything that was killed is ready again."""
        repairs, self._repairs = self._repairs, []
        await asyncio.gather(*repairs)
        await self._krake.up()

    def _choose(self) -> Callable[[], Awaitable[None]]:
        return self._random.choices(
            [
                self._kill_part(self._krake.worker),
                self._kill_part(self._krake.api),
                self._kill_part(self._krake.temporal),
                self._kill_cluster,
            ],
            [4, 3, 2, 4],
        )[0]

    def _kill_part(self, part: StackPart) -> Callable[[], Awaitable[None]]:
        async def kill() -> None:
            if part.spec.name in self._away or not part.running:
                return
            self._count(part.spec.name)
            part.kill()
            self._begin(part.spec.name, self._start_part(part, self._random.uniform(0, 2)))

        return kill

    async def _start_part(self, part: StackPart, pause: float) -> None:
        await asyncio.sleep(pause)
        await part.start()

    async def _kill_cluster(self) -> None:
        sandbox = self._random.choice(self._sandboxes)
        if sandbox.name in self._away:
            return
        away = self._random.uniform(*(LONG if self._random.random() < LONG_CHANCE else SHORT))
        self._count(f"API server of {sandbox.name}", f" for {away:.1f} s")
        os.kill(sandbox.pids()[APISERVER], signal.SIGKILL)
        self._begin(sandbox.name, self._start_cluster(sandbox, away))

    async def _start_cluster(self, sandbox: Sandbox, pause: float) -> None:
        await asyncio.sleep(pause)
        await sandbox.start()

    def _begin(self, name: str, repair: Awaitable[None]) -> None:
        async def repaired() -> None:
            try:
                await repair
            finally:
                self._away.discard(name)

        self._away.add(name)
        self._repairs.append(asyncio.ensure_future(repaired()))

    def _count(self, name: str, more: str = "") -> None:
        self.kills[name] += 1
        self._say(f"kill -9 {name}{more}")
