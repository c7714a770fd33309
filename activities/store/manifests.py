"""The manifest of an application, wherever it comes from."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError

from activities.failures import passing_error
from krake.models.reasons import ReasonCode
from krake.store import Record

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


def needs_translation(record: Record) -> bool:
    """Whether the newest generation has no manifest yet, neither its own nor a translated one."""
    spec = record.spec
    if spec.get("manifest") or not (spec.get("tosca") or spec.get("csar")):
        return False
    return _translated_generation(record) != record.generation


def require_translation(record: Record) -> None:
    """Pass only if the newest generation has its manifest.

    Raises:
        ApplicationError: the template has changed meanwhile; the lifecycle comes back to it.
    """
    if needs_translation(record):
        raise _untranslated(record)


def manifest_to_apply(record: Record) -> list[Document]:
    """The effective manifest, which must not be empty: applying nothing would remove everything.

    Raises:
        ApplicationError: nothing has been translated yet.
    """
    manifest = manifest_of(record)
    if not manifest:
        raise _untranslated(record)
    return manifest


def _untranslated(record: Record) -> ApplicationError:
    message = f"the template of generation {record.generation} is not translated yet"
    return passing_error(ReasonCode.INVALID_TOSCA_MANIFEST, message)


def _translated_generation(record: Record) -> int:
    return int((record.status.get(TRANSLATED) or {}).get("generation", 0))
