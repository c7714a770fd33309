"""ETags: the revision of a resource, for updates that lose nothing and answers that are not sent twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.problems import invalid_field
from krake.store.errors import RevisionConflict
from krake.store.records import Record

UNKNOWN = "UNKNOWN"

_TAG = re.compile(r'(?:W/)?"(?P<revision>\d{1,19})(?:-unknown)?"', re.ASCII)


def etag_of(revision: int, shown: Mapping[str, Any]) -> str:
    """The ETag of a resource as it is shown.

    A state that becomes unknown by time alone is no new revision, but another answer.
    """
    by_time = (shown.get("status") or {}).get("state") == UNKNOWN
    return f'"{revision}-unknown"' if by_time else f'"{revision}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether the client says that it has the answer with this ETag already."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags


def revisions_of(if_match: str | None) -> frozenset[int] | None:
    """The revisions that a header `If-Match` names; None where any will do.

    Raises:
        ProblemError: 422, the header holds something that was never an ETag here.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = [_TAG.fullmatch(tag.strip()) for tag in if_match.split(",")]
    if not all(found):
        raise invalid_field("If-Match", 'The header has to hold ETags as the answers carry them: "17"')
    return frozenset(int(match["revision"]) for match in found if match)


def check_revision(stored: Record, revisions: frozenset[int] | None) -> None:
    """Refuse to touch what somebody else changed since.

    Raises:
        RevisionConflict: the stored revision is none of those.
    """
    if revisions is not None and stored.revision not in revisions:
        raise RevisionConflict(
            f"{stored.kind} '{stored.name}' was changed meanwhile",
            why=f"Its ETag is \"{stored.revision}\", which the header 'If-Match' does not name",
            fix="Get it again and repeat the change",
        )
