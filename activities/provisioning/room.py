"""What the quotas of clouds lack, counting clusters that were ordered since the clouds told what is used."""

from __future__ import annotations

from collections import defaultdict
from typing import Self

from activities.provisioning.sharing import address, place_of
from activities.provisioning.status import provisioning_of
from krake.models.kinds import CLUSTER
from krake.models.provisioning import ProvisioningPhase
from krake.store import Record, Transaction
from scheduler.quotas import Machines, lacks


class Room:
    """What is left on clouds and in projects.

    Args:
        clusters: those of all namespaces, since all may be made on the same clouds.
    """

    def __init__(self, clusters: list[Record]) -> None:
        self._ordered = defaultdict[tuple[str, str, str], list[Record]](list)
        for cluster in clusters:
            if _is_ordered(cluster):
                self._ordered[place_of(cluster)].append(cluster)

    @classmethod
    async def read(cls, transaction: Transaction) -> Self:
        """The room as the store knows it."""
        return cls(await transaction.all_of(CLUSTER.name))

    def lacks(self, cloud: Record, machines: Machines | None) -> str:
        """What a cloud, or a project, lacks for one more cluster, in words; empty where nothing is known to
        be short.

        Args:
            cloud: with the quotas in its status.
            machines: what the cluster is made of; None where that is not known.
        """
        told_at = cloud.status.get("observed_at") or ""
        unseen = [one for one in self._ordered[address(cloud)] if _ordered_at(one) > told_at]
        return lacks(cloud.status, machines, [Machines.of(one.spec) for one in unseen])


def _is_ordered(cluster: Record) -> bool:
    """Whether a cloud is to make it, or just makes it."""
    phase = provisioning_of(cluster).get("phase", ProvisioningPhase.CREATING)
    return cluster.deleted is None and phase == ProvisioningPhase.CREATING


def _ordered_at(cluster: Record) -> str:
    """When that began, in the form of all moments in a status."""
    return str(provisioning_of(cluster).get("since") or cluster.status.get("scheduled") or "")
