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
    """Looks kinds up in the cluster's discovery documents.

    They are read again for an unknown kind, when the cluster does not know a kind any more that it served
    (`check`), and when somebody says that a group changed (`forget`).
    """

    def __init__(self, connection: ClusterConnection) -> None:
        self._connection = connection
        self.declared: frozenset[str] = frozenset()
        """Definitions that the cluster is said to have, `<plural>.<group>`."""
        self._versions: dict[str, dict[str, ServedKind]] = {}

    async def find(self, api_version: str, kind: str) -> ServedKind:
        """The kind as the cluster serves it.

        Raises:
            ClusterError: the cluster does not serve it (UNSUPPORTED_RESOURCE, or INVALID_CUSTOM_RESOURCE
                where it is said to) or does not answer.
        """
        known = self._versions.get(api_version, {}).get(kind)
        if known is None:
            known = (await self._read(api_version)).get(kind)
        if known is None:
            raise self._not_served(api_version, kind)
        return known

    async def check(self, api_version: str, kind: str) -> ServedKind:
        """The kind as the cluster serves it now, whatever was known before.

        Raises:
            ClusterError: as `find`.
        """
        self._versions.pop(api_version, None)
        return await self.find(api_version, kind)

    def _not_served(self, api_version: str, kind: str) -> ClusterError:
        """The reason for people: what is missing, or what was promised and is missing."""
        group = api_version.rpartition("/")[0]
        promised = sorted(name for name in self.declared if group and name.partition(".")[2] == group)
        message = f"cluster {self._connection.name} does not serve the kind {kind} of {api_version}"
        if promised:
            declared = f"although it is declared to have {', '.join(promised)}"
            return ClusterError(ReasonCode.INVALID_CUSTOM_RESOURCE, f"{message}, {declared}", temporary=False)
        return ClusterError(ReasonCode.UNSUPPORTED_RESOURCE, message, temporary=False)

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
