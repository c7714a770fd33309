"""What the contract's table is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from api.examples import EXAMPLES


class Outcome(StrEnum):
    """The columns of the table: how a request to a route may end.

    A further column is a member here and, for rows that all treat it alike, one entry in `rows.row`.
    """

    SUCCESS = "success"
    NOT_FOUND = "not found"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one request is made: no two share anything."""

    namespace: str
    name: str

    def of(self, template: str) -> str:
        """The path of a route here."""
        return template.format(namespace=self.namespace, name=self.name, number=1, generation=1)


Body = Callable[[Place], Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request; its path may have `{namespace}` and `{name}` in it."""

    method: str
    path: str
    body: Body | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to come of a request."""

    status: int
    title: str | None = None
    """The title of the problem document; None for `about:blank`, and for what is no problem."""
    before: tuple[Call, ...] = ()
    """What has to be done first."""
    body: Body | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """One route with one method: a row of the table. An outcome that cannot be says in words why."""

    method: str
    path: str
    outcomes: Mapping[Outcome, Expected | str]

    @property
    def key(self) -> tuple[str, str]:
        """The route in the OpenAPI document."""
        return self.path, self.method.lower()


def example(kind: str, **changes: Any) -> Body:
    """The body that is the example of a kind under the place's name; the changes are of its spec."""

    def made(place: Place) -> Any:
        document = deepcopy(EXAMPLES[kind])
        document["metadata"]["name"] = place.name
        document.get("spec", document).update(changes)
        return document

    return made


def constant(body: Any) -> Body:
    """The same body everywhere."""
    return lambda _: body
