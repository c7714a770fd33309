"""What the nova provider keeps of a cluster: what was asked for last, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

import orjson

from activities.openstack.k3s.authorities import ClusterSecrets
from activities.openstack.k3s.releases import DEFAULT_RELEASE, release_of
from activities.provisioning.specs import valid_part
from krake.models.infrastructure import ClusterInfrastructure, Nova
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError, Vault, WantedCluster

SECRETS = "nova-secrets"
STATE = "nova-state"
"""Names in the vault."""


class Operation(StrEnum):
    """What was asked for last."""

    CREATE = "create"
    SCALE = "scale"
    UPGRADE = "upgrade"
    DELETE = "delete"

    @property
    def failure(self) -> ReasonCode:
        """The reason where it cannot be done."""
        if self is Operation.CREATE:
            return ReasonCode.CREATE_FAILED
        return ReasonCode.DELETE_FAILED if self is Operation.DELETE else ReasonCode.RECONFIGURE_FAILED


@dataclass(frozen=True, slots=True)
class State:
    """A cluster as it should be, as plain words, so that it can be kept."""

    tag: str
    title: str
    """The cluster's namespace and name."""
    nodes: int
    control_plane_nodes: int
    flavor: str
    control_plane_flavor: str
    image: str
    release: str
    operation: Operation = Operation.CREATE
    done: bool = False
    """Whether what was asked for last is done; from then on nothing is changed by itself."""
    initialized: bool = False
    """Whether the API has answered: from then on no node may make the cluster anew."""
    failure: str = ""
    """Why what was asked for last cannot be done; nothing is done any more, then."""
    code: ReasonCode | None = None

    def asked(self, operation: Operation) -> Self:
        """The state after something new was asked for."""
        return replace(self, operation=operation, done=False, failure="", code=None)

    @classmethod
    def of(cls, wanted: WantedCluster, spec: Nova) -> Self:
        """The state of a new cluster.

        Raises:
            ProviderError: it is described by a TOSCA template, or names no exact release.
        """
        plain = plain_part(wanted)
        flavor = plain.flavor or spec.flavor
        return cls(
            tag=wanted.tag,
            title=f"{wanted.namespace}/{wanted.name}",
            nodes=plain.nodes,
            control_plane_nodes=plain.control_plane_nodes,
            flavor=flavor,
            control_plane_flavor=plain.control_plane_flavor or flavor,
            image=plain.image or spec.image,
            release=release_of(plain.kubernetes_version or spec.kubernetes_version or DEFAULT_RELEASE),
        )

    @classmethod
    def read(cls, stored: bytes) -> Self:
        """From the vault."""
        fields = orjson.loads(stored)
        code = ReasonCode(fields["code"]) if fields["code"] else None
        return cls(**{**fields, "operation": Operation(fields["operation"]), "code": code})

    def stored(self) -> bytes:
        """As it is kept in the vault."""
        return orjson.dumps(asdict(self))


def plain_part(wanted: WantedCluster) -> ClusterInfrastructure:
    """The plain description of a cluster.

    Raises:
        ProviderError: it is described by a TOSCA template.
    """
    if wanted.infrastructure is None:
        raise ProviderError(
            ReasonCode.UNSUPPORTED_RESOURCE,
            "The provider nova makes clusters from a plain description, not from TOSCA templates",
            temporary=False,
        )
    return wanted.infrastructure


def spec_of(provider: Mapping[str, Any]) -> Nova:
    """The part of an infrastructure provider's spec that is Nova's.

    Raises:
        ProviderError: it is of another type, or not valid.
    """
    if provider.get("type") != "nova":
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE,
            f"The infrastructure provider is of the type {provider.get('type')}, not nova",
            temporary=False,
        )
    return valid_part(Nova, provider["nova"], "The infrastructure provider")


class Memory:
    """The state and the secrets of one cluster in its vault."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def state(self) -> State | None:
        """What was kept last, or None."""
        stored = await self._vault.get(STATE)
        return State.read(stored) if stored else None

    async def keep(self, state: State) -> None:
        """Keep a state in place of the last one."""
        await self._vault.put(STATE, state.stored())

    async def secrets(self) -> ClusterSecrets | None:
        """The cluster's secrets, or None."""
        stored = await self._vault.get(SECRETS)
        return ClusterSecrets.read(stored) if stored else None

    async def secrets_for(self, tag: str) -> ClusterSecrets:
        """The cluster's secrets, made and kept where there are none."""
        found = await self.secrets()
        if found is None:
            found = ClusterSecrets.make(tag)
            await self._vault.put(SECRETS, found.stored())
        return found
