"""Reading, checking and redacting kubeconfig documents."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pydantic_core import PydanticCustomError

REDACTED = "<redacted>"
"""Stands in answers for a secret; sent back in an update it means "unchanged"."""

_SECTIONS = {"contexts": "context", "users": "user", "clusters": "cluster"}
_PUBLIC_USER_FIELDS = frozenset({"username", "client-certificate-data", "as", "as-groups", "as-uid"})
_FILE_FIELDS = ("client-certificate", "client-key", "tokenFile", "certificate-authority")
_CODE_FIELDS = ("exec", "auth-provider")
_ADDRESS_FIELDS = ("server", "proxy-url")


def _problem(message: str, **context: Any) -> PydanticCustomError:
    return PydanticCustomError("kubeconfig", message, context)


def _entry(kubeconfig: dict[str, Any], section: str) -> dict[str, Any]:
    entries = kubeconfig.get(section)
    if not isinstance(entries, list) or len(entries) != 1:
        count = len(entries) if isinstance(entries, list) else 0
        raise _problem(
            "Only one context/user/cluster is allowed: {section} has {count}", section=section, count=count
        )
    content = entries[0].get(_SECTIONS[section]) if isinstance(entries[0], dict) else None
    if not isinstance(content, dict) or not entries[0].get("name"):
        raise _problem("Invalid kubeconfig: the entry of {section} needs a name and content", section=section)
    return content


def check_kubeconfig(kubeconfig: dict[str, Any]) -> dict[str, Any]:
    """Return the kubeconfig unchanged, or raise when it does not lead to exactly one cluster by itself.

    Files and commands that it names exist on the user's machine at best and are never opened by the
    server: the content has to be inside.
    """
    if not kubeconfig:
        raise _problem("The cluster should be defined by a kubeconfig file")
    context, user, cluster = (_entry(kubeconfig, section) for section in _SECTIONS)
    for field in (*_FILE_FIELDS, *_CODE_FIELDS):
        if field in user or field in cluster:
            raise _problem(
                "Invalid kubeconfig: {field} is not supported, put the content inline", field=field
            )
    server = cluster.get("server")
    if not isinstance(server, str) or not server.startswith(("https://", "http://")):
        raise _problem("Invalid kubeconfig: clusters[0].cluster.server has to be an http(s) address")
    for field in _ADDRESS_FIELDS:
        if "@" in str(cluster.get(field, "")):
            raise _problem(
                "Invalid kubeconfig: clusters[0].cluster.{field} holds credentials, which would be shown",
                field=field,
            )
    if context.get("user") != kubeconfig["users"][0]["name"]:
        raise _problem("Invalid kubeconfig: the context names a user that is not there")
    if context.get("cluster") != kubeconfig["clusters"][0]["name"]:
        raise _problem("Invalid kubeconfig: the context names a cluster that is not there")
    return kubeconfig


def redact(kubeconfig: dict[str, Any]) -> dict[str, Any]:
    """A copy that is safe to show: every secret of the user is replaced by `REDACTED`."""
    shown = deepcopy(kubeconfig)
    for entry in shown.get("users", []):
        user = entry.get("user", {})
        entry["user"] = {
            key: value if key in _PUBLIC_USER_FIELDS else REDACTED for key, value in user.items()
        }
    return shown


def restore(kubeconfig: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """A copy in which every `REDACTED` has the value it has in the stored kubeconfig.

    Raises:
        ValueError: a placeholder stands where the stored kubeconfig has no value, or the kubeconfig leads
            to another server than the stored one.
    """
    full = deepcopy(kubeconfig)
    known = stored["users"][0]["user"] if stored.get("users") else {}
    for entry in full.get("users", []):
        for field, value in entry.get("user", {}).items():
            if value == REDACTED:
                if field not in known:
                    raise ValueError(f"users[0].user.{field} is redacted and no value of it is stored")
                _check_same_server(kubeconfig, stored, field)
                entry["user"][field] = known[field]
    return full


def _check_same_server(kubeconfig: dict[str, Any], stored: dict[str, Any], field: str) -> None:
    # Else whoever may update a cluster could have its stored credentials sent to a server of their own.
    if kubeconfig["clusters"][0]["cluster"] != stored["clusters"][0]["cluster"]:
        raise ValueError(
            f"users[0].user.{field} is redacted, but clusters[0].cluster changes: give the credentials again"
        )


def cluster_name(kubeconfig: dict[str, Any]) -> str:
    """The name the kubeconfig gives its cluster."""
    return str(kubeconfig["clusters"][0]["name"])
