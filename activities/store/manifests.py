"""The manifest of an application for those who deploy it: whether it is translated, and that it is there."""

from __future__ import annotations

from typing import Any

from temporalio.exceptions import ApplicationError

from activities.failures import passing_error
from krake.manifests import TRANSLATED, manifest_of
from krake.models.reasons import ReasonCode
from krake.store import Record

__all__ = ["TRANSLATED", "manifest_of", "manifest_to_apply", "needs_translation", "require_translation"]

Document = dict[str, Any]


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
