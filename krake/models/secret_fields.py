"""Which fields of a spec are secret: kept encrypted, shown as a placeholder that means "unchanged"."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from krake.models.kubeconfig import REDACTED

Document = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretFields:
    """The secret fields of one kind's specs, and the fields that say where the secrets are sent."""

    secrets: tuple[Path, ...]
    address: tuple[Path, ...]

    def redact(self, spec: Document) -> Document:
        """A copy that is safe to show: every secret is replaced by `REDACTED`."""
        shown = deepcopy(spec)
        for path in self.secrets:
            if _at(shown, path) is not None:
                _put(shown, path, REDACTED)
        return shown

    def restore(self, spec: Document, stored: Document) -> Document:
        """A copy in which every `REDACTED` has the value that it has in the stored document.

        Raises:
            ValueError: a placeholder stands where nothing is stored, or the address changes with it: else
                whoever may update the resource could have its stored credentials sent to a server of their
                own.
        """
        full = deepcopy(spec)
        for path in self.secrets:
            if _at(full, path) != REDACTED:
                continue
            name, known = ".".join(path), _at(stored, path)
            if known is None:
                raise ValueError(f"{name} is redacted and no value of it is stored")
            if any(_at(full, place) != _at(stored, place) for place in self.address):
                raise ValueError(f"{name} is redacted, but the server or the user changes: give it again")
            _put(full, path, known)
        return full


def _at(document: Any, path: Path) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _put(document: Document, path: Path, value: str) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value
