"""Clouds: where clusters can be made, and by which infrastructure provider."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model
from krake.models.containers import of_known_type
from krake.models.infrastructure import InfrastructureProviderRef
from krake.models.metadata import Metadata
from krake.models.metrics import MetricRefs
from krake.models.providers import Secret, Url
from krake.models.reasons import Reason
from krake.models.secret_fields import SecretFields

_USER = ("openstack", "auth", "password", "user")
CLOUD_SECRETS = SecretFields(
    secrets=((*_USER, "password"),),
    address=(("openstack", "url"), (*_USER, "username"), (*_USER, "domain_name")),
)

Word = Annotated[str, Field(min_length=1, max_length=255)]
_CLOUD_TYPE = BeforeValidator(of_known_type("cloud_type", ("openstack",)))
_AUTH_TYPE = BeforeValidator(of_known_type("auth_type", ("password",)))


class OpenStackUser(Model):
    """Who signs in to OpenStack."""

    username: Word
    password: Annotated[Secret, Field(repr=False)]
    domain_name: Word = "Default"
    comment: str | None = None


class OpenStackProject(Model):
    """The OpenStack project in which clusters are made."""

    name: Word
    domain_id: Word = "default"
    comment: str | None = None


class OpenStackPassword(Model):
    """Signing in with a password at Keystone."""

    version: Literal["3"] = "3"
    user: OpenStackUser
    project: OpenStackProject


class PasswordAuth(Model):
    """Signing in with a password; there is no other way yet."""

    type: Literal["password"]
    password: OpenStackPassword


class OpenStack(Model):
    """An OpenStack cloud."""

    url: Url
    """Keystone's address."""
    auth: Annotated[PasswordAuth, _AUTH_TYPE]
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked and chosen by, with what each metric weighs."""
    infrastructure_provider: InfrastructureProviderRef


class CloudSpec(Model):
    """A cloud of a namespace. The password is write-only: answers carry a placeholder."""

    type: Literal["openstack"]
    openstack: OpenStack


def _check_global(spec: CloudSpec) -> CloudSpec:
    """Return the spec unchanged, or raise when it speaks of what is in a namespace."""
    inside = [f"metric {ref.name}" for ref in spec.openstack.metrics if ref.namespaced]
    if spec.openstack.infrastructure_provider.namespaced:
        inside.insert(0, f"infrastructure provider {spec.openstack.infrastructure_provider.name}")
    if inside:
        raise PydanticCustomError(
            "global_cloud",
            "A global cloud must not refer to what is in a namespace: {inside}",
            {"inside": ", ".join(inside)},
        )
    return spec


class CloudState(StrEnum):
    """Whether clusters can be made on a cloud."""

    ONLINE = "ONLINE"
    FAILING_METRICS = "FAILING_METRICS"
    """A metric of it cannot be used, so that nothing is placed there."""


class CloudStatus(Answer):
    """What is known of the cloud."""

    state: CloudState = CloudState.ONLINE
    metrics_reasons: dict[str, Reason] = Field(default_factory=dict)
    """Why metrics of it cannot be used, by name."""


class Cloud(Model):
    """A cloud for the clusters of its namespace."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["Cloud"] = "Cloud"
    metadata: Metadata
    spec: Annotated[CloudSpec, _CLOUD_TYPE]
    status: CloudStatus = Field(default_factory=CloudStatus)


class GlobalCloud(Model):
    """A cloud for clusters of all namespaces."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["GlobalCloud"] = "GlobalCloud"
    metadata: Metadata
    spec: Annotated[CloudSpec, AfterValidator(_check_global), _CLOUD_TYPE]
    status: CloudStatus = Field(default_factory=CloudStatus)
