"""Infrastructure providers: services that make clusters on clouds, such as the Infrastructure Manager."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model
from krake.models.containers import of_known_type
from krake.models.metadata import Metadata
from krake.models.providers import Secret, Url
from krake.models.secret_fields import SecretFields

INFRASTRUCTURE_SECRETS = SecretFields(
    secrets=(("im", "password"), ("im", "token")),
    address=(("im", "url"), ("im", "username")),
)


class InfrastructureManager(Model):
    """How to reach an Infrastructure Manager: with a token, or with a user name and a password."""

    url: Url
    username: str | None = None
    password: Annotated[Secret | None, Field(repr=False)] = None
    token: Annotated[Secret | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _check_credentials(self) -> InfrastructureManager:
        if self.token is None and (self.username is None or self.password is None):
            raise PydanticCustomError(
                "credentials", "A token, or a username and a password, are needed to authenticate"
            )
        return self


class ImProvider(Model):
    """An Infrastructure Manager."""

    type: Literal["im"]
    im: InfrastructureManager


InfrastructureProviderSpec = Annotated[
    ImProvider, BeforeValidator(of_known_type("infrastructure_provider_type", ("im",)))
]


class InfrastructureProviderRef(Model):
    """The infrastructure provider that makes clusters on a cloud."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    namespaced: bool = False
    """Whether an InfrastructureProvider of the cloud's namespace is meant, and not a global one."""


class InfrastructureProviderStatus(Answer):
    """Infrastructure providers have no status of their own."""


class InfrastructureProvider(Model):
    """A service that makes clusters on the clouds of its namespace."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["InfrastructureProvider"] = "InfrastructureProvider"
    metadata: Metadata
    spec: InfrastructureProviderSpec
    status: InfrastructureProviderStatus = Field(default_factory=InfrastructureProviderStatus)


class GlobalInfrastructureProvider(Model):
    """A service that makes clusters on clouds of all namespaces."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["GlobalInfrastructureProvider"] = "GlobalInfrastructureProvider"
    metadata: Metadata
    spec: InfrastructureProviderSpec
    status: InfrastructureProviderStatus = Field(default_factory=InfrastructureProviderStatus)
