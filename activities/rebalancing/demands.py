"""What applications ask for, remembered from one pass to the next: most of them do not change in between."""

from __future__ import annotations

from krake.errors import KrakeError
from krake.manifests import TRANSLATED, manifest_of
from krake.store import Record
from scheduler.documents import wanted_by
from scheduler.snapshot import Request

_Version = tuple[int, int]


class Demands:
    """Requests by application.

    One is made anew when the spec, or what a template was translated to, is newer; those of applications that
    are gone are forgotten at the end of each pass.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[_Version, Request | None]] = {}
        self._used: dict[str, tuple[_Version, Request | None]] = {}

    def of(self, record: Record) -> Request | None:
        """What the application asks for, wherever it is; None where its manifest cannot be understood."""
        version = record.generation, int((record.status.get(TRANSLATED) or {}).get("generation", 0))
        known = self._kept.get(record.uid)
        if known is None or known[0] != version:
            known = version, _request(record)
        self._used[record.uid] = known
        return known[1]

    def forget_others(self) -> None:
        """Keep only what was asked for since the last call."""
        self._kept, self._used = self._used, {}


def _request(record: Record) -> Request | None:
    metadata = {"namespace": record.namespace, "name": record.name, "uid": record.uid}
    try:
        return wanted_by({"metadata": metadata, "spec": record.spec}, None, manifest_of(record))
    except KrakeError:
        # Its deployment says so; nothing can be said of where it fits.
        return None
