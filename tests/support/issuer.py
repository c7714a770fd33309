"""A small OpenID Connect issuer: a real HTTP server with discovery, keys and the device flow."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "krake"
CLIENT = "rok"
SubjectKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Issuer(ThreadingHTTPServer):
    """Signs tokens with the keys that it publishes. `asked` counts the requests by path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.keys: dict[str, SubjectKey] = {"first": rsa.generate_private_key(65537, 2048)}
        self.name = self.url
        self.away = False
        self.waiting = 1
        """How often the device flow answers that nobody has confirmed yet."""
        self.renewals = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_port}/realms/krake"

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good token; a value of None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "4711",
            "preferred_username": "alice",
            "groups": ["developers"],
            "iat": now,
            "exp": now + 300,
            **changes,
        }
        return {key: value for key, value in claims.items() if value is not None}

    def token(
        self,
        kid: str | None = "first",
        algorithm: str = "RS256",
        key: SubjectKey | None = None,
        **changes: Any,
    ) -> str:
        """A signed token with these claims changed."""
        headers = {"kid": kid} if kid else None
        signing = key or self.keys[kid or "first"]
        return jwt.encode(self.claims(**changes), signing, algorithm=algorithm, headers=headers)

    def public_pem(self, kid: str = "first") -> bytes:
        """A public key as text, which everybody may know."""
        return (
            self.keys[kid]
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def document(self, path: str) -> dict[str, Any] | None:
        """What is served under a path."""
        if path.endswith("/.well-known/openid-configuration"):
            places = {name: f"{self.url}/{name}" for name in ("jwks_uri", "token_endpoint")}
            return {
                "issuer": self.name,
                **places,
                "device_authorization_endpoint": f"{self.url}/device",
            }
        return {"keys": [_jwk(kid, key) for kid, key in self.keys.items()]} if "jwks" in path else None

    def grant(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer of the device flow and of a renewal."""
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client", "error_description": "There is no such client"}
        if path.endswith("/device"):
            address = f"{self.url}/confirm"
            begun = {"device_code": "d3v1ce", "user_code": "WXYZ", "verification_uri": address}
            return 200, {**begun, "interval": 0, "expires_in": 30}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != "r3fresh" or not self.renewals:
                return 400, {"error": "invalid_grant", "error_description": "The session is over"}
            self.renewals -= 1
        elif self.waiting:
            self.waiting -= 1
            return 400, {"error": "authorization_pending"}
        kept = {"refresh_token": "r3fresh", "access_token": "0paque"}
        return 200, {"id_token": self.token(aud=AUDIENCE), **kept}


class _Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        """Discovery and keys."""
        self.server.asked[self.path.rpartition("/")[2]] += 1
        document = None if self.server.away else self.server.document(self.path)
        self._answer(404 if document is None else 200, document or {})

    def do_POST(self) -> None:
        """The device flow."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(*self.server.grant(self.path, {key: one[0] for key, one in parse_qs(body).items()}))

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def _jwk(kid: str, key: SubjectKey) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        public = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, "kid": kid, "use": "sig"}


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer on a free port, stopped afterwards."""
    issuer = Issuer()
    thread = threading.Thread(target=issuer.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        issuer.shutdown()
        issuer.server_close()
