"""From options of the command line to the part of an infrastructure provider that its type needs."""

from __future__ import annotations

from typing import Any

import click

from rok.changes import Change, change_labels, together
from rok.secret_words import asked_for

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

TYPES = ("im", "magnum", "nova", "custom")

_REQUIRED = {"im": ("url",), "magnum": (), "nova": ("image", "flavor"), "custom": ("name",)}
_OPTIONAL = {
    "im": ("username", "password", "token"),
    "magnum": ("template", "create_timeout"),
    "nova": (
        "network",
        "external_network",
        "key_pair",
        "boot_volume_gigabytes",
        "availability_zone",
        "kubernetes_version",
    ),
    "custom": ("url", "token", "options"),
}
_OPTIONS = {"name": "provider", "options": "option", "boot_volume_gigabytes": "boot-volume"}
"""Options that are not called like their field."""


def new_provider(kind: str, fields: Document) -> Document:
    """The spec of a new infrastructure provider; the password is asked for where a token does not replace it.

    Raises:
        click.UsageError: the type is unknown, a field is missing or belongs to another type, or there is
            nothing to log in with.
    """
    require_type(kind, TYPES, "infrastructure provider")
    missing = [option(field, _OPTIONS) for field in _REQUIRED[kind] if field not in fields]
    if missing:
        raise click.UsageError(
            f"Infrastructure provider type '{kind}' requires {', '.join(missing)} to be specified"
        )
    _refuse_foreign(kind, fields)
    if kind == "im" and "token" not in fields:
        if "username" not in fields:
            raise click.UsageError("An infrastructure provider needs --token, or --username and --password")
        fields = {**fields, "password": asked_for(fields.get("password"), "password", "--password")}
    return {"type": kind, kind: fields}


def change_provider(labels: Pairs, fields: Document) -> Change:
    """The change of an infrastructure provider; what was not given is left alone.

    Raises:
        click.UsageError: nothing would change.
    """

    def change(document: Document) -> None:
        spec = document["spec"]
        kind = spec["type"]
        _refuse_foreign(kind, fields)
        part: Document = spec.setdefault(kind, {})
        kept = part.get("options") or {}
        part.update(fields)
        if "options" in fields:
            part["options"] = {**kept, **fields["options"]}

    return together(change_labels(labels, False), change if fields else None)


def provider_reference(local: str | None, everywhere: str | None, *, required: bool) -> Document | None:
    """The infrastructure provider of a cloud.

    Args:
        local: the name of one in the cloud's namespace.
        everywhere: the name of a global one.
        required: whether there has to be one.

    Raises:
        click.UsageError: there are two, or none where there has to be one.
    """
    if local is not None and everywhere is not None:
        raise click.UsageError(
            "Cloud should be associated only with one infrastructure provider: "
            "--infra-provider and --global-infra-provider exclude each other"
        )
    if local is None and everywhere is None:
        if required:
            raise click.UsageError(
                "Cloud should be associated with an infrastructure provider: give --infra-provider or "
                "--global-infra-provider"
            )
        return None
    return {"name": local or everywhere, "namespaced": local is not None}


def require_type(kind: str, known: tuple[str, ...], noun: str) -> None:
    """Raise a `click.UsageError` where there is no such type."""
    if kind not in known:
        raise click.UsageError(f"Unsupported {noun} type: '{kind}'. There are: {', '.join(known)}")


def option(field: str, other_names: dict[str, str]) -> str:
    """The option that a field is given by."""
    return "--" + other_names.get(field, field).replace("_", "-")


def _refuse_foreign(kind: str, fields: Document) -> None:
    allowed = (*_REQUIRED.get(kind, ()), *_OPTIONAL.get(kind, ()))
    foreign = [option(field, _OPTIONS) for field in fields if field not in allowed]
    if foreign:
        raise click.UsageError(
            f"{', '.join(foreign)} is not a valid argument for infrastructure providers of type {kind}"
        )
