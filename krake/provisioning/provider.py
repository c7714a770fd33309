"""The interface of cluster providers: services that make, scale and remove Kubernetes clusters on a cloud.

A provider is made by a factory that is found under the entry points `krake.cluster_providers` by its name:
`magnum`, `nova` and `im` come with Krake, others with the package that offers them. Every call may be
repeated after a crash at any point and has to come to the same: `create` first looks for the cluster by its
tag, `delete` is content when nothing is there. No call waits for the cloud to finish; `progress` tells how
far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from krake.models.infrastructure import ClusterInfrastructure
from krake.models.reasons import ReasonCode

ENTRY_POINTS = "krake.cluster_providers"
"""The group of entry points whose values are `ProviderFactory`."""

_LONGEST_NAME = 63
_UID_DIGITS = 8


class ProviderError(Exception):
    """A call to a provider or its cloud failed.

    Args:
        code: the reason as users see it.
        message: one sentence for people; free of credentials.
        temporary: whether the same call may succeed later without anybody changing anything.
    """

    def __init__(self, code: ReasonCode, message: str, *, temporary: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.temporary = temporary


class Stage(StrEnum):
    """How far a cluster is at its cloud."""

    WORKING = "working"
    """It is being made or changed."""
    READY = "ready"
    """What was asked for last is done."""
    FAILED = "failed"
    """What was asked for last cannot be done; nothing happens any more."""
    DELETING = "deleting"
    GONE = "gone"
    """The cloud does not know it (any more)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a cloud says of a cluster."""

    stage: Stage
    message: str = ""
    """In words for people: what it is doing, or why it failed."""
    nodes: int | None = None
    """Worker nodes that the cloud counts; None where it does not say."""
    code: ReasonCode | None = None
    """Why it failed, where that is known better than that it did."""
    advanced: bool = False
    """Whether the look itself did a step, so that the next one may come soon: for providers that do what
    is asked of them step by step, one at each look."""


@dataclass(frozen=True, slots=True)
class WantedCluster:
    """A cluster as it should be: either described plainly, or by a TOSCA template."""

    uid: str
    namespace: str
    name: str
    infrastructure: ClusterInfrastructure | None = None
    tosca: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cloud_name(self) -> str:
        """The name at the cloud: letters, digits and hyphens, unique by the cluster's uid."""
        words = "".join(letter if letter.isalnum() else "-" for letter in f"{self.namespace}-{self.name}")
        ending = f"krake-{self.uid[:_UID_DIGITS]}"
        start = words.lower().strip("-")[: _LONGEST_NAME - len(ending) - 1].rstrip("-")
        return f"{start}-{ending}" if start else ending

    @property
    def tag(self) -> str:
        """What everything that is made for the cluster is marked with, to be found again."""
        return tag_of(self.uid)


def tag_of(uid: str) -> str:
    """The mark of what belongs to the cluster with this uid."""
    return f"krake-{uid}"


@dataclass(frozen=True, slots=True)
class Flavor:
    """A size of machines that the cloud offers."""

    name: str
    cpus: int
    memory_mib: int
    disk_gib: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of something the project may use and uses; a negative limit is none."""

    resource: str
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a cloud offers at present."""

    flavors: tuple[Flavor, ...] = ()
    quotas: tuple[Quota, ...] = ()


class Vault(Protocol):
    """The secrets that a provider keeps of one cluster, encrypted in Krake's store."""

    async def get(self, name: str) -> bytes | None:
        """The secret of this name, or None."""
        ...

    async def put(self, name: str, value: bytes) -> None:
        """Keep a secret, in place of the one that was there."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """What a provider is made of: the specs of the cloud and of the infrastructure provider, with secrets.

    `cloud` and `provider` are what users gave, as plain documents; what matters is under their `type`.
    """

    cloud: Mapping[str, Any] = field(repr=False)
    provider: Mapping[str, Any] = field(repr=False)
    vault: Vault = field(repr=False)
    state_dir: Path = Path()
    """The worker's own state folder."""
    clouds_file: str = ""
    """Path of the operator's `clouds.yaml`; empty where there is none."""
    timeout: float = 30.0
    """Seconds that one request to the cloud may take."""
    observes: bool = False
    """Whether it is only looked at, perhaps while something is changed elsewhere: nothing may be changed."""


class ClusterProvider(Protocol):
    """One provider on one cloud. Every call may raise `ProviderError`."""

    async def create(self, wanted: WantedCluster) -> str:
        """Have the cluster made, unless it is there already; its id at the cloud."""
        ...

    async def find(self, uid: str) -> str | None:
        """The id at the cloud of the cluster with this uid, found by its tag; None where there is none."""
        ...

    async def progress(self, cluster_id: str) -> Progress:
        """How far the cluster is. One that is not there is GONE, which is no error.

        May do the next step of what was asked for, except where it only observes.
        """
        ...

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """A kubeconfig of an administrator, with one context; its credentials are new where possible."""
        ...

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have it get the nodes that it should have (with TOSCA: what the template says)."""
        ...

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have it get the Kubernetes version, or the cluster template, that it should have."""
        ...

    async def delete(self, cluster_id: str) -> None:
        """Have it removed with everything that was made for it; nothing happens where it is gone already.

        Asked again while `progress` shows it neither as DELETING nor as GONE.
        """
        ...

    async def survey(self) -> Survey:
        """What the cloud offers; also shows that it answers and accepts the credentials."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


ProviderFactory = Callable[[ProviderAccess], ClusterProvider]
"""Makes a provider for one cloud; raises `ProviderError` where the specs do not fit it."""
