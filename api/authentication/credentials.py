"""What a request brings to prove who makes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import Scope

from api.authentication.refusals import refusal

KEYSTONE_HEADER = "X-Auth-Token"
_SCHEMES = frozenset({"bearer"})
_FOREIGN = frozenset({"basic", "digest", "negotiate", "ntlm"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one request; empty where it has none."""

    token: str = field(default="", repr=False)
    """From `Authorization: Bearer …`, from `Authorization` without a scheme, or from `X-Auth-Token`."""
    certificate: str = field(default="", repr=False)
    """The client certificate of the connection (PEM), verified by TLS."""


def credentials_of(scope: Scope) -> Credentials:
    """What the request brings.

    Raises:
        ProblemError: 401, it brings two different tokens, or a token of a kind that nobody here knows.
    """
    headers = Headers(scope=scope)
    tokens = {_token(value) for value in headers.getlist("Authorization")}
    tokens.update(value.strip() for value in headers.getlist(KEYSTONE_HEADER))
    if len(tokens) > 1:
        raise refusal("The request carries several credentials; send one")
    return Credentials(tokens.pop() if tokens else "", _certificate(scope))


def _token(header: str) -> str:
    """The token in a header `Authorization`. Clients of the original Krake send it without a scheme."""
    first, _, rest = header.strip().partition(" ")
    scheme = first.lower()
    if scheme in _FOREIGN or (rest and scheme not in _SCHEMES):
        raise refusal(f"Credentials of the scheme '{first[:20]}' are not taken; send `Authorization: Bearer`")
    token = rest.strip() if scheme in _SCHEMES else first
    if not token or " " in token:
        raise refusal("The header `Authorization` holds no token; send `Authorization: Bearer TOKEN`")
    return token


def _certificate(scope: Scope) -> str:
    """The certificate that the server verified, by ASGI's extension for TLS."""
    tls = (scope.get("extensions") or {}).get("tls") or {}
    if tls.get("client_cert_error"):
        return ""
    chain = tls.get("client_cert_chain") or ()
    return str(chain[0]) if chain else ""
