"""How Krake signs in to an OpenStack cloud."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Model
from krake.models.containers import of_known_type
from krake.models.infrastructure import Word
from krake.models.providers import Secret

_AUTH_TYPE = BeforeValidator(
    of_known_type("auth_type", ("password", "application_credential", "clouds_yaml"))
)


def _check_named(field: str, name: str | None, identifier: str | None) -> None:
    if (name is None) == (identifier is None):
        raise PydanticCustomError(
            "keystone_name", "Exactly one of {field} and id is needed", {"field": field}
        )


class OpenStackUser(Model):
    """Who signs in to OpenStack: by a name in a domain, or by an id."""

    username: Word | None = None
    id: Word | None = None
    password: Annotated[Secret, Field(repr=False)]
    domain_name: Word = "Default"
    comment: str | None = None

    @model_validator(mode="after")
    def _check_name(self) -> OpenStackUser:
        _check_named("username", self.username, self.id)
        return self


class OpenStackProject(Model):
    """The OpenStack project in which clusters are made: by a name in a domain, or by an id."""

    name: Word | None = None
    id: Word | None = None
    domain_id: Word = "default"
    comment: str | None = None

    @model_validator(mode="after")
    def _check_name(self) -> OpenStackProject:
        _check_named("name", self.name, self.id)
        return self


class OpenStackPassword(Model):
    """Signing in with a password at Keystone."""

    version: Literal["3"] = "3"
    user: OpenStackUser
    project: OpenStackProject


class PasswordAuth(Model):
    """Signing in with a password."""

    type: Literal["password"]
    password: OpenStackPassword


class ApplicationCredential(Model):
    """An application credential of Keystone: for one project, revoked without changing a password."""

    id: Word
    secret: Annotated[Secret, Field(repr=False)]


class ApplicationCredentialAuth(Model):
    """Signing in with an application credential."""

    type: Literal["application_credential"]
    application_credential: ApplicationCredential


class CloudsYaml(Model):
    """An entry of the `clouds.yaml` that the operator keeps beside the workers."""

    cloud: Word


class CloudsYamlAuth(Model):
    """Signing in as an entry of the operator's `clouds.yaml` says; only global clouds may."""

    type: Literal["clouds_yaml"]
    clouds_yaml: CloudsYaml


Auth = Annotated[
    Annotated[PasswordAuth | ApplicationCredentialAuth | CloudsYamlAuth, Field(discriminator="type")],
    _AUTH_TYPE,
]
