"""`--wait` of commands about clusters that Krake makes: ONLINE alone does not say that a change was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from krake.provisioning.desired import is_made
from rok.actions import Waiting
from rok.following import Change
from rok.formats import reason
from rok.hints import hints
from rok.output import show_one
from rok.resources import CLUSTERS, Collection
from rok.session import Session
from rok.waiting import Goal, Verdict, wait

Document = dict[str, Any]

RETRY, ROTATE = "retry", "rotate-credentials"
"""What can be asked for about a cluster that Krake made."""


@dataclass(frozen=True, slots=True)
class MadeGoal(Goal):
    """The cluster has its state and what was asked for last was done at its cloud.

    A cluster whose change failed stays ONLINE as it was before. A failure that the answer to the write
    shows already is the one of before, for those that ask for another try.
    """

    rotates: bool = False
    """Whether a new kubeconfig is waited for."""

    def verdict(self, change: Change) -> Verdict:
        """Judge one state of the cluster."""
        found, document = Goal.verdict(self, change), change.object
        if change.type == "DELETED" or document["metadata"]["uid"] != self.document["metadata"]["uid"]:
            return found
        if self.rotates and self._rotation_failed(document):
            return Verdict.FAILED
        if self._is_old(document):
            return Verdict.GO_ON if found is Verdict.FAILED else self._unless_busy(found, document)
        return Verdict.FAILED if self._failed_at_cloud(document) else self._unless_busy(found, document)

    def failed(self, change: Change) -> tuple[str, str]:
        """What became of the cluster instead, and why."""
        if self.rotates and change.type != "DELETED" and self._rotation_failed(change.object):
            why = reason({"reason": change.object["status"].get("rotation_failure")})
            return f"{self.title} keeps its old credentials: new ones could not be had", why
        if change.type != "DELETED" and self._failed_at_cloud(change.object):
            status = change.object["status"]
            trouble = status["provisioning"].get("trouble")
            why = reason({"reason": trouble}) if trouble else reason(status)
            return f"{self.title} is {status['state']}, but what was asked for failed at its cloud", why
        return Goal.failed(self, change)

    def _unless_busy(self, found: Verdict, document: Document) -> Verdict:
        busy = _phase(document) == "changing" or (self.rotates and not self._renewed(document))
        return Verdict.GO_ON if found is Verdict.REACHED and busy else found

    def _is_old(self, document: Document) -> bool:
        """Whether the failure that it shows is the one that the answer showed, too."""
        return _phase(document) == "failed" and _since(document) == _since(self.document)

    def _failed_at_cloud(self, document: Document) -> bool:
        current = document["status"].get("observed_generation", 0) >= self.document["metadata"]["generation"]
        return _phase(document) == "failed" and current and document["status"]["state"] != "FAILED"

    def _rotation_failed(self, document: Document) -> bool:
        """Whether nobody fetches new credentials any more, and there are none."""
        return not self._renewed(document) and not document["status"].get("rotation_requested")

    def _renewed(self, document: Document) -> bool:
        return bool(document["status"].get("kubeconfig_at") != self.document["status"].get("kubeconfig_at"))


def _phase(document: Document) -> str:
    return str((document["status"].get("provisioning") or {}).get("phase") or "")


def _since(document: Document) -> str:
    return str((document["status"].get("provisioning") or {}).get("since") or "")


def goal_of(collection: Collection, document: Document, state: str) -> Goal:
    """What is waited for after a write, by what the resource is."""
    made = collection is CLUSTERS and is_made(document["spec"]) and state == "ONLINE"
    return (MadeGoal if made else Goal)(collection, document, state)


def order_at_cloud(session: Session, name: str, action: str, waiting: Waiting) -> None:
    """Ask for something about the cluster at its cloud, wait where asked, and show it."""
    client = session.connect()
    with hints(session, client, CLUSTERS, name):
        document = client.order(CLUSTERS.path(session.namespace, name, action))
    if waiting.state is not None:
        goal = MadeGoal(CLUSTERS, document, waiting.state, rotates=action == ROTATE)
        document = wait(session, client, goal, waiting.timeout)
    show_one(session, CLUSTERS, document)
