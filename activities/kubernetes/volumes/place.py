"""One end of a copy: a mounted volume in a running container, and the commands that run there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from temporalio.exceptions import ApplicationError

from activities.failures import user_error
from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.volumes.comparing import batches
from activities.kubernetes.volumes.remote import Outcome, RemoteCommand, remote_command
from activities.kubernetes.volumes.scripts import NO_FOLDER, PROBE
from krake.models.reasons import ReasonCode

_NOT_FOUND = frozenset({126, 127})
_NO_SHELL = re.compile("executable file not found|no such file or directory", re.IGNORECASE)
_GONE = "No such file or directory"
_SOME_FAILED = frozenset({1, 123})
"""How find and xargs end when they went through everything, but not all of it was there."""
_SPACE = re.compile("No space left on device|Disk quota exceeded")
_FATAL = re.compile("No space left on device|Disk quota exceeded|Read-only file system|Permission denied|"
                    "Input/output error")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A mounted volume in a running container."""

    connection: ClusterConnection
    namespace: str
    pod: str
    container: str
    image: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} of Pod {self.pod} on {self.connection.name}"

    def command(self, script: str, *arguments: str) -> AbstractAsyncContextManager[RemoteCommand]:
        """Start a script in the container."""
        command = ("sh", "-c", script, "krake", self.path, *arguments)
        return remote_command(self.connection, self.namespace, self.pod, self.container, command)

    async def run(self, script: str, *, given: bytes | None = None) -> bytes:
        """Run a script to its end and return what it printed.

        Args:
            script: one of `scripts`.
            given: what it reads.

        Raises:
            ClusterError: the connection broke; the same call may succeed later.
            ApplicationError: it failed for a reason that somebody has to mend.
        """
        async with self.command(script) as command:
            if given is not None:
                await command.write(given)
                await command.end_input()
            output = await command.read()
        self.judge(command.outcome)
        return output

    async def run_on(self, script: str, names: Iterable[bytes], *, lenient: bool = False) -> bytes:
        """Run a script on names, in as many calls as their number needs, and return all that was printed."""
        output = bytearray()
        for batch in batches(names):
            listed = b"".join(name + b"\0" for name in batch)
            async with self.command(script, str(len(listed))) as command:
                await command.write(listed)
                async for chunk in command.output():
                    output += chunk
            self.judge(command.outcome, lenient=lenient)
        return bytes(output)

    async def tools(self) -> bool:
        """Check that the container has the tools; returns whether its tar is GNU's.

        Raises:
            ApplicationError: one is missing.
        """
        words = (await self.run(PROBE)).decode().split()
        missing = [word for word in words if word != "gnu"]
        if missing:
            raise self._lacks(", ".join(missing))
        return "gnu" in words

    def judge(self, outcome: Outcome, *, lenient: bool = False) -> None:
        """Raise what a command's end means.

        Args:
            outcome: how it ended.
            lenient: whether only what can never work counts: the next pass finds what else went wrong.
        """
        if outcome.code == 0:
            return
        if outcome.code is None and not _NO_SHELL.search(outcome.noise):
            raise ClusterError(
                ReasonCode.KUBERNETES_ERROR, f"no command starts in {self}: {outcome.noise}", temporary=True
            )
        if outcome.code is None or outcome.code in _NOT_FOUND:
            raise self._lacks("sh")
        lines = outcome.noise.splitlines()
        fatal = next((line for line in lines if _FATAL.search(line)), "")
        if _SPACE.search(fatal):
            raise user_error(ReasonCode.MIGRATION_FAILED, f"no space is left in {self}: {fatal}")
        if outcome.code == NO_FOLDER:
            raise user_error(ReasonCode.MIGRATION_FAILED, f"cannot copy {self}: it is not a folder")
        gone = outcome.code in _SOME_FAILED and lines and all(_GONE in line for line in lines)
        if fatal or not (lenient or gone):
            what = fatal or next(iter(lines), f"exit code {outcome.code}")
            raise user_error(ReasonCode.MIGRATION_FAILED, f"cannot copy {self}: {what}")

    def _lacks(self, tools: str) -> ApplicationError:
        return user_error(
            ReasonCode.MIGRATION_FAILED,
            f"cannot copy {self}: its image {self.image} lacks {tools}",
        )
