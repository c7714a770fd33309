"""Siblings among the applications of a pass, for those that are to be spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from activities.rebalancing.members import Member
from activities.rebalancing.places import Place
from krake.models.spread import siblings_by
from krake.moves import clusters_of
from krake.store import Record
from scheduler.spreading import with_spread

_Group = tuple[str, str, str]
"""Namespace, key and value of a label of applications."""


class Kin:
    """Remembers where applications are while they are read, and tells their siblings when all are."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._clusters = [place.document for place in places.values()]
        self._placed: defaultdict[_Group, list[tuple[str, frozenset[str]]]] = defaultdict(list)
        self._spread: dict[str, tuple[dict[str, Any], dict[str, str]]] = {}

    def see(self, record: Record) -> None:
        """Take note of an application."""
        here = clusters_of(record.status)
        for key, value in record.labels.items() if here else ():
            self._placed[record.namespace, key, value].append((record.uid, here))
        if siblings_by(record.spec, record.labels) is not None:
            self._spread[record.uid] = record.spec, record.labels

    def of(self, member: Member) -> Member:
        """The application with what it knows of its siblings, where it is to be spread."""
        target, standing = member.target, member.standing
        if target.uid not in self._spread:
            return member
        spec, labels = self._spread[target.uid]
        by = siblings_by(spec, labels) or ("", "")
        known = self._placed.get((target.namespace, *by), [])
        siblings = [cluster for uid, clusters in known if uid != target.uid for cluster in clusters]
        request = with_spread(standing.request, spec, labels, self._clusters, siblings)
        return replace(member, standing=replace(standing, request=request))
