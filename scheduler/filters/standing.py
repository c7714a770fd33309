"""Filters on what a candidate is and on where the application may go at all."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from krake.models.cluster import ClusterState
from scheduler.columns import Bools, Snapshot
from scheduler.filters.base import TraitFilter, Verdict
from scheduler.snapshot import EVERYBODY, Candidate, Request

BEING_DELETED = "being deleted, wanted one that stays"


class Granted(TraitFilter):
    """A namespace uses its own candidates and those that others let it use.

    The others belong to other tenants: a decision does not even name them.
    """

    name = "namespace"

    def key(self, application: Request) -> Hashable:
        """The namespace."""
        return application.namespace

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates of the application's namespace, and granted ones."""
        if candidate.namespace == application.namespace:
            return Verdict(True, "in the same namespace")
        if EVERYBODY in candidate.grants:
            return Verdict(True, "open to every namespace")
        if application.namespace in candidate.grants:
            return Verdict(True, f"namespace {candidate.namespace} grants it to {application.namespace}")
        return Verdict(False, f"not granted to namespace {application.namespace}")


class NotDeleted(TraitFilter):
    """Candidates on their way out take nothing."""

    name = "deletion"
    urgent = True

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates without a deletion mark."""
        return Verdict(not candidate.deleted, BEING_DELETED if candidate.deleted else "not being deleted")


class Online(TraitFilter):
    """Only candidates that are known to work take applications."""

    name = "state"
    urgent = True

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates that are ONLINE."""
        passed = candidate.state is ClusterState.ONLINE
        found = f"{candidate.state.value} {candidate.state_detail}".rstrip()
        return Verdict(passed, found if passed else f"{found}, wanted {ClusterState.ONLINE.value}")


class Schedulable(TraitFilter):
    """A cordoned candidate takes no new applications and keeps those that it has."""

    name = "cordon"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates that are not cordoned, and the one that the application is on."""
        if not candidate.cordoned:
            return Verdict(True, "not cordoned")
        if application.current == candidate.uid:
            return Verdict(True, "cordoned, but the application is there already")
        return Verdict(False, "cordoned: it takes no new applications")


class Stays:
    """An application that may not migrate keeps the candidate that it is on."""

    name = "migration"

    def key(self, application: Request) -> Hashable:
        """Whether it may move, and whether it would be a move."""
        return application.migration or application.current is None

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """All candidates, or none but the one that the application is on."""
        allowed = here or application.migration or application.current is None
        return np.full(len(snapshot), allowed, dtype=np.bool_)

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes every candidate while the application is on none or may move."""
        if application.current is None or application.current == candidate.uid:
            return Verdict(True, "no move needed")
        if application.migration:
            return Verdict(True, "migration is allowed")
        return Verdict(False, "migration is not allowed, and the application is on another cluster")


class Wanted:
    """A move may have one target, and an application does not go back to what it is leaving."""

    name = "target"
    urgent = True

    def key(self, application: Request) -> Hashable:
        """The target and what is excluded."""
        return application.target, application.excluded

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """The target, or all that are not excluded."""
        passed = np.full(len(snapshot), application.target is None, dtype=np.bool_)
        if application.target in snapshot.rows:
            passed[snapshot.rows[application.target]] = True
        for uid in application.excluded:
            if uid in snapshot.rows:
                passed[snapshot.rows[uid]] = False
        return passed

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes the target alone if there is one, and nothing that is excluded."""
        if candidate.uid in application.excluded:
            return Verdict(False, "the application is leaving it")
        if application.target is None:
            return Verdict(True, "no target is set")
        if application.target == candidate.uid:
            return Verdict(True, "it is the target")
        return Verdict(False, "another one is the target")
