"""Providers of metrics: how to reach Prometheus, KSQL, InfluxDB, or a table of fixed values.

A provider is a container with a `type` and one part of that name: `{type: static, static: {metrics: …}}`.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat
from pydantic_core import PydanticCustomError

from krake.models.base import Model
from krake.models.containers import of_known_type
from krake.models.kubeconfig import REDACTED


def _check_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise PydanticCustomError("provider_url", "Not an address that can be read") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PydanticCustomError("provider_url", "An http:// or https:// address is expected")
    if "@" in parts.netloc:
        raise PydanticCustomError(
            "provider_url", "The address holds credentials, which would be shown: use username and password"
        )
    return url


Url = Annotated[str, AfterValidator(_check_url)]
Secret = Annotated[str, Field(min_length=1, json_schema_extra={"writeOnly": True})]
"""Text that is kept encrypted and never shown: answers carry `<redacted>` in its place."""


class Endpoint(Model):
    """How to reach a server over HTTP."""

    url: Url
    username: str | None = None
    password: Annotated[Secret | None, Field(repr=False)] = None
    token: Annotated[Secret | None, Field(repr=False)] = None
    """Sent as a bearer token."""
    ca_certificate: str | None = None
    """PEM text of the authority that signed the server's certificate, where it is none of the usual ones."""
    timeout: Annotated[float, Field(gt=0, le=300)] = 20.0
    """Seconds that one request may take."""


class Prometheus(Endpoint):
    """A Prometheus server, asked by instant queries."""


Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
"""A name in a KSQL statement: a plain word, because it cannot be given as a parameter."""


class Kafka(Endpoint):
    """A KSQL server with a table that holds one row for each metric."""

    table: Column
    comparison_column: Column
    """The column with the metrics' names."""
    value_column: Column


class Influx(Model):
    """A bucket of an InfluxDB 2."""

    url: Url
    token: Annotated[Secret, Field(repr=False)]
    org: Annotated[str, Field(min_length=1)]
    bucket: Annotated[str, Field(min_length=1)]
    ca_certificate: str | None = None
    timeout: Annotated[float, Field(gt=0, le=300)] = 20.0


class Static(Model):
    """Fixed values by name, for what never changes and for trying things out."""

    metrics: dict[str, FiniteFloat]


class PrometheusProvider(Model):
    """Values from Prometheus."""

    type: Literal["prometheus"]
    prometheus: Prometheus


class KafkaProvider(Model):
    """Values from Kafka through KSQL."""

    type: Literal["kafka"]
    kafka: Kafka


class InfluxProvider(Model):
    """Values from InfluxDB."""

    type: Literal["influx"]
    influx: Influx


class StaticProvider(Model):
    """Values that the provider itself carries."""

    type: Literal["static"]
    static: Static


SECRETS: dict[str, tuple[str, ...]] = {
    "prometheus": ("password", "token"),
    "kafka": ("password", "token"),
    "influx": ("token",),
    "static": (),
}
"""The secret fields of each type of provider."""


ProviderSpec = Annotated[
    Annotated[
        PrometheusProvider | KafkaProvider | InfluxProvider | StaticProvider, Field(discriminator="type")
    ],
    BeforeValidator(of_known_type("provider_type", SECRETS)),
]


SECRET_FIELD = "provider"
"""The name under which the whole spec of a provider, with its secrets, is stored."""


def redact_provider(spec: dict[str, Any]) -> dict[str, Any]:
    """A copy of the provider's document that is safe to show: every secret is replaced by `REDACTED`."""
    shown = deepcopy(spec)
    part = shown[spec["type"]]
    for field in SECRETS[spec["type"]]:
        if part.get(field) is not None:
            part[field] = REDACTED
    return shown


def restore_provider(spec: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    """A copy in which every `REDACTED` has the value that it has in the stored document.

    Raises:
        ValueError: a placeholder stands where nothing is stored, or the address changes with it: else
            whoever may update a provider could have its stored credentials sent to a server of their own.
    """
    full = deepcopy(spec)
    kind = spec["type"]
    part, known = full[kind], stored.get(kind, {}) if stored.get("type") == kind else {}
    for field in SECRETS[kind]:
        if part.get(field) != REDACTED:
            continue
        if known.get(field) is None:
            raise ValueError(f"{kind}.{field} is redacted and no value of it is stored")
        if part.get("url") != known.get("url") or part.get("ca_certificate") != known.get("ca_certificate"):
            raise ValueError(
                f"{kind}.{field} is redacted, but the server changes: give the credentials again"
            )
        part[field] = known[field]
    return full
