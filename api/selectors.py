"""Label and field selectors: which resources a list or a watch is about. The grammar is Kubernetes'."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.problems import invalid_field
from krake.models.metadata import is_label_key, is_label_value
from krake.store.narrowing import Wanted

LONGEST = 4096
"""Characters of a selector at most."""
MOST = 64
"""Requirements of a selector at most: each is asked of every resource."""
FIELDS = ("metadata.name", "metadata.namespace", "metadata.uid", "status.state", "status.scheduled_to.name")
"""What a field selector can speak of."""
_COLUMNS = {"metadata.name": "name", "metadata.namespace": "namespace", "metadata.uid": "uid"}
"""Those that the database knows as they are shown; states change by time alone."""

_SET = re.compile(r"(?P<key>\S+)\s+(?P<sign>in|notin)\s*\((?P<values>[^()]*)\)")
_EQUAL = re.compile(r"(?P<key>[^\s=!]+)\s*(?P<sign>==|=|!=)\s*(?P<values>[^\s=!]*)")
_THERE = re.compile(r"(?P<sign>!?)\s*(?P<key>[^\s=!()]+)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement on the value of one label or field, which may be missing."""

    key: str
    values: frozenset[str] = field(default_factory=frozenset)
    """The values that are meant; none where it is about being there at all."""
    wanted: bool = True
    """Whether the value has to be one of them (to be there), or must not."""

    def holds(self, given: Mapping[str, str]) -> bool:
        """Whether the labels or fields fulfil it."""
        value = given.get(self.key)
        found = value is not None if not self.values else value in self.values
        return found is self.wanted


@dataclass(frozen=True, slots=True)
class Selector:
    """What a list or a watch is narrowed to: all requirements have to hold. An empty one takes everything."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.fields)

    def matches(self, labels: Mapping[str, str], fields: Mapping[str, str]) -> bool:
        """Whether a resource with these labels and fields is meant."""
        return all(one.holds(labels) for one in self.labels) and all(one.holds(fields) for one in self.fields)

    @property
    def stored(self) -> tuple[Wanted, ...]:
        """The requirements that the database can judge: on labels, and on what does not change with time."""
        labels = [("labels", one) for one in self.labels]
        fields = [(_COLUMNS[one.key], one) for one in self.fields if one.key in _COLUMNS]
        return tuple(
            Wanted(of, one.key, tuple(sorted(one.values)), one.wanted) for of, one in (*labels, *fields)
        )

    @property
    def shown(self) -> Selector:
        """The requirements that only a resource as it is shown can be judged by."""
        return Selector(fields=tuple(one for one in self.fields if one.key not in _COLUMNS))

    def takes(self, document: Mapping[str, Any]) -> bool:
        """Whether the resource is meant, as it is shown."""
        return self.matches(document["metadata"]["labels"], fields_of(document))


def selector(labels: str | None, fields: str | None) -> Selector:
    """The selector that a request's parameters ask for.

    Raises:
        ProblemError: 422, one of them cannot be read.
    """
    return Selector(_label_requirements(labels or ""), _field_requirements(fields or ""))


def fields_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The values that field selectors speak of; those that the resource lacks are left out."""
    metadata, status = document["metadata"], document.get("status") or {}
    values = (
        metadata["name"],
        metadata.get("namespace"),
        metadata.get("uid"),
        status.get("state"),
        (status.get("scheduled_to") or {}).get("name"),
    )
    return {name: str(value) for name, value in zip(FIELDS, values, strict=True) if value is not None}


def _label_requirements(text: str) -> tuple[Requirement, ...]:
    found = []
    for part in _parts("label_selector", text):
        requirement = _requirement(part)
        if requirement is None:
            raise invalid_field(
                "label_selector",
                f"'{part[:80]}' is no requirement: key=value, key!=value, key in (a,b), key notin (a,b), "
                "key, !key",
            )
        if not is_label_key(requirement.key):
            raise invalid_field("label_selector", f"'{requirement.key[:80]}' is no label's key")
        wrong = sorted(value for value in requirement.values if not is_label_value(value))
        if wrong:
            raise invalid_field("label_selector", f"'{wrong[0][:80]}' is no label's value")
        found.append(requirement)
    return tuple(found)


def _field_requirements(text: str) -> tuple[Requirement, ...]:
    found = []
    for part in _parts("field_selector", text):
        match = _EQUAL.fullmatch(part)
        if match is None:
            raise invalid_field(
                "field_selector", f"'{part[:80]}' is no requirement: field=value or field!=value"
            )
        if match["key"] not in FIELDS:
            raise invalid_field("field_selector", f"Unknown field '{match['key'][:80]}': {', '.join(FIELDS)}")
        found.append(_equality(match))
    return tuple(found)


def _parts(name: str, text: str) -> list[str]:
    if len(text) > LONGEST:
        raise invalid_field(name, f"It is longer than {LONGEST} characters")
    parts = [part.strip() for part in _split(text)] if text.strip() else []
    if not all(parts):
        raise invalid_field(name, "There is nothing before or after a comma")
    if len(parts) > MOST:
        raise invalid_field(name, f"It has more than {MOST} requirements")
    return parts


def _split(text: str) -> list[str]:
    """The text at its commas, but for those in parentheses."""
    parts, begin, inside = [], 0, False
    for place, character in enumerate(text):
        if character == "(":
            inside = True
        elif character == ")":
            inside = False
        elif character == "," and not inside:
            parts.append(text[begin:place])
            begin = place + 1
    return [*parts, text[begin:]]


def _requirement(part: str) -> Requirement | None:
    if match := _SET.fullmatch(part):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(match["key"], values, wanted=match["sign"] == "in")
    if match := _EQUAL.fullmatch(part):
        return _equality(match)
    if match := _THERE.fullmatch(part):
        return Requirement(match["key"], wanted=not match["sign"])
    return None


def _equality(match: re.Match[str]) -> Requirement:
    return Requirement(match["key"], frozenset({match["values"]}), wanted=match["sign"] != "!=")
