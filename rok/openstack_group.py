"""From options of the command line to projects and Magnum clusters."""

from __future__ import annotations

import os
from typing import Any

import click

from rok.changes import Change, change_labels, change_metrics, together
from rok.metric_options import Weights, references
from rok.options import given

Document = dict[str, Any]
Pairs = tuple[tuple[str, str], ...]
_LOGIN = ("user_id", "password", "project_id")


def new_project(template: str, metrics: Weights, global_metrics: Weights, options: Document) -> Document:
    """The spec of a new project. What was not given is taken from the environment, as OpenStack's clients do.

    Raises:
        click.UsageError: something is missing, or there are two ways to sign in.
    """
    credential = options.get("credential")
    _check_one_way(credential, given(**{name: options.get(name) for name in _LOGIN}))
    login = {} if credential else {name: _or_environment(name, options.get(name)) for name in _LOGIN}
    return {
        "url": _or_environment("auth_url", options.get("auth_url")),
        "auth": _credential(credential) if credential else _password(login),
        "template": template,
        "metrics": references(metrics, global_metrics),
    }


def change_project(labels: Pairs, metrics: Weights, global_metrics: Weights, options: Document) -> Change:
    """The change of a project: what was not given stays, labels and metrics are added.

    Raises:
        click.UsageError: nothing would change, or there are two ways to sign in.
    """
    fields = given(url=options.get("auth_url"), template=options.get("template"))
    login = given(**{name: options.get(name) for name in _LOGIN})
    credential = options.get("credential")
    _check_one_way(credential, login)

    def change(document: Document) -> None:
        spec = document["spec"]
        spec.update(fields)
        if credential:
            spec["auth"] = _credential(credential)
        elif login:
            spec["auth"] = _changed_login(spec["auth"], login)

    return together(
        change_labels(labels, False),
        change if fields or login or credential else None,
        change_metrics(references(metrics, global_metrics), False),
    )


def new_magnum_cluster(
    metrics: Weights, global_metrics: Weights, constraints: tuple[str, ...], sizes: Document
) -> Document:
    """The spec of a new Magnum cluster."""
    wanted = {"constraints": _constraints(constraints)} if constraints else {}
    return {**sizes, "metrics": references(metrics, global_metrics), **wanted}


def change_magnum_cluster(
    labels: Pairs, metrics: Weights, global_metrics: Weights, constraints: tuple[str, ...], sizes: Document
) -> Change:
    """The change of a Magnum cluster: labels and metrics are added, constraints replaced.

    Raises:
        click.UsageError: nothing would change.
    """
    fields = {**sizes, **({"constraints": _constraints(constraints)} if constraints else {})}
    return together(
        change_labels(labels, False),
        (lambda document: document["spec"].update(fields)) if fields else None,
        change_metrics(references(metrics, global_metrics), False),
    )


def _constraints(labels: tuple[str, ...]) -> Document:
    return {"project": {"labels": list(labels)}}


def _credential(credential: tuple[str, str]) -> Document:
    name, secret = credential
    return {"type": "application_credential", "application_credential": {"id": name, "secret": secret}}


def _password(login: Document) -> Document:
    user = {"id": login["user_id"], "password": login["password"]}
    return {"type": "password", "password": {"user": user, "project": {"id": login["project_id"]}}}


def _changed_login(auth: Document, login: Document) -> Document:
    if auth["type"] == "password":
        known = auth["password"]
        known["user"].update(given(id=login.get("user_id"), password=login.get("password")))
        known["project"].update(given(id=login.get("project_id")))
        return auth
    if missing := [name for name in _LOGIN if name not in login]:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
        raise click.UsageError(f"It signs in with an application credential: give {options}, too")
    return _password(login)


def _check_one_way(credential: tuple[str, str] | None, login: Document) -> None:
    if credential and login:
        raise click.UsageError(
            "Give one way to sign in: --application-credential, or --user-id, --password and --project-id"
        )


def _or_environment(name: str, value: str | None) -> str:
    variable = f"OS_{name.upper()}"
    found = value or os.environ.get(variable)
    if not found:
        raise click.UsageError(
            f"Environment variable '{variable}' is missing. Set it, or give --{name.replace('_', '-')}"
        )
    return found
