"""The provider `im`: clusters that an Infrastructure Manager makes from TOSCA templates."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import yaml
from pydantic_core import PydanticCustomError

from activities.im.api import Document, ManagerApi
from activities.im.credentials import authorization
from activities.provisioning.specs import valid_part
from krake.models.infrastructure import InfrastructureManager
from krake.models.kubeconfig import check_kubeconfig
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import (
    ClusterProvider,
    Progress,
    ProviderAccess,
    ProviderError,
    Stage,
    Survey,
    WantedCluster,
    tag_of,
)

TAG = "krake"
"""The key of the template's metadata that holds the tag: the manager has no tags, but keeps templates."""
_OUTPUT = "kubeconfig"
_STAGES = {
    "pending": Stage.WORKING,
    # The machines run; they are still being configured.
    "running": Stage.WORKING,
    "configured": Stage.READY,
    "deleting": Stage.DELETING,
}
_UNCONFIGURED = "unconfigured"
_UNKNOWN = "unknown"


def im_provider(access: ProviderAccess) -> ClusterProvider:
    """The provider for one cloud.

    Raises:
        ProviderError: the specs do not fit it.
    """
    spec = valid_part(InfrastructureManager, access.provider.get("im"), "The infrastructure provider")
    return ImProvider(ManagerApi(spec.url, authorization(spec, access.cloud), access.timeout))


class ImProvider:
    """Makes clusters through an Infrastructure Manager.

    An infrastructure is found again by the tag in the metadata of its template, which the manager gives back.
    """

    def __init__(self, api: ManagerApi) -> None:
        self._api = api

    async def create(self, wanted: WantedCluster) -> str:
        """Have an infrastructure made from the template; its id."""
        template = _template(wanted)
        if found := await self._tagged(wanted.uid):
            for spare in found[1:]:
                await self._api.delete(spare)
            return found[0]
        return await self._api.create(template)

    async def find(self, uid: str) -> str | None:
        """The id of the infrastructure whose template carries the tag."""
        found = await self._tagged(uid)
        return found[0] if found else None

    async def progress(self, cluster_id: str) -> Progress:
        """What the manager says of it."""
        return progress_of(await self._api.state(cluster_id))

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """The output `kubeconfig` of the template."""
        text = (await self._api.outputs(cluster_id)).get(_OUTPUT)
        if not text:
            raise _no_kubeconfig("its outputs have none (yet)", temporary=True)
        try:
            found = yaml.safe_load(text) if isinstance(text, str) else text
            if not isinstance(found, dict):
                raise _no_kubeconfig("its output is no document")
            return check_kubeconfig(found)
        except yaml.YAMLError:
            raise _no_kubeconfig("its output is no YAML") from None
        except PydanticCustomError as error:
            raise _no_kubeconfig(str(error)) from None

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Have it become what the template says; have it configured again where that is what failed."""
        template = _template(wanted)
        state = await self._api.state(cluster_id)
        if state is None:
            raise ProviderError(
                ReasonCode.NOT_FOUND, "The Infrastructure Manager has the cluster no more", temporary=False
            )
        if await self._api.tosca(cluster_id) != template:
            await self._api.update(cluster_id, template)
        elif _states(state) & {_UNCONFIGURED}:
            await self._api.reconfigure(cluster_id)

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """The same: the template says the version."""
        await self.scale(cluster_id, wanted)

    async def delete(self, cluster_id: str) -> None:
        """Have it removed, unless that is under way or done."""
        state = await self._api.state(cluster_id)
        if state is not None and state["state"] != "deleting":
            await self._api.delete(cluster_id)

    async def survey(self) -> Survey:
        """Nothing: the manager does not tell what a cloud offers; that it answers is shown."""
        await self._api.infrastructures()
        return Survey()

    async def close(self) -> None:
        """Close connections."""
        await self._api.close()

    async def _tagged(self, uid: str) -> list[str]:
        """The infrastructures that carry the tag: one, or none, or after a mishap several."""
        found = []
        for one in sorted(await self._api.infrastructures()):
            template = await self._api.tosca(one)
            if template and (template.get("metadata") or {}).get(TAG) == tag_of(uid):
                found.append(one)
        return found


def _template(wanted: WantedCluster) -> Document:
    """The template with the tag."""
    if not wanted.tosca:
        raise ProviderError(
            ReasonCode.INVALID_TOSCA_MANIFEST,
            "The Infrastructure Manager makes clusters from TOSCA templates: give one",
            temporary=False,
        )
    template = deepcopy(dict(wanted.tosca))
    template["metadata"] = {**(template.get("metadata") or {}), TAG: wanted.tag}
    return template


def _states(state: Document) -> set[str]:
    return {str(state["state"]), *map(str, (state.get("vm_states") or {}).values())}


def progress_of(state: Document | None) -> Progress:
    """What a state of the manager's means, that of the whole and of each machine."""
    if state is None:
        return Progress(Stage.GONE)
    # One machine whose configuration failed is enough, whatever the others do.
    word = _UNCONFIGURED if _UNCONFIGURED in _states(state) else str(state["state"])
    if word == _UNKNOWN and not state.get("vm_states"):
        # It has no machines yet, or none any more, that a cloud could be asked about.
        return Progress(Stage.WORKING, "Infrastructure Manager: no machines")
    if word == _UNKNOWN:
        raise ProviderError(
            ReasonCode.CLOUD_NOT_REACHABLE,
            "The Infrastructure Manager does not learn the machines' state from their cloud",
            temporary=True,
        )
    message = f"Infrastructure Manager: {word}"
    if word in _STAGES:
        return Progress(_STAGES[word], "" if _STAGES[word] is Stage.READY else message)
    code = ReasonCode.RECONFIGURE_FAILED if word == _UNCONFIGURED else ReasonCode.RECONCILE_FAILED
    return Progress(Stage.FAILED, message, code=code)


def _no_kubeconfig(why: str, *, temporary: bool = False) -> ProviderError:
    return ProviderError(
        ReasonCode.RETRIEVE_FAILED,
        f"The Infrastructure Manager gives no kubeconfig: {why}",
        temporary=temporary,
    )
