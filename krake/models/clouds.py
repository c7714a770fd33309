"""Clouds: where clusters can be made, and by which infrastructure provider."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model, Timestamp
from krake.models.containers import of_known_type
from krake.models.infrastructure import InfrastructureProviderRef, Word
from krake.models.metadata import Metadata
from krake.models.metrics import MetricRefs
from krake.models.openstack_auth import Auth, CloudsYamlAuth
from krake.models.providers import Secret, Url
from krake.models.reasons import Reason
from krake.models.secret_fields import SecretFields

_AUTH = ("openstack", "auth")
_USER = (*_AUTH, "password", "user")
_CREDENTIAL = (*_AUTH, "application_credential")
CLOUD_SECRETS = SecretFields(
    secrets=((*_USER, "password"), (*_CREDENTIAL, "secret"), ("custom", "token")),
    address=(
        ("openstack", "url"),
        ("openstack", "ca_certificate"),
        (*_USER, "username"),
        (*_USER, "id"),
        (*_USER, "domain_name"),
        (*_CREDENTIAL, "id"),
        ("custom", "url"),
    ),
)

_CLOUD_TYPE = BeforeValidator(of_known_type("cloud_type", ("openstack", "custom")))


class OpenStack(Model):
    """An OpenStack cloud."""

    url: Url | None = None
    """Keystone's address; an entry of `clouds.yaml` says it itself."""
    auth: Auth
    region: Word | None = None
    ca_certificate: str | None = None
    """PEM text of the authority that signed the cloud's certificates, where it is none of the usual ones."""
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked and chosen by, with what each metric weighs."""
    infrastructure_provider: InfrastructureProviderRef

    @model_validator(mode="after")
    def _check_address(self) -> OpenStack:
        if (self.url is None) != isinstance(self.auth, CloudsYamlAuth):
            raise PydanticCustomError(
                "cloud_address", "Keystone's url is needed, except where clouds_yaml says it"
            )
        return self


class OpenStackCloud(Model):
    """OpenStack."""

    type: Literal["openstack"]
    openstack: OpenStack


class OtherCloud(Model):
    """Where an infrastructure provider from another package makes clusters."""

    url: Url | None = None
    token: Annotated[Secret | None, Field(repr=False)] = None
    options: dict[str, Any] = Field(default_factory=dict)
    """What the provider wants to know beyond; not secret."""
    metrics: MetricRefs = Field(default_factory=list)
    """What it is ranked and chosen by, with what each metric weighs."""
    infrastructure_provider: InfrastructureProviderRef


class CustomCloud(Model):
    """A cloud that only its infrastructure provider understands."""

    type: Literal["custom"]
    custom: OtherCloud


AnyCloud = Annotated[OpenStackCloud | CustomCloud, Field(discriminator="type")]


def part_of(spec: OpenStackCloud | CustomCloud) -> OpenStack | OtherCloud:
    """The part of a cloud's spec that its type names."""
    return spec.openstack if isinstance(spec, OpenStackCloud) else spec.custom


def _uses_clouds_yaml(spec: OpenStackCloud | CustomCloud) -> bool:
    return isinstance(spec, OpenStackCloud) and isinstance(spec.openstack.auth, CloudsYamlAuth)


def _check_namespaced(spec: OpenStackCloud | CustomCloud) -> OpenStackCloud | CustomCloud:
    """Return the spec unchanged, or raise when it uses what belongs to the operator."""
    if _uses_clouds_yaml(spec):
        raise PydanticCustomError("cloud_auth", "Only a global cloud may use the operator's clouds.yaml")
    return spec


def _check_global(spec: OpenStackCloud | CustomCloud) -> OpenStackCloud | CustomCloud:
    """Return the spec unchanged, or raise when it speaks of what is in a namespace."""
    part = part_of(spec)
    inside = [f"metric {ref.name}" for ref in part.metrics if ref.namespaced]
    if part.infrastructure_provider.namespaced:
        inside.insert(0, f"infrastructure provider {part.infrastructure_provider.name}")
    if inside:
        raise PydanticCustomError(
            "global_cloud",
            "A global cloud must not refer to what is in a namespace: {inside}",
            {"inside": ", ".join(inside)},
        )
    return spec


CloudSpec = Annotated[AnyCloud, AfterValidator(_check_namespaced), _CLOUD_TYPE]
GlobalCloudSpec = Annotated[AnyCloud, AfterValidator(_check_global), _CLOUD_TYPE]


class CloudState(StrEnum):
    """Whether clusters can be made on a cloud."""

    ONLINE = "ONLINE"
    UNREACHABLE = "UNREACHABLE"
    """It does not answer, or refuses the credentials, so that nothing is made there."""
    FAILING_METRICS = "FAILING_METRICS"
    """A metric of it cannot be used, so that nothing is placed there."""


class OfferedFlavor(Answer):
    """A size of machines."""

    name: str
    cpus: int
    memory_mib: int
    disk_gib: int = 0


class KnownQuota(Answer):
    """How much of something the project may use and uses; a negative limit is none."""

    resource: str
    limit: int
    used: int


class CloudStatus(Answer):
    """What is known of the cloud."""

    state: CloudState = CloudState.ONLINE
    reason: Reason | None = None
    """Why it is unreachable."""
    metrics_reasons: dict[str, Reason] = Field(default_factory=dict)
    """Why metrics of it cannot be used, by name."""
    flavors: list[OfferedFlavor] = Field(default_factory=list)
    """The sizes of machines that it offers."""
    quotas: list[KnownQuota] = Field(default_factory=list)
    """What its project may use, and uses."""
    observed_at: Timestamp | None = None
    """When it last answered."""


class Cloud(Model):
    """A cloud for the clusters of its namespace."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["Cloud"] = "Cloud"
    metadata: Metadata
    spec: CloudSpec
    status: CloudStatus = Field(default_factory=CloudStatus)


class GlobalCloud(Model):
    """A cloud for clusters of all namespaces."""

    api: Literal["infrastructure"] = "infrastructure"
    kind: Literal["GlobalCloud"] = "GlobalCloud"
    metadata: Metadata
    spec: GlobalCloudSpec
    status: CloudStatus = Field(default_factory=CloudStatus)
