"""The manifest of an application, wherever it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from krake.store.records import Record

TRANSLATED = "translated_manifest"
"""The field of the status that keeps what a TOSCA template or CSAR archive was translated to."""

Document = dict[str, Any]


def manifest_of(record: Record) -> list[Document]:
    """The application's effective manifest: its own, else what its template was translated to last.

    Empty where nothing has been translated yet. During an update the translation may be that of an older
    generation, which is what is on the cluster then.
    """
    own: list[Document] = record.spec.get("manifest") or []
    translated: list[Document] = (record.status.get(TRANSLATED) or {}).get("manifest") or []
    return own or translated
