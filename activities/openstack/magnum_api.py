"""Magnum's REST API, as far as openstacksdk does not cover it: raw answers, microversions, actions."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from openstack.connection import Connection
from openstack.exceptions import BadRequestException, NotFoundException, raise_from_response

from activities.openstack.errors import provider_error
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

Document = dict[str, Any]
Result = TypeVar("Result")

RESIZE_SINCE = "1.7"
UPGRADE_SINCE = "1.8"
NODE_GROUPS_SINCE = "1.9"
NO_NODES_SINCE = "1.10"

_SEEN_SECONDS = 20.0
"""How long Magnum may take to show what it has accepted."""
_POLL_SECONDS = 0.3


def cluster_of(connection: Connection, cluster_id: str) -> Document | None:
    """A cluster in all its fields (openstacksdk reads `status_reason` from a wrong one); None without it."""
    try:
        return _get(connection, f"/clusters/{quote(cluster_id, safe='')}")
    except NotFoundException:
        return None


def clusters_named(connection: Connection, ending: str) -> list[Document]:
    """The project's clusters whose names end so, in all their fields, the oldest first."""
    magnum = connection.container_infrastructure_management
    named = [one for one in _patiently(lambda: list(magnum.clusters())) if (one.name or "").endswith(ending)]
    found = (cluster_of(connection, str(one.id)) for one in named)
    return sorted(filter(None, found), key=lambda one: (str(one.get("created_at")), str(one["uuid"])))


def create_cluster(connection: Connection, body: Document) -> str:
    """Have a cluster made, and wait until Magnum shows it, which is after it has accepted it; its id.

    Raises:
        ProviderError: it is not shown; the next attempt looks for it first.
    """
    # Without nodes only by a later version; else by the first one, which every release knows.
    version = NO_NODES_SINCE if body.get("node_count") == 0 else None
    made = _post(connection, "/clusters", body, version)
    cluster_id = str(made["uuid"])
    _require_seen(lambda: cluster_of(connection, cluster_id) is not None, "to make the cluster")
    return cluster_id


def delete_cluster(connection: Connection, cluster_id: str) -> None:
    """Have a cluster removed, unless it is gone, and wait until Magnum shows that it does so.

    Raises:
        ProviderError: it accepted that, but does not show it.
    """
    if (before := cluster_of(connection, cluster_id)) is None:
        return
    answer = connection.container_infrastructure_management.delete(f"/clusters/{quote(cluster_id, safe='')}")
    if answer.status_code == 404:
        return
    raise_from_response(answer)

    def begun() -> bool:
        now = cluster_of(connection, cluster_id)
        return now is None or (now["status"].startswith("DELETE_") and _moved(before, now))

    _require_seen(begun, "to remove the cluster")


def worker_groups(connection: Connection, cluster_id: str) -> list[Document]:
    """The groups of worker nodes, the one that Magnum made with the cluster first."""
    found = _get(connection, f"/clusters/{cluster_id}/nodegroups?role=worker", NODE_GROUPS_SINCE)
    groups: list[Document] = found["nodegroups"]
    return sorted(groups, key=lambda group: not group.get("is_default"))


def resize(connection: Connection, before: Document, group: str, nodes: int, total: int) -> None:
    """Have a group get this many nodes, and wait until Magnum shows that it does so.

    Args:
        before: the cluster before.
        group: the id of its group of nodes.
        total: how many the cluster has then, in all its groups.

    Raises:
        ProviderError: it accepted that, but does not show it.
    """
    version = NO_NODES_SINCE if nodes == 0 else RESIZE_SINCE
    body = {"node_count": nodes, "nodegroup": group}
    _change(connection, before, "resize", body, version, lambda now: bool(now["node_count"] == total))


def upgrade(connection: Connection, before: Document, template: str, group: str) -> None:
    """Have a cluster follow another template, one node after the other; likewise."""
    body = {"cluster_template": template, "max_batch_size": 1, "nodegroup": group}
    _change(
        connection,
        before,
        "upgrade",
        body,
        UPGRADE_SINCE,
        lambda now: bool(now["cluster_template_id"] == template),
    )


def _change(
    connection: Connection,
    before: Document,
    action: str,
    body: Document,
    version: str,
    changed: Callable[[Document], bool],
) -> None:
    cluster_id = str(before["uuid"])
    _post(connection, f"/clusters/{cluster_id}/actions/{action}", body, version)

    def begun() -> bool:
        now = cluster_of(connection, cluster_id)
        if now is None:
            return True
        return _moved(before, now) and (not now["status"].endswith("_COMPLETE") or changed(now))

    _require_seen(begun, f"to {action} the cluster")


def authority_of(connection: Connection, cluster_id: str) -> str:
    """PEM text of the certificate authority that Magnum made for a cluster."""
    return str(_get(connection, f"/certificates/{cluster_id}")["pem"])


def sign(connection: Connection, cluster_id: str, csr: str) -> str:
    """PEM text of a certificate that a cluster's authority signed."""
    return str(_post(connection, "/certificates", {"cluster_uuid": cluster_id, "csr": csr}, None)["pem"])


def _moved(before: Document, now: Document) -> bool:
    return (before["status"], before["updated_at"]) != (now["status"], now["updated_at"])


def _get(connection: Connection, path: str, version: str | None = None) -> Document:
    def read() -> Document:
        answer = connection.container_infrastructure_management.get(path, microversion=version)
        raise_from_response(answer)
        found: Document = answer.json()
        return found

    return _patiently(read)


def _patiently(read: Callable[[], Result]) -> Result:
    """What is read. Magnum finds its own answer invalid (400) while a cluster just loses its node groups.

    Raises:
        ProviderError: it goes on like that.
    """
    deadline = time.monotonic() + _SEEN_SECONDS
    while True:
        try:
            return read()
        except BadRequestException as error:
            if time.monotonic() > deadline:
                raise ProviderError(
                    ReasonCode.OPENSTACK_ERROR, provider_error(error).message, temporary=True
                ) from None
        time.sleep(_POLL_SECONDS)


def _post(connection: Connection, path: str, body: Document, version: str | None) -> Document:
    answer = connection.container_infrastructure_management.post(path, json=body, microversion=version)
    raise_from_response(answer)
    made: Document = answer.json()
    return made


def _require_seen(condition: Callable[[], bool], what: str) -> None:
    """Wait until Magnum shows what it has accepted. Runs in a thread of the cloud's, hence the sleep."""
    deadline = time.monotonic() + _SEEN_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise ProviderError(
                ReasonCode.OPENSTACK_ERROR, f"Magnum accepted {what}, but does not begin", temporary=True
            )
        time.sleep(_POLL_SECONDS)
