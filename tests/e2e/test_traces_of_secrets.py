"""Secrets of every sort are planted; afterwards none is in the store's file, Temporal's database, the
logs, or any answer of the API, however it might be encoded."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import yaml

from krake.embedded.admin_token import read_token
from krake.embedded.sandbox import Sandbox
from krake.rotation import Rotation
from tests.support.kubernetes import Kubernetes
from tests.support.manifests import deployment
from tests.support.shutdown_helper import credentials_of
from tests.support.stack import Krake
from tests.support.traces import Search, decrypted, filled, payloads
from tests.support.user import User

PASSWORD = "planted-passw0rd-of-a-provider/+=?"
PROVIDER_TOKEN = "planted-t0ken-of-a-provider/+=?"
WRONG_TOKEN = "planted-t0ken-that-no-cluster-knows"
MISPLACED = "planted-t0ken-where-none-belongs"
BEARER = "planted-bearer-t0ken-of-a-caller"
_NOTED = frozenset({"seq", "attempt", "activity_id", "activity_type"})
"""What the SDK notes of a local activity, unencrypted, beside its encrypted result."""


async def test_no_planted_secret_is_found(
    krake: Krake, rok: User, de: Kubernetes, sandboxes: dict[str, Sandbox], name: str
) -> None:
    began = datetime.now(UTC)
    tokens = await plant(krake, rok, de, sandboxes, name)
    planted = [
        PASSWORD,
        PROVIDER_TOKEN,
        WRONG_TOKEN,
        MISPLACED,
        BEARER,
        read_token(krake.token_file),
        *tokens,
    ]
    planted += [key.get_secret_value() for key in krake.settings.secret_keys]
    planted += [line.split()[0] for line in krake.settings.key_file.read_text().splitlines()]
    search = Search(planted)

    assert await search_answers(krake, rok, name, search) > 30
    (await rok.delete(name, "--wait")).ok()
    runs = await search_histories(krake, search, began)
    assert runs > 3
    state = krake.settings.state_dir
    databases = [path for path in state.iterdir() if path.name.startswith(("krake.db", "temporal.db"))]
    assert {path.name for path in databases} >= {"krake.db", "temporal.db"}
    assert await asyncio.to_thread(search.require_absent_from, databases) > 100_000
    logs = [part.log for part in krake.parts]
    assert await asyncio.to_thread(search.require_absent_from, logs) > 1000


async def plant(
    krake: Krake, rok: User, de: Kubernetes, sandboxes: dict[str, Sandbox], name: str
) -> list[str]:
    """Use secrets in every way there is, the wrong ones too; returns those that were there or made."""
    namespace = rok.namespace
    async with krake.http() as http:
        await expect_refusal(http)
        influx = {"url": "http://127.0.0.1:1", "token": PROVIDER_TOKEN, "org": "o", "bucket": "b"}
        prometheus = {"url": "http://127.0.0.1:1", "username": "u", "password": PASSWORD}
        providers = f"/core/namespaces/{namespace}/metricsproviders"
        for kind, spec in (("influx", influx), ("prometheus", prometheus)):
            document = {"metadata": {"name": f"{name}-{kind}"}, "spec": {"type": kind, kind: spec}}
            await expect(http, "POST", providers, document, 201)
            await expect(http, "POST", providers, document, 409)
        clusters = f"/kubernetes/namespaces/{namespace}/clusters"
        wrong = yaml.safe_load(sandboxes["de"].kubeconfig_of(token=WRONG_TOKEN))
        await expect(http, "POST", clusters, cluster(f"{name}-wrong", wrong), 201)
        broken = {**wrong, "clusters": MISPLACED, "users": [{"name": MISPLACED, "user": 7}]}
        await expect(http, "POST", clusters, cluster(f"{name}-broken", broken), 422)
        await expect(http, "POST", clusters, {"metadata": {"name": 7}, "spec": MISPLACED}, 422)
        await http.post(
            clusters, content=f'{{"spec": "{MISPLACED}', headers={"Content-Type": "application/json"}
        )
    (
        await rok.create(name, deployment(name), more=("-L", "location is DE", "--hook-complete", "--wait"))
    ).ok()
    hook = (await credentials_of(de, name, "complete"))["token"]
    await rok.until_state(f"{name}-wrong", "FAILED", kind="cluster")
    registered = [
        yaml.safe_load(one.kubeconfig_of())["users"][0]["user"]["token"] for one in sandboxes.values()
    ]
    return [hook, *registered]


def cluster(name: str, kubeconfig: Any) -> dict[str, Any]:
    """A cluster as clients register it."""
    return {"metadata": {"name": name}, "spec": {"kubeconfig": kubeconfig}}


async def expect(http: httpx.AsyncClient, method: str, path: str, document: Any, status: int) -> None:
    """Send a request whose outcome is known; its answer must not repeat what it was given."""
    answer = await http.request(method, path, json=document)
    assert answer.status_code == status, answer.text
    Search([PASSWORD, PROVIDER_TOKEN, WRONG_TOKEN, MISPLACED]).require_absent(answer.content, path)


async def expect_refusal(http: httpx.AsyncClient) -> None:
    """Call with a token that nobody has."""
    answer = await http.get("/kubernetes/clusters", headers={"Authorization": f"Bearer {BEARER}"})
    assert answer.status_code == 401
    Search([BEARER]).require_absent(answer.content, "the refusal")


async def search_answers(krake: Krake, rok: User, name: str, search: Search) -> int:
    """Every route that reads, for every resource that has secrets; returns how many answers there were."""
    seen = 0
    names = (name, "de", f"{name}-wrong", f"{name}-influx", f"{name}-prometheus")
    async with krake.http(timeout=60) as http:
        document = (await http.get("/openapi.json")).json()
        search.require_absent(json.dumps(document).encode(), "the OpenAPI document")
        for path, operations in document["paths"].items():
            for resource in names if "get" in operations else ():
                given = {"namespace": rok.namespace, "name": resource, "number": "1", "generation": "1"}
                address = filled(path, given)
                if address is not None:
                    answer = await http.get(address)
                    assert answer.status_code < 500, address
                    search.require_absent(answer.content, address)
                    seen += answer.status_code == 200
        for address in ("/metrics", "/docs"):
            search.require_absent((await http.get(address)).content, address)
    return seen


async def search_histories(krake: Krake, search: Search, began: datetime) -> int:
    """Every history that may have grown since then, decrypted; returns how many there were.

    In Temporal all but summaries is ciphertext.
    """
    runs = 0
    moment = f"{began:%Y-%m-%dT%H:%M:%SZ}"
    async for run in krake.client.list_workflows(f"CloseTime >= '{moment}' OR ExecutionStatus = 'Running'"):
        history = await krake.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        opened = json.dumps(await decrypted(krake.client, history)).encode()
        search.require_absent(opened, f"the decrypted history of {run.id}")
        for payload in payloads(json.loads(history.to_json())):
            metadata = payload["metadata"]
            known = "encryption-key-id" in metadata or "krake-plain" in metadata
            assert known or is_temporals_own(payload), run.id
        runs += 1
    return runs


def is_temporals_own(payload: dict[str, Any]) -> bool:
    """Search attributes, and the SDK's note of a local activity: its name and times."""
    if "type" in payload["metadata"]:
        return True
    note = json.loads(base64.b64decode(payload["data"]))
    return isinstance(note, dict) and note.keys() >= _NOTED


async def test_keys_are_rotated_under_a_running_stack(krake: Krake, rok: User, name: str) -> None:
    """API and worker take up the new key by themselves, and open what is encrypted with either."""
    (await rok.create(name, deployment(name), more=("-L", "location is DE", "--wait"))).ok()
    said: list[str] = []
    await Rotation(krake.settings).rotate(said.append)
    new, former = (await Rotation(krake.settings).keys())[:2]
    assert (new.use, former.secrets) == ("current", 0)
    assert said[-1].endswith(f"under the key {new.id}")

    (await rok.update(name, deployment(name, replicas=2), more=("--wait",))).ok()
    (await rok.delete(name, "--wait")).ok()
    handle = krake.client.get_workflow_handle(f"application/{rok.namespace}/{name}/deploy/2")
    used = (await handle.fetch_history()).to_json()
    assert new.id in key_ids(json.loads(used))
    assert (await Rotation(krake.settings).keys())[0].secrets >= 2


def key_ids(history: Any) -> set[str]:
    """The ids of the keys that a history is encrypted with."""
    found = (payload["metadata"].get("encryption-key-id", "") for payload in payloads(history))
    return {base64.b64decode(text).decode() for text in found}
