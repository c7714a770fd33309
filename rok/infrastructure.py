"""From options of the command line to the parts of infrastructure providers and clouds."""

from __future__ import annotations

import sys
from typing import Any

import click

from rok.changes import Change, change_labels, together, with_metrics
from rok.metric_options import Weights, references
from rok.options import given

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]


def new_provider(kind: str, url: str, fields: Document) -> Document:
    """The spec of a new infrastructure provider; the password is asked for where a token does not replace it.

    Raises:
        click.UsageError: the type is unknown, or there is nothing to log in with.
    """
    _require_type(kind, "im", "infrastructure provider")
    if "token" not in fields:
        if "username" not in fields:
            raise click.UsageError("An infrastructure provider needs --token, or --username and --password")
        fields = {**fields, "password": _password(fields.get("password"))}
    return {"type": kind, kind: {"url": url, **fields}}


def change_provider(labels: Pairs, fields: Document) -> Change:
    """The change of an infrastructure provider; what was not given is left alone.

    Raises:
        click.UsageError: nothing would change.
    """

    def change(document: Document) -> None:
        spec = document["spec"]
        spec[spec["type"]].update(fields)

    return together(change_labels(labels, False), change if fields else None)


def new_cloud(
    kind: str, provider: Document, metrics: Weights, global_metrics: Weights, options: Document
) -> Document:
    """The spec of a new cloud; the password is asked for where it is missing.

    Raises:
        click.UsageError: the type is unknown.
    """
    _require_type(kind, "openstack", "cloud")
    user = {
        "username": options["username"],
        "password": _password(options.get("password")),
        **given(domain_name=options.get("domain_name")),
    }
    project = {"name": options["project"], **given(domain_id=options.get("domain_id"))}
    auth = {"type": "password", "password": {"version": "3", "user": user, "project": project}}
    return {
        "type": kind,
        kind: {
            "url": options["url"],
            "auth": auth,
            "infrastructure_provider": provider,
            "metrics": references(metrics, global_metrics),
        },
    }


def change_cloud(
    labels: Pairs, provider: Document | None, metrics: Weights, global_metrics: Weights, options: Document
) -> Change:
    """The change of a cloud: labels and metrics are added to those that are there.

    Raises:
        click.UsageError: nothing would change.
    """
    added = references(metrics, global_metrics)
    fields = given(url=options.get("url"), infrastructure_provider=provider)
    user = given(**{key: options.get(key) for key in ("username", "password", "domain_name")})
    project = given(name=options.get("project"), domain_id=options.get("domain_id"))

    def change(document: Document) -> None:
        part: Document = document["spec"][document["spec"]["type"]]
        part.update(fields)
        part["auth"]["password"]["user"].update(user)
        part["auth"]["password"]["project"].update(project)
        part["metrics"] = with_metrics(part.get("metrics") or [], added)

    asked = bool(fields or user or project or added)
    return together(change_labels(labels, False), change if asked else None)


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


def _require_type(kind: str, known: str, noun: str) -> None:
    if kind != known:
        raise click.UsageError(f"Unsupported {noun} type: '{kind}'. There is: {known}")


def _password(password: str | None) -> str:
    """The password, asked for on a terminal where it was not given."""
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise click.UsageError("The password is missing: give --password, or run this on a terminal")
    return str(click.prompt("Password", hide_input=True, err=True))
