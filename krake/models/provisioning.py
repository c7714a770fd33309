"""How a cluster that Krake makes stands at its cloud."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from krake.models.base import Answer, Timestamp
from krake.models.metadata import ResourceRef
from krake.models.reasons import Reason


class ProvisioningPhase(StrEnum):
    """What is being done about the cluster at its cloud."""

    CREATING = "creating"
    READY = "ready"
    """Nothing: it is as it should be, as far as is known."""
    CHANGING = "changing"
    """It is being scaled or upgraded, and works all the while."""
    FAILED = "failed"
    """What was asked for last could not be done."""
    DELETING = "deleting"


class Provisioning(Answer):
    """What is known of a made cluster at its cloud."""

    phase: ProvisioningPhase
    since: Timestamp
    """When the phase began."""
    message: str = ""
    """What the cloud says, in words."""
    provider: ResourceRef | None = None
    """The infrastructure provider that makes it."""
    nodes: int | None = None
    """Worker nodes that the cloud counted last."""
    applied: dict[str, Any] = Field(default_factory=dict)
    """What it was made, or changed, to be: `infrastructure` as it was, or the digest of the template."""
    checked_at: Timestamp | None = None
    """When the cloud was last asked about it."""
    trouble: Reason | None = None
    """What is wrong with it at the cloud while it works, or is believed to."""
