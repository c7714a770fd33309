"""Looking for secrets in everything that a run leaves behind, in every form they may take there."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from google.protobuf.json_format import MessageToDict, ParseDict
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory

_PAYLOAD = frozenset({"metadata", "data"})


def forms(secret: str) -> list[bytes]:
    """The secret as it is, in a URL, in JSON, and in base64 wherever it may begin in what was encoded."""
    raw = secret.encode()
    found = {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
        # The characters at both ends depend on what stands beside the secret.
        middle = encoded[offset + 1 if offset else 0 : -1]
        found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return sorted(found)


class Search:
    """Looks for secrets; what it says of a find does not show the secret."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = [(number, form) for number, secret in enumerate(secrets) for form in forms(secret)]

    def require_absent(self, content: bytes, where: str) -> None:
        """Fail where one of the secrets is in the content."""
        found = sorted({number for number, form in self._forms if form in content})
        assert not found, f"secrets {found} are in {where}"

    def require_absent_from(self, files: Iterable[Path]) -> int:
        """Fail where one of the secrets is in one of the files; returns how many bytes were searched."""
        size = 0
        for path in files:
            content = path.read_bytes()
            self.require_absent(content, path.name)
            size += len(content)
        return size


async def decrypted(client: Client, history: WorkflowHistory) -> Any:
    """A history with its payloads as the worker reads them."""
    return await _decrypted(client, json.loads(history.to_json()))


async def _decrypted(client: Client, value: Any) -> Any:
    if isinstance(value, list):
        return [await _decrypted(client, item) for item in value]
    if not isinstance(value, dict):
        return value
    codec = client.data_converter.payload_codec
    if codec is not None and value.keys() == _PAYLOAD:
        [payload] = await codec.decode([ParseDict(value, Payload())])
        return MessageToDict(payload)
    return {key: await _decrypted(client, item) for key, item in value.items()}


def payloads(value: Any) -> Iterator[dict[str, Any]]:
    """Every payload of a history."""
    if isinstance(value, dict):
        if value.keys() == _PAYLOAD:
            yield value
        else:
            for item in value.values():
                yield from payloads(item)
    elif isinstance(value, list):
        for item in value:
            yield from payloads(item)


def filled(path: str, names: dict[str, str]) -> str | None:
    """A path of the OpenAPI document with values for its parameters; None where one has no value."""
    wanted = re.findall(r"{(\w+)}", path)
    return path.format(**names) if all(name in names for name in wanted) else None
