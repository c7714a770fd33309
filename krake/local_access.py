"""How `rok` finds the token of a Krake that `krake up` runs on this machine.

`krake up` leaves a note in the user's own state folder that says which address it serves, and in which file
its token is; the note goes with it. One that a killed `krake up` left is not believed: whoever took the port
since must not be sent the token.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "")
_PORTS = {"http": 80, "https": 443}


def announce(url: str, token_file: Path) -> None:
    """Leave the note that this process serves `url`, and that `token_file` opens it."""
    note = {"url": url, "token_file": str(token_file), "pid": os.getpid()}
    path = _note(url)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(note))
    fresh.replace(path)


def withdraw(url: str) -> None:
    """Take this process's note away."""
    path = _note(url)
    if _read(path).get("pid") == os.getpid():
        path.unlink(missing_ok=True)


def token_file_for(url: str) -> Path | None:
    """The file with the token for an address, if a `krake up` of this user serves it now."""
    note = _read(_note(url))
    if not note or not _lives(note.get("pid")):
        return None
    return Path(str(note["token_file"]))


def _note(url: str) -> Path:
    """Where the note about an address is; all names of this machine are one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = "local" if host in _LOOPBACK else host.replace(":", "-").replace("/", "-")
    port = parts.port or _PORTS.get(parts.scheme, 0)
    # By hand: the library that knows such folders would take a fifth of the time that a short command has.
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "krake" / "serving" / f"{place}_{port}.json"


def _read(path: Path) -> dict[str, object]:
    """The note; empty where there is none, or where it cannot be understood."""
    try:
        note = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) and "token_file" in note else {}


def _lives(pid: object) -> bool:
    """Whether a process of this user has the id."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        return False
    return True
