"""Rules as the command line takes them, and as tables show them."""

from __future__ import annotations

from typing import Any

import click

from rok.formats import NONE, lines
from rok.metric_views import identity

Document = dict[str, Any]
Rows = list[tuple[str, str]]
Triple = tuple[str, str, str]
"""Verbs, resources and namespaces, each separated by commas."""

ANY = "*"
ROLE_COLUMNS = ("name", "created", "modified", "rules")
ROLE_WIDE = ("name", "labels", "created", "modified", "rules")
BINDING_COLUMNS = ("name", "created", "roles", "users", "groups", "namespaces")
BINDING_WIDE = ("name", "labels", "created", "modified", "roles", "users", "groups", "namespaces")


def rules_of(given: tuple[Triple, ...]) -> list[Document]:
    """The rules for some `--rule VERBS RESOURCES NAMESPACES`, one for each API that is named.

    Raises:
        UsageError: a resource does not exist.
    """
    return [rule for triple in given for rule in _rules(*triple)]


def _rules(verbs: str, resources: str, namespaces: str) -> list[Document]:
    by_api: dict[str, list[str]] = {}
    for text in _words(resources):
        api, name = _resource(text)
        by_api.setdefault(api, []).append(name)
    return [
        {"api": api, "resources": names, "namespaces": _words(namespaces), "verbs": _words(verbs)}
        for api, names in by_api.items()
    ]


def _resource(text: str) -> tuple[str, str]:
    """The API and the resource of `kubernetes/applications`, `applications`, `kubernetes/*` or `*`."""
    from krake.models.permissions import RESOURCES, apis_of, nearest

    first, slash, rest = text.partition("/")
    if text == ANY:
        return ANY, ANY
    if slash and first in RESOURCES:
        return first, rest
    found = list(apis_of(text))
    if not found:
        raise click.UsageError(f"There is no resource {text!r}. {nearest(text)}")
    return found[0], text


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def rule_words(rule: Document) -> str:
    """A rule in one line, as `--rule` takes it."""
    api = rule["api"] or ANY
    names = [f"{api}/{name or ANY}" for name in rule["resources"]]
    resources = ",".join(ANY if name == "*/*" else name.removeprefix("*/") for name in names)
    places = ",".join(place or ANY for place in rule["namespaces"])
    return f"{','.join(rule['verbs'])} {resources} in {places or 'no namespace'}"


def role(document: Document) -> Rows:
    """A role with its rules, one a line."""
    return [*_identity(document), ("rules", lines([rule_words(rule) for rule in document["rules"]]))]


def role_binding(document: Document) -> Rows:
    """A binding: which roles it gives to whom, and where."""
    places = document.get("namespaces")
    where = "wherever the roles say" if places is None else lines([place or ANY for place in places])
    return [
        *_identity(document),
        ("roles", lines(document["roles"])),
        ("users", lines(document["users"])),
        ("groups", lines(document.get("groups"))),
        ("namespaces", where),
    ]


def permission_rows(listing: Document) -> list[tuple[str, str, str]]:
    """The rows of a list of permissions: verbs, resources, namespaces."""
    return [
        (
            ", ".join(item["verbs"]),
            "\n".join(f"{item['api']}/{name}".replace("*/*", ANY) for name in item["resources"]),
            ", ".join(item["namespaces"]) or NONE,
        )
        for item in listing["items"]
    ]


def _identity(document: Document) -> Rows:
    """What every resource has, without what these two kinds never have."""
    return [row for row in identity(document) if row[0] not in ("namespace", "deleted")]
