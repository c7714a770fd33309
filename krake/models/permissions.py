"""What a role can speak of: verbs, the resources of each API with their subresources, and "any"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

ANY = "*"
"""Stands for all in a rule. The original Krake writes the empty text, which means the same."""
WILDCARDS = frozenset({ANY, ""})


class Verb(StrEnum):
    """What is done with a resource, as in the original Krake; `watch`, `watch_all` and `*` are additions."""

    CREATE = "create"
    LIST = "list"
    LIST_ALL = "list_all"
    GET = "get"
    UPDATE = "update"
    DELETE = "delete"
    WATCH = "watch"
    WATCH_ALL = "watch_all"
    ANY = "*"


VERBS = tuple(verb for verb in Verb if verb is not Verb.ANY)
"""The verbs that a request can have."""

GRANTED_BY: Mapping[Verb, frozenset[Verb]] = {
    **{verb: frozenset({verb, Verb.ANY}) for verb in VERBS},
    Verb.LIST_ALL: frozenset({Verb.LIST, Verb.LIST_ALL, Verb.ANY}),
    Verb.WATCH: frozenset({Verb.LIST, Verb.WATCH, Verb.ANY}),
    Verb.WATCH_ALL: frozenset({Verb.LIST, Verb.LIST_ALL, Verb.WATCH, Verb.WATCH_ALL, Verb.ANY}),
    Verb.ANY: frozenset({Verb.ANY}),
}
"""Which verbs of a rule allow a verb of a request. Whoever may list could list again and again, which is a
watch; a list over all namespaces shows those in which one may list."""

OWN_ENTRY = frozenset({"status", "binding", "complete", "shutdown"})
"""Subresources that belong to Krake's own parts: a rule for the resource does not reach them."""


@dataclass(frozen=True, slots=True)
class ResourceType:
    """What rules can say about one plural of an API."""

    namespaced: bool
    subresources: frozenset[str]


def _namespaced(*subresources: str) -> ResourceType:
    return ResourceType(True, frozenset({"events", *subresources}))


def _global(*subresources: str) -> ResourceType:
    return ResourceType(False, frozenset({"events", *subresources}))


_LIFECYCLE = ("status", "binding", "operations", "decisions", "retry")

RESOURCES: Mapping[str, Mapping[str, ResourceType]] = {
    "core": {
        "roles": _global(),
        "rolebindings": _global(),
        "globalmetrics": _global(),
        "globalmetricsproviders": _global(),
        "metrics": _namespaced(),
        "metricsproviders": _namespaced(),
        "orphans": _namespaced("collect"),
        "audit": _global(),
    },
    "kubernetes": {
        "applications": _namespaced(
            *_LIFECYCLE, "complete", "shutdown", "diff", "history", "migration", "rollback"
        ),
        "clusters": _namespaced(
            *_LIFECYCLE, "capacity", "cordon", "uncordon", "drain", "retry", "rotate-credentials"
        ),
        "rebalance": _global(),
    },
    "infrastructure": {
        "globalinfrastructureproviders": _global(),
        "infrastructureproviders": _namespaced(),
        "globalclouds": _global("status"),
        "clouds": _namespaced("status"),
    },
    "openstack": {
        "projects": _namespaced("status"),
        "magnumclusters": _namespaced("status", "binding", "operations", "decisions"),
    },
    "temporal": {"codec": ResourceType(False, frozenset({"decode", "encode"}))},
}
"""Also the original Krake's resources that this release does not serve: its role files name them.

What concerns all namespaces at once, such as `kubernetes/rebalance`, is in none."""


def split(resource: str) -> tuple[str, str]:
    """A resource as rules name it, `applications/status`, in its two parts; the second may be empty."""
    plural, _, subresource = resource.partition("/")
    return plural, subresource


def apis_of(resource: str, api: str = ANY) -> Iterator[str]:
    """The APIs that have this resource or subresource, among one or all."""
    plural, subresource = split(resource)
    for name, types in RESOURCES.items():
        if api in (name, *WILDCARDS) and plural in types:
            known = types[plural].subresources
            if not subresource or subresource in known:
                yield name


def is_global(api: str, resource: str) -> bool:
    """Whether the resource is known to be in no namespace."""
    found = RESOURCES.get(api, {}).get(split(resource)[0])
    return found is not None and not found.namespaced


def nearest(resource: str, api: str = ANY) -> str:
    """A hint at the resources that may have been meant."""
    names = [
        name
        for place, types in RESOURCES.items()
        if api in (place, *WILDCARDS)
        for plural, found in types.items()
        for name in (plural, *(f"{plural}/{part}" for part in sorted(found.subresources)))
    ]
    close = get_close_matches(resource, names, n=3, cutoff=0.6)
    plurals = [name for name in names if "/" not in name]
    return f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(plurals)}"
