"""From options of the command line to the part of a cloud that its type needs."""

from __future__ import annotations

from typing import Any

import click

from rok.changes import Change, change_labels, together, with_metrics
from rok.cloud_auth import AUTH_FIELDS, changed_auth, new_auth
from rok.documents import read_text
from rok.infrastructure import option, require_type
from rok.metric_options import Weights, references

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]

TYPES = ("openstack", "custom")

_FIELDS = {
    "openstack": ("url", "region", "ca_certificate", *AUTH_FIELDS),
    "custom": ("url", "token", "options"),
}
_OPTIONS = {"options": "option"}
"""Options that are not called like their field."""


def new_cloud(
    kind: str, provider: Document, metrics: Weights, global_metrics: Weights, fields: Document
) -> Document:
    """The spec of a new cloud; a secret is asked for where it is missing.

    Raises:
        click.UsageError: the type is unknown, or a field is missing or belongs to another type.
        RokError: the file with the certificate cannot be read.
    """
    require_type(kind, TYPES, "cloud")
    _refuse_foreign(kind, fields)
    if kind == "openstack":
        auth = new_auth(fields)
        _check_address(auth, fields)
        part = {**_plain(fields), "auth": auth}
    else:
        part = _plain(fields)
    references_of_it = references(metrics, global_metrics)
    return {"type": kind, kind: {**part, "infrastructure_provider": provider, "metrics": references_of_it}}


def change_cloud(
    labels: Pairs, provider: Document | None, metrics: Weights, global_metrics: Weights, fields: Document
) -> Change:
    """The change of a cloud: labels, metrics and options are added to those that are there.

    Raises:
        click.UsageError: nothing would change; when it is made, that a field belongs to another type.
        RokError: the file with the certificate cannot be read.
    """
    added = references(metrics, global_metrics)
    plain = _plain(fields)
    sign_in = {key: value for key, value in fields.items() if key in AUTH_FIELDS}

    def change(document: Document) -> None:
        kind = document["spec"]["type"]
        _refuse_foreign(kind, fields)
        part: Document = document["spec"].setdefault(kind, {})
        kept = part.get("options") or {}
        part.update(plain)
        if "options" in plain:
            part["options"] = {**kept, **plain["options"]}
        if provider:
            part["infrastructure_provider"] = provider
        if sign_in:
            part["auth"] = changed_auth(part.get("auth") or {}, sign_in)
            if part["auth"]["type"] == "clouds_yaml" and "url" not in fields:
                part["url"] = None
            _check_address(part["auth"], part)
        part["metrics"] = with_metrics(part.get("metrics") or [], added)

    asked = bool(fields or provider or added)
    return together(change_labels(labels, False), change if asked else None)


def _plain(fields: Document) -> Document:
    """The fields that stand in the cloud's part as they are; a certificate is read from its file."""
    plain = {key: value for key, value in fields.items() if key not in AUTH_FIELDS}
    if "ca_certificate" in plain:
        plain["ca_certificate"] = read_text(plain["ca_certificate"])
    return plain


def _check_address(auth: Document, part: Document) -> None:
    """Keystone's address is needed, except where `clouds.yaml` says it."""
    named_there = auth["type"] == "clouds_yaml"
    if named_there and part.get("url"):
        raise click.UsageError("--clouds-yaml says where the cloud is: leave out --url")
    if not named_there and not part.get("url"):
        raise click.UsageError("Cloud type 'openstack' requires --url to be specified")


def _refuse_foreign(kind: str, fields: Document) -> None:
    foreign = [option(field, _OPTIONS) for field in fields if field not in _FIELDS.get(kind, ())]
    if foreign:
        raise click.UsageError(f"{', '.join(foreign)} is not a valid argument for clouds of type {kind}")
