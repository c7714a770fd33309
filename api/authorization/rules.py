"""One rule of a role, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.authorization.needs import Need
from api.authorization.reach import EVERYWHERE, NOWHERE, Reach
from krake.models.permissions import ANY, GRANTED_BY, RESOURCES, WILDCARDS, Verb


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as one binding gives it."""

    api: str
    resources: frozenset[str]
    verbs: frozenset[Verb]
    reach: Reach
    bound: bool
    """Whether the binding names namespaces: then nothing is allowed on what is in none."""

    @classmethod
    def read(cls, document: Mapping[str, Any], limit: Reach | None = None) -> Rule:
        """The rule from a role's document, within the namespaces that the binding names, if it does."""
        reach = reach_of(document["namespaces"])
        return cls(
            api=ANY if document["api"] in WILDCARDS else document["api"],
            resources=_normalised(document["resources"]),
            verbs=frozenset(Verb(verb) for verb in document["verbs"]),
            reach=reach if limit is None else reach.within(limit),
            bound=limit is not None and not limit.everywhere,
        )

    def allows(self, need: Need) -> Reach:
        """Where the rule meets the need."""
        if self.api not in (ANY, need.api) or self.verbs.isdisjoint(GRANTED_BY[need.verb]):
            return NOWHERE
        named = not self.resources.isdisjoint(need.entries)
        if not named and ANY not in self.resources:
            return NOWHERE
        if not need.is_global:
            return self.reach
        # What is in no namespace must not come along with "all resources of my namespace".
        return EVERYWHERE if not self.bound and (named or self.reach.everywhere) else NOWHERE

    @property
    def names_global(self) -> bool:
        """Whether it allows something on a resource that is in no namespace, and that it names."""
        known = (
            name for types in RESOURCES.values() for name, found in types.items() if not found.namespaced
        )
        return not self.bound and not self.resources.isdisjoint(known)

    def shown(self) -> dict[str, Any]:
        """The rule as a document."""
        return {
            "api": self.api,
            "resources": sorted(self.resources),
            "namespaces": [ANY] if self.reach.everywhere else sorted(self.reach.names),
            "verbs": sorted(self.verbs),
        }


def reach_of(namespaces: Iterable[str]) -> Reach:
    """The reach of a list of namespaces as documents hold it."""
    names = frozenset(namespaces)
    return EVERYWHERE if names & WILDCARDS else Reach(False, names)


def read_rules(documents: Iterable[Mapping[str, Any]], limit: Reach | None = None) -> Iterator[Rule]:
    """The rules of a role's document."""
    return (Rule.read(document, limit) for document in documents)


def _normalised(resources: Iterable[str]) -> frozenset[str]:
    return frozenset(ANY if name in WILDCARDS else name for name in resources)
