"""What `rok login` keeps: one file with the credential for each API, readable by its owner only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rok.errors import ExitCode, RokError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rok.config import Config


@dataclass(frozen=True, slots=True)
class Login:
    """One credential, and how to renew it where it came from an OpenID Connect issuer."""

    token: str = field(repr=False)
    expires: float = 0.0
    """Seconds since the epoch; 0 where that is not known."""
    refresh_token: str = field(default="", repr=False)
    issuer: str = ""
    client_id: str = ""


class Logins:
    """The credentials of this user."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        self.path = home / "rok" / "logins.json"

    def find(self, config: Config) -> Login | None:
        """The credential for the API of the configuration, and for its context."""
        found = self._read().get(_key(config))
        if not isinstance(found, dict):
            return None
        try:
            return Login(**found)
        except TypeError:
            raise self._broken("it holds an entry of another release") from None

    def keep(self, config: Config, login: Login) -> None:
        """Keep a credential in place of the one before."""
        self._write({**self._read(), _key(config): asdict(login)})

    def forget(self, config: Config) -> bool:
        """Forget the credential; whether there was one."""
        kept = self._read()
        found = kept.pop(_key(config), None) is not None
        if found:
            self._write(kept)
        return found

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._broken(str(error.strerror)) from None
        except ValueError:
            raise self._broken("it is no JSON") from None
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: dict[str, Any]) -> None:
        from rok.config_file import write_private

        write_private(self.path, json.dumps(kept, indent=2))

    def _broken(self, why: str) -> RokError:
        return RokError(
            f"Cannot use what `rok login` kept in {self.path}",
            code=ExitCode.USAGE,
            why=why,
            fix="Delete the file and log in again",
        )


def _key(config: Config) -> str:
    """Bound to the address, so that a changed one is not sent the credential of another API."""
    return f"{config.context}@{config.api_url}" if config.context else config.api_url
