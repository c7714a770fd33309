"""What the OpenAPI document says about credentials: which there are, and what needs none."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.authentication import is_open
from api.authentication.credentials import KEYSTONE_HEADER
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings

_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of `krake token create`, of the OpenID Connect issuer, or of Keystone.",
}
_KEYSTONE = {
    "type": "apiKey",
    "in": "header",
    "name": KEYSTONE_HEADER,
    "description": "A token of Keystone, as OpenStack's clients send it.",
}
_CERTIFICATE = {"type": "mutualTLS", "description": "A client certificate."}


def describe_security(app: FastAPI, settings: Settings) -> None:
    """Have the OpenAPI document name the credentials that these settings take."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        fresh = app.openapi_schema is None
        document = generate()
        if fresh:
            _complete(document, settings)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(document: dict[str, Any], settings: Settings) -> None:
    schemes, optional = _schemes(settings)
    document.setdefault("components", {})["securitySchemes"] = schemes
    document["security"] = [{name: []} for name in schemes] + ([{}] if optional else [])
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if is_open(method.upper(), path, metrics=settings.api_metrics_open):
                operation["security"] = []


def _schemes(settings: Settings) -> tuple[dict[str, Any], bool]:
    """The credentials, and whether a request may do without."""
    ways = set(settings.authentication)
    schemes: dict[str, Any] = {}
    if ways & {AuthenticationWay.TOKENS, AuthenticationWay.OIDC, AuthenticationWay.KEYSTONE}:
        schemes["bearer"] = _BEARER
    if AuthenticationWay.KEYSTONE in ways:
        schemes["keystone"] = _KEYSTONE
    if AuthenticationWay.CERTIFICATES in ways:
        schemes["certificate"] = _CERTIFICATE
    return schemes, bool(ways & {AuthenticationWay.STATIC, AuthenticationWay.ANONYMOUS})
