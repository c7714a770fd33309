"""The Infrastructure Manager's REST API."""

from __future__ import annotations

from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx
import yaml

from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

Document = dict[str, Any]

_LONGEST = 400
_NO_CREDENTIALS = (401,)
_UNKNOWN = 404
_NO_TOSCA = 403
"""Answered for properties of an infrastructure that was not made from TOSCA."""


class ManagerApi:
    """One Infrastructure Manager, with the credentials of a user and of a cloud.

    Args:
        url: its address.
        authorization: the header with the credentials.
        timeout: seconds that one request may take.
    """

    def __init__(self, url: str, authorization: str, timeout: float) -> None:
        self._where = urlsplit(url).netloc
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": authorization},
            timeout=timeout,
            trust_env=False,
        )

    async def infrastructures(self) -> list[str]:
        """The ids of all infrastructures of the user."""
        answer = await self._ask("GET", "/infrastructures", accept="application/json")
        found = answer.json().get("uri-list", [])
        return [str(one["uri"] if isinstance(one, dict) else one).rpartition("/")[2] for one in found]

    async def create(self, tosca: Document) -> str:
        """Have an infrastructure made, without waiting for its machines; its id."""
        answer = await self._ask("POST", "/infrastructures?async=true", tosca=tosca)
        return answer.text.strip().rpartition("/")[2]

    async def update(self, infrastructure: str, tosca: Document) -> None:
        """Have it become what another template says."""
        await self._ask("POST", f"/infrastructures/{infrastructure}?async=true", tosca=tosca)

    async def reconfigure(self, infrastructure: str) -> None:
        """Have its machines configured once more."""
        await self._ask("PUT", f"/infrastructures/{infrastructure}/reconfigure")

    async def tosca(self, infrastructure: str) -> Document | None:
        """Its template; None for one that was made of something else, or is gone."""
        path = f"/infrastructures/{infrastructure}/tosca"
        answer = await self._ask("GET", path, accept="text/plain", fine=(_UNKNOWN, _NO_TOSCA))
        if not answer.is_success:
            return None
        found = _parsed(answer.text)
        return found if isinstance(found, dict) else None

    async def state(self, infrastructure: str) -> Document | None:
        """`state` and, by machine, `vm_states`; None where it is gone."""
        path = f"/infrastructures/{infrastructure}/state"
        answer = await self._ask("GET", path, accept="application/json", fine=(_UNKNOWN,))
        if answer.status_code == _UNKNOWN:
            return None
        found: Document = answer.json()["state"]
        return found

    async def outputs(self, infrastructure: str) -> Document:
        """The values of the outputs of its template."""
        path = f"/infrastructures/{infrastructure}/outputs"
        answer = await self._ask("GET", path, accept="application/json")
        found: Document = answer.json()["outputs"]
        return found

    async def delete(self, infrastructure: str) -> None:
        """Have it removed, without waiting for it; nothing happens where it is gone."""
        await self._ask("DELETE", f"/infrastructures/{infrastructure}?async=true", fine=(_UNKNOWN,))

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        tosca: Document | None = None,
        accept: str = "*/*",
        fine: tuple[int, ...] = (),
    ) -> httpx.Response:
        headers, content = {"Accept": accept}, None
        if tosca is not None:
            headers["Content-Type"] = "text/yaml"
            content = yaml.safe_dump(tosca, sort_keys=False).encode()
        try:
            answer = await self._client.request(method, path, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise ProviderError(
                ReasonCode.CLOUD_NOT_REACHABLE,
                f"The Infrastructure Manager at {self._where} does not answer ({type(error).__name__})",
                temporary=True,
            ) from None
        if not answer.is_success and answer.status_code not in fine:
            _fail(answer)
        return answer


def _fail(answer: httpx.Response) -> NoReturn:
    status, words = answer.status_code, _message(answer)
    if status in _NO_CREDENTIALS:
        message = f"The Infrastructure Manager does not accept the credentials: {words}"
        raise ProviderError(ReasonCode.INVALID_CREDENTIALS, message, temporary=False)
    message = f"The Infrastructure Manager answers {status}: {words}"
    if status == _UNKNOWN:
        raise ProviderError(ReasonCode.NOT_FOUND, message, temporary=False)
    if status == 409:
        raise ProviderError(ReasonCode.NOT_READY, message, temporary=True)
    if status == 400:
        raise ProviderError(ReasonCode.INVALID_TOSCA_MANIFEST, message, temporary=False)
    raise ProviderError(ReasonCode.INTERNAL_ERROR, message, temporary=status >= 500 or status in (408, 429))


def _message(answer: httpx.Response) -> str:
    """What it says, which is JSON or a page whose last heading holds the message."""
    try:
        text = str(answer.json()["message"])
    except (ValueError, LookupError, TypeError):
        text = answer.text.rpartition("Message: ")[2].partition("</h1>")[0]
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _parsed(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None
