"""A terminal of 80 columns: what a command shows on it, colours and all."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

COLUMNS, LINES = 80, 200
_CHUNK = 65536
_CURSOR = re.compile(r"\x1b\[\?25[lh]")
_UP = re.compile(r"[^\n]*\n\r?\x1b\[1A")
_ERASED = re.compile(r"[^\n]*\x1b\[2K\r?")


def shown(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> str:
    """What the command, run in the folder, writes to the terminal, with its escape sequences."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    # How wide a terminal is, and that it has no colours, must not come from whoever makes the pictures.
    kept = {key: value for key, value in environment.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower,
        cwd=folder,
        env={**kept, "TERM": "xterm-256color"},
    )
    os.close(follower)
    output = bytearray()
    # Reading fails when the last writer has gone; that is how a terminal ends.
    with suppress(OSError):
        while chunk := os.read(leader, _CHUNK):
            output += chunk
    os.close(leader)
    process.wait()
    return _settled(output.decode().replace("\r\n", "\n"))


def _settled(text: str) -> str:
    """What is left on the screen: without lines that were erased, such as that of a wait."""
    text = _CURSOR.sub("", text)
    while _UP.search(text):
        text = _UP.sub("", text, count=1)
    return _ERASED.sub("", text)
