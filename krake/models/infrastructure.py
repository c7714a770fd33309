"""Infrastructure providers: services that make clusters on clouds, and what a cluster asks of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model
from krake.models.containers import of_known_type
from krake.models.metadata import Metadata
from krake.models.providers import Secret, Url
from krake.models.secret_fields import SecretFields

INFRASTRUCTURE_SECRETS = SecretFields(
    secrets=(("im", "password"), ("im", "token"), ("custom", "token")),
    address=(("im", "url"), ("im", "username"), ("custom", "name"), ("custom", "url")),
)

Word = Annotated[str, Field(min_length=1, max_length=255)]
MAX_NODES = 1000


class ClusterInfrastructure(Model):
    """The machines of a cluster that is to be made; its infrastructure provider chooses what is left out."""

    nodes: Annotated[int, Field(ge=0, le=MAX_NODES)] = 1
    """Number of worker nodes."""
    control_plane_nodes: Literal[1, 3, 5] = 1
    flavor: Word | None = None
    """Size of the worker nodes, by the cloud's name for it."""
    control_plane_flavor: Word | None = None
    """Size of the control plane's nodes; that of the workers where it is not given."""
    image: Word | None = None
    """The image that the nodes boot, by name or id."""
    kubernetes_version: Annotated[str, Field(pattern=r"^v?\d+\.\d+(\.\d+)?([-+][\w.+-]+)?$")] | None = None
    template: Word | None = None
    """Magnum's cluster template, by name or id."""
    heal: bool = False
    """Whether nodes that vanish outside Krake, and the whole cluster, are made again."""


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


class Magnum(Model):
    """Clusters made by the cloud's own container infrastructure service."""

    template: Word | None = None
    """The cluster template of clusters that name none, by name or id."""
    create_timeout: Annotated[int, Field(ge=1, le=1440)] = 60
    """Minutes after which Magnum gives a creation up."""


class Nova(Model):
    """Clusters of plain servers on which cloud-init installs k3s, for clouds without Magnum."""

    image: Word
    """The image of nodes that name none: one with cloud-init and systemd."""
    flavor: Word
    """The size of nodes that name none."""
    network: Word | None = None
    """The network of the nodes, by name or id; one is made for each cluster where it is not given."""
    external_network: Word | None = None
    """The network that floating addresses are from, and to which networks that are made are routed.

    Without it the API is reached at a fixed address, and `network` is needed.
    """
    key_pair: Word | None = None
    """The key pair that may log in to the nodes by SSH."""
    boot_volume_gigabytes: Annotated[int, Field(ge=1, le=16384)] | None = None
    """Size of a volume to boot from; the flavor's own disk where it is not given."""
    availability_zone: Word | None = None
    kubernetes_version: Word | None = None
    """The k3s release of clusters that name none, such as v1.33.4+k3s1; else one that Krake was made with."""
    install_script: Url = "https://get.k3s.io"
    """Where the nodes fetch k3s's installer."""


class Custom(Model):
    """A provider from another Python package."""

    name: Word
    """The name of its entry point in the group `krake.cluster_providers`."""
    url: Url | None = None
    token: Annotated[Secret | None, Field(repr=False)] = None
    options: dict[str, Any] = Field(default_factory=dict)
    """What it wants to know beyond; not secret."""


class ImProvider(Model):
    """An Infrastructure Manager."""

    type: Literal["im"]
    im: InfrastructureManager


class MagnumProvider(Model):
    """OpenStack Magnum."""

    type: Literal["magnum"]
    magnum: Magnum = Field(default_factory=Magnum)


class NovaProvider(Model):
    """OpenStack Nova, with k3s."""

    type: Literal["nova"]
    nova: Nova


class CustomProvider(Model):
    """A provider by entry point."""

    type: Literal["custom"]
    custom: Custom


InfrastructureProviderSpec = Annotated[
    Annotated[ImProvider | MagnumProvider | NovaProvider | CustomProvider, Field(discriminator="type")],
    BeforeValidator(of_known_type("infrastructure_provider_type", ("im", "magnum", "nova", "custom"))),
]


class InfrastructureProviderRef(Model):
    """The infrastructure provider that makes clusters on a cloud."""

    name: Word
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
