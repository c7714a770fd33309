"""All kinds of resources, and the words by which the generic commands know them."""

from __future__ import annotations

from rok.errors import ExitCode, RokError
from rok.resources import (
    APPLICATIONS,
    CLOUDS,
    CLUSTERS,
    GLOBAL_CLOUDS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS,
    GLOBAL_METRICS,
    GLOBAL_METRICS_PROVIDERS,
    INFRASTRUCTURE_PROVIDERS,
    MAGNUM_CLUSTERS,
    METRICS,
    METRICS_PROVIDERS,
    PROJECTS,
    ROLE_BINDINGS,
    ROLES,
    Collection,
)

COLLECTIONS = (
    APPLICATIONS,
    CLUSTERS,
    METRICS,
    GLOBAL_METRICS,
    METRICS_PROVIDERS,
    GLOBAL_METRICS_PROVIDERS,
    INFRASTRUCTURE_PROVIDERS,
    GLOBAL_INFRASTRUCTURE_PROVIDERS,
    CLOUDS,
    GLOBAL_CLOUDS,
    PROJECTS,
    MAGNUM_CLUSTERS,
    ROLES,
    ROLE_BINDINGS,
)
"""Every kind, those that people work with most first."""

WITH_STATE = (APPLICATIONS, CLUSTERS)
"""The kinds that something is done about, so that one can wait for what comes of it."""

_SHORT = {
    "Application": ("app", "apps", "ap"),
    "Cluster": ("cl",),
    "GlobalMetric": ("gm",),
    "MetricsProvider": ("mp",),
    "GlobalMetricsProvider": ("gmp",),
    "InfrastructureProvider": ("ip", "provider"),
    "GlobalInfrastructureProvider": ("gip", "gprovider"),
    "GlobalCloud": ("gc", "gcloud"),
    "MagnumCluster": ("mc",),
}


def find(word: str) -> Collection | None:
    """The kind that a word means: its name, its plural or a short form, in any case."""
    return _BY_WORD.get(word.lower())


def named(word: str) -> Collection:
    """The kind that a word means.

    Raises:
        RokError: it means none; lists the kinds that there are.
    """
    found = find(word)
    if found is None:
        raise RokError(
            f"There is no kind of resources '{word}'",
            code=ExitCode.USAGE,
            fix=f"Use one of {', '.join(_words(collection) for collection in COLLECTIONS)}",
        )
    return found


def of_document(api: str | None, kind: str) -> Collection | None:
    """The kind that a document says it is of; None where there is no such kind."""
    for collection in COLLECTIONS:
        if collection.kind == kind and api in (None, collection.api):
            return collection
    return None


def _words(collection: Collection) -> str:
    short = _SHORT.get(collection.kind)
    return f"{collection.plural} ({short[0]})" if short else collection.plural


_BY_WORD = {
    word: collection
    for collection in COLLECTIONS
    for word in (collection.kind.lower(), collection.plural, *_SHORT.get(collection.kind, ()))
}
