"""How one signs in to an OpenStack cloud: with a password, an application credential, or by `clouds.yaml`."""

from __future__ import annotations

from typing import Any

import click

from rok.options import given
from rok.secret_words import asked_for

Document = dict[str, Any]

_USER = ("username", "password", "domain_name")
_PROJECT = ("project", "domain_id")
AUTH_FIELDS = (*_USER, *_PROJECT, "application_credential", "clouds_yaml")
"""The options that say how one signs in."""


def new_auth(fields: Document) -> Document:
    """The `auth` that the options describe completely; a missing secret is asked for.

    Raises:
        click.UsageError: something is missing, or two ways are mixed.
    """
    way = _way(fields)
    if way == "application_credential":
        identity, secret = fields["application_credential"]
        secret = asked_for(secret, "secret", "--application-credential ID SECRET")
        return {"type": way, way: {"id": identity, "secret": secret}}
    if way == "clouds_yaml":
        return {"type": way, way: {"cloud": fields["clouds_yaml"]}}
    missing = [f"--{field}" for field in ("username", "project") if field not in fields]
    if missing:
        raise click.UsageError(
            f"Cloud type 'openstack' requires {', '.join(missing)} to be specified, "
            "or --application-credential"
        )
    password = asked_for(fields.get("password"), "password", "--password")
    user = {
        "username": fields["username"],
        "password": password,
        **given(domain_name=fields.get("domain_name")),
    }
    project = {"name": fields["project"], **given(domain_id=fields.get("domain_id"))}
    return {"type": "password", "password": {"version": "3", "user": user, "project": project}}


def changed_auth(auth: Document, fields: Document) -> Document:
    """The `auth` with what the options change of it; another way has to be described completely.

    Raises:
        click.UsageError: something is missing, or two ways are mixed.
    """
    if _way(fields) != "password" or auth.get("type") != "password":
        return new_auth(fields)
    login = auth["password"]
    user = {**login["user"], **{key: fields[key] for key in _USER if key in fields}}
    named = given(name=fields.get("project"), domain_id=fields.get("domain_id"))
    return {**auth, "password": {**login, "user": user, "project": {**login["project"], **named}}}


def _way(fields: Document) -> str:
    """The way of signing in that the options are about."""
    ways: list[str] = [name for name in ("application_credential", "clouds_yaml") if name in fields]
    if any(name in fields for name in (*_USER, *_PROJECT)):
        ways.append("password")
    if len(ways) > 1:
        raise click.UsageError(
            "A cloud is signed in to in one way only: by --username and --password with --project, by "
            "--application-credential, or (global clouds) by --clouds-yaml"
        )
    return ways[0] if ways else "password"
