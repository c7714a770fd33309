"""What the API listens on and limits, and who may come in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from krake.identities import MASTERS
from krake.setting_groups.base import SettingGroup
from krake.setting_groups.values import Names, items


class AuthenticationWay(StrEnum):
    """How a request can prove who makes it, and what becomes of one that does not try."""

    TOKENS = "tokens"
    CERTIFICATES = "certificates"
    KEYSTONE = "keystone"
    OIDC = "oidc"
    STATIC = "static"
    ANONYMOUS = "anonymous"


SignatureAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures that an issuer's public key verifies. Shared secrets would let every verifier forge tokens."""


class ApiSettings(SettingGroup):
    """What the API listens on and limits, and who may come in."""

    api_host: str = "127.0.0.1"
    """Address that the API listens on."""
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port that the API listens on; 0 takes any free one."""
    api_max_body_bytes: Annotated[int, Field(gt=0)] = 2 * 1024 * 1024
    """Largest request body that is accepted."""
    api_rate_limit: Annotated[float, Field(ge=0)] = 200.0
    """Requests a second that one user may make of one API process in the long run; 0 for no limit."""
    api_rate_burst: Annotated[int, Field(ge=1)] = 1000
    """Requests that one user may make at once after a pause."""
    api_rate_limit_loopback: bool = False
    """Whether requests from the API's own machine count against the limit; needed behind a local proxy."""
    api_tls_cert: Path | None = None
    """Certificate (PEM, with its chain) that the API shows; set: HTTPS only, TLS 1.2 or newer."""
    api_tls_key: Path | None = None
    """Private key (PEM) of `api_tls_cert`; empty: it is in the same file."""
    api_tls_client_ca: Path | None = None
    """CA certificates (PEM) of callers: their client certificates are verified; empty: none is asked for."""
    api_insecure: bool = False
    """Whether plain HTTP may be served on addresses that others reach, as behind a proxy that ends TLS."""
    authentication: Annotated[list[AuthenticationWay], NoDecode, BeforeValidator(items)] = Field(
        default=[AuthenticationWay.TOKENS], min_length=1
    )
    """How requests prove who makes them, several with commas between: `tokens` (`krake token create`),
    `certificates` (TLS client certificates), `keystone`, `oidc`; and who makes a request without a
    credential: `anonymous` (`system:anonymous`) or `static` (`static_user`), else nobody may."""
    static_user: str = "system:admin"
    """Who makes every request without a credential under `static` authentication."""
    static_groups: Names = Field(default=[MASTERS])
    """The groups of `static_user`."""
    authorization: Literal["rbac", "always-allow", "always-deny"] = "rbac"
    """`rbac`: roles and role bindings say who may do what; the others are for tests."""
    api_metrics_open: bool = False
    """Whether `/metrics` of the API can be read without a credential."""
    authentication_ca: Path | None = None
    """CA certificates (PEM) that Keystone and the issuer are verified with; empty: the system's."""
    keystone_url: str = ""
    """Keystone's API with its version, such as `https://cloud.example.org:5000/v3`."""
    keystone_domain: str = "Default"
    """Name of the Keystone domain whose users are let in."""
    keystone_cache_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """Seconds that Keystone's word on a token is used again; one that is revoked is good for that long."""
    oidc_issuer: str = ""
    """URL of the OpenID Connect issuer, exactly as in its tokens' claim `iss`."""
    oidc_audiences: Names = Field(default=[])
    """Accepted values of the claim `aud`, with commas between: the client ids that log in to Krake."""
    oidc_algorithms: Annotated[list[SignatureAlgorithm], NoDecode, BeforeValidator(items)] = Field(
        default=["RS256", "PS256", "ES256", "EdDSA"], min_length=1
    )
    """Accepted signatures of tokens; asymmetric ones only."""
    oidc_username_claim: str = "preferred_username"
    """Claim with the user's name; a dot leads into an object."""
    oidc_username_prefix: str = ""
    """Put before every name that comes from the issuer."""
    oidc_groups_claim: str = "groups"
    """Claim with the names of the user's groups; a dot leads into an object, as in `realm_access.roles`."""
    oidc_groups_prefix: str = ""
    """Put before every group that comes from the issuer."""
    problem_base_url: str = "https://rak-n-rok.readthedocs.io/projects/krake/en/latest/user/problem.html"
    """Page that the `type` of problem documents points to."""
