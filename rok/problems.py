"""Problem documents of the API (RFC 9457) turned into errors for people."""

from __future__ import annotations

import json
from typing import Any

from rok.errors import ExitCode, RokError

SHOWN_FIELDS = 8
"""Wrong fields that an error lists before it only counts the rest."""

_CODES = {404: ExitCode.NOT_FOUND, 409: ExitCode.CONFLICT, 412: ExitCode.CONFLICT}

_FIXES = {
    401: "Log in with `rok login`; `rok config view` shows which API and which token are used",
    403: "Ask whoever administers Krake for a role that allows this",
    412: "Somebody changed it at the same moment: run the command again",
    413: "Split the application into several smaller ones",
    422: "Correct it and run the command again",
}
_TAKEN = "Use another name, or `update` or `delete` what is there"


class ProblemError(RokError):
    """An error that the API answered with; `status` is the HTTP status."""

    def __init__(self, status: int, what: str, *, code: ExitCode, why: str = "", fix: str = "") -> None:
        super().__init__(what, code=code, why=why, fix=fix)
        self.status = status


def problem(status: int, body: bytes, path: str) -> ProblemError:
    """The error for an answer with this status and body."""
    document = _parse(body)
    if status >= 500 or status < 400:
        return ProblemError(
            status,
            f"Krake's API failed: {_sentence(document) or f'HTTP {status}'}",
            code=ExitCode.SERVER,
            why=f"{path} answered with HTTP {status}",
            fix="Try again; if it stays, the API's log says more",
        )
    code = _CODES.get(status, ExitCode.REFUSED)
    fields = _fields(document)
    what = "The request is not valid" if fields else _sentence(document)
    what = what or f"The API refused the request with HTTP {status}"
    fix = _TAKEN if document.get("title") == "RESOURCE_ALREADY_EXISTS" else _FIXES.get(status, "")
    return ProblemError(status, what, code=code, why="\n".join(fields), fix=fix)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _sentence(document: dict[str, Any]) -> str:
    detail = document.get("detail")
    if isinstance(detail, str) and detail:
        return detail
    return str(document.get("title") or "")


def _fields(document: dict[str, Any]) -> list[str]:
    """One line for each wrong field, as `spec.backoff: has to be at least 1`."""
    errors = [error for error in document.get("errors") or [] if isinstance(error, dict)]
    lines = [f"  {error.get('field') or 'body'}: {error.get('message', 'is not valid')}" for error in errors]
    if len(lines) > SHOWN_FIELDS:
        return [*lines[:SHOWN_FIELDS], f"  … and {len(lines) - SHOWN_FIELDS} more"]
    return lines
