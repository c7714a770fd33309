"""What is served without asking who wants to know."""

from __future__ import annotations

import re

from krake.settings import CODEC_PATH

PUBLIC = frozenset({"/healthz", "/readyz", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"})
"""Health for whoever starts and watches the server, and the documentation, which is the same everywhere."""
METRICS = "/metrics"
LOGIN = f"{CODEC_PATH}/login"
"""The page that a ticket opens: the ticket is the credential."""

_HOOK = re.compile(r"/kubernetes/namespaces/[^/]+/applications/[^/]+/(complete|shutdown)")


def is_open(method: str, path: str, *, metrics: bool = False) -> bool:
    """Whether a request needs no credential, and none that it brings is looked at.

    Args:
        method: the HTTP method.
        path: the path of the request.
        metrics: whether the metrics are open to everybody.
    """
    if method in ("GET", "HEAD"):
        return path in PUBLIC or path == LOGIN or (metrics and path == METRICS)
    # The token in the body of a hook's call is its credential: the application has no other one.
    return method == "PUT" and _HOOK.fullmatch(path) is not None
