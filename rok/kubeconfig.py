"""Reducing a kubeconfig to one context with everything inside, so that a server can use it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from rok.documents import folder_of, read_documents, title_of
from rok.errors import ExitCode, RokError

_CLUSTER_FILES = {"certificate-authority": "certificate-authority-data"}
_USER_FILES = {"client-certificate": "client-certificate-data", "client-key": "client-key-data"}


def read_kubeconfig(source: str, context: str | None) -> dict[str, Any]:
    """The kubeconfig file (`-`: standard input) reduced to one context, everything inside.

    Raises:
        RokError: the file cannot be read, holds no kubeconfig, or one that a server cannot use.
    """
    documents = read_documents(source)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise RokError(
            f"{title_of(source)} is not a kubeconfig",
            code=ExitCode.REFUSED,
            why="It has to hold one mapping with clusters, users and contexts",
        )
    return reduce_kubeconfig(documents[0], context, folder_of(source))


def reduce_kubeconfig(kubeconfig: dict[str, Any], context: str | None, folder: Path) -> dict[str, Any]:
    """Keep the chosen (else the current) context with its user and cluster, files put inside.

    Args:
        folder: where relative paths in the kubeconfig start: the folder that it lies in.

    Raises:
        RokError: a part is missing, a file cannot be read, or the user logs in by a program.
    """
    name = context or kubeconfig.get("current-context") or ""
    chosen = _chosen_context(kubeconfig, name)
    cluster = _find(kubeconfig, "clusters", "cluster", chosen.get("cluster"))
    user = _find(kubeconfig, "users", "user", chosen.get("user"))
    _refuse_programs(user, str(chosen.get("user")))
    return {
        "apiVersion": kubeconfig.get("apiVersion", "v1"),
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": chosen}],
        "clusters": [{"name": chosen["cluster"], "cluster": _inline(cluster, _CLUSTER_FILES, folder)}],
        "users": [{"name": chosen["user"], "user": _with_token(_inline(user, _USER_FILES, folder), folder)}],
    }


def _invalid(what: str, why: str, fix: str = "") -> RokError:
    return RokError(what, code=ExitCode.REFUSED, why=why, fix=fix)


def _named(kubeconfig: dict[str, Any], section: str) -> dict[str, Any]:
    entries = kubeconfig.get(section)
    entries = entries if isinstance(entries, list) else []
    return {str(entry["name"]): entry for entry in entries if isinstance(entry, dict) and "name" in entry}


def _chosen_context(kubeconfig: dict[str, Any], name: str) -> dict[str, Any]:
    contexts = _named(kubeconfig, "contexts")
    known = ", ".join(contexts) or "none"
    if not name:
        raise _invalid(
            "The kubeconfig names no current context",
            f"Contexts in it: {known}",
            "Choose one with -c/--context",
        )
    if name not in contexts:
        raise _invalid(
            f"the context '{name}' is not present in the provided kubeconfig file",
            f"Contexts in it: {known}",
            "Choose one of them with -c/--context",
        )
    return _find(kubeconfig, "contexts", "context", name)


def _find(kubeconfig: dict[str, Any], section: str, key: str, name: Any) -> dict[str, Any]:
    entry = _named(kubeconfig, section).get(str(name))
    content = entry.get(key) if entry else None
    if content is None and entry and section == "users":
        return {}
    if not isinstance(content, dict):
        raise _invalid(
            f"The kubeconfig has no {key} '{name}'",
            f"The chosen context needs it under {section}",
            "Check the file with `kubectl --kubeconfig FILE config view`",
        )
    return dict(content)


def _refuse_programs(user: dict[str, Any], name: str) -> None:
    for field in ("exec", "auth-provider"):
        if field in user:
            raise _invalid(
                f"The kubeconfig's user '{name}' logs in by a program ('{field}')",
                "Krake reaches the cluster by itself and cannot run programs of your machine",
                "Use a kubeconfig with a client certificate or a service account's token "
                "(`kubectl create token`)",
            )


def _inline(content: dict[str, Any], files: dict[str, str], folder: Path) -> dict[str, Any]:
    """The content with each file's bytes in place of its path; bytes that are there already win."""
    inside = {key: value for key, value in content.items() if key not in files and key != "extensions"}
    for field, data_field in files.items():
        if content.get(field) and not inside.get(data_field):
            data = _bytes(folder, field, content[field])
            inside[data_field] = base64.b64encode(data).decode("ascii")
    return inside


def _with_token(user: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The user with its token inside; as in Kubernetes' clients, the file wins over the text."""
    path = user.pop("tokenFile", None)
    if path:
        user["token"] = _bytes(folder, "tokenFile", path).decode("utf-8", errors="replace").strip()
    return user


def _bytes(folder: Path, field: str, path: Any) -> bytes:
    try:
        return (folder / str(path)).expanduser().read_bytes()
    except OSError as error:
        raise _invalid(
            f"Cannot read {path}",
            f"The kubeconfig names it as {field}: {error.strerror}",
            "Bring the file back, or make a kubeconfig with `kubectl config view --flatten --raw`",
        ) from None
