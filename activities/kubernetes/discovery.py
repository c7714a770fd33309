"""Which kinds a cluster serves, and under which paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.errors import ClusterError
from krake.models.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind as the cluster serves it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def collection(self) -> str:
        """Path of all objects of the kind in all namespaces."""
        prefix = "/apis" if "/" in self.api_version else "/api"
        return f"{prefix}/{self.api_version}/{self.plural}"

    def path(self, namespace: str | None, name: str) -> str:
        """Path of one object."""
        prefix = "/apis" if "/" in self.api_version else "/api"
        place = f"/namespaces/{quote(namespace or '', safe='')}" if self.namespaced else ""
        return f"{prefix}/{self.api_version}{place}/{self.plural}/{quote(name, safe='')}"


class Discovery:
    """Looks kinds up in the cluster's discovery documents, read again only for an unknown kind."""

    def __init__(self, connection: ClusterConnection) -> None:
        self._connection = connection
        self._versions: dict[str, dict[str, ServedKind]] = {}

    async def find(self, api_version: str, kind: str) -> ServedKind:
        """The kind as the cluster serves it.

        Raises:
            ClusterError: the cluster does not serve it (UNSUPPORTED_RESOURCE) or does not answer.
        """
        known = self._versions.get(api_version, {}).get(kind)
        if known is None:
            known = (await self._read(api_version)).get(kind)
        if known is None:
            raise ClusterError(
                ReasonCode.UNSUPPORTED_RESOURCE,
                f"cluster {self._connection.name} does not serve the kind {kind} of {api_version}",
                temporary=False,
            )
        return known

    def forget(self, group: str) -> None:
        """Look again at what the cluster serves of a group: its definitions may have come or gone."""
        for api_version in [known for known in self._versions if known.rpartition("/")[0] == group]:
            del self._versions[api_version]

    async def _read(self, api_version: str) -> dict[str, ServedKind]:
        prefix = "/apis" if "/" in api_version else "/api"
        try:
            document = await self._connection.request("GET", f"{prefix}/{quote(api_version)}")
        except ClusterError as error:
            if error.not_found:
                return {}
            raise
        self._versions[api_version] = _kinds(api_version, document)
        return self._versions[api_version]


def _kinds(api_version: str, document: dict[str, Any]) -> dict[str, ServedKind]:
    return {
        item["kind"]: ServedKind(api_version, item["kind"], item["name"], bool(item["namespaced"]))
        for item in document.get("resources", [])
        if "/" not in item["name"]
    }
