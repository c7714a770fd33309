"""What the whole run left behind: neither secrets nor manifests in histories, logs and answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from krake.embedded.admin_token import read_token
from krake.embedded.sandbox import Sandbox
from tests.support.kubernetes import Kubernetes
from tests.support.manifests import IMAGE, config_map, deployment
from tests.support.stack import Krake
from tests.support.traces import decrypted
from tests.support.user import User

MARK = "text-of-a-manifest-that-nobody-may-see"
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


_URL_SAFE = str.maketrans("+/", "-_")


def secrets(sandboxes: dict[str, Sandbox]) -> list[str]:
    """The tokens of both clusters, and a wrong one."""
    found = [yaml.safe_load(one.kubeconfig_of())["users"][0]["user"]["token"] for one in sandboxes.values()]
    return [*found, "wrong-token-of-the-test"]


def decoded(value: Any) -> Iterator[str]:
    """Every text in a document, and what is in it when it is base64."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (str(key), *decoded(item))
    elif isinstance(value, list):
        for item in value:
            yield from decoded(item)
    elif isinstance(value, str):
        yield value
        if _ENCODED.fullmatch(value) and len(value.rstrip("=")) % 4 != 1:
            yield base64.urlsafe_b64decode(value.rstrip("=").translate(_URL_SAFE) + "===").decode(
                errors="replace"
            )


def without(text: str, forbidden: list[str], where: str) -> None:
    """None of these is in the text; the text itself is not shown."""
    for number, word in enumerate(forbidden):
        assert word not in text, f"forbidden text {number} is in {where}"


async def test_histories_hold_neither_secrets_nor_manifests(
    krake: Krake, rok: User, sandboxes: dict[str, Sandbox], name: str
) -> None:
    objects = (deployment(name, env=[{"name": "TEXT", "value": MARK}]), config_map(name, text=MARK))
    (await rok.create(name, *objects, more=("--wait",))).ok()
    (await rok.delete(name, "--wait")).ok()

    keys = [line.split()[0] for line in krake.settings.key_file.read_text().splitlines()]
    own = [read_token(krake.token_file), *keys]
    forbidden, seen = [*secrets(sandboxes), *own, MARK, IMAGE, '"containers"'], set()
    async for run in krake.client.list_workflows(""):
        history = await krake.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        for text in decoded(await decrypted(krake.client, history)):
            # Why an image cannot be pulled names the image, as it should.
            shown = re.sub(r"Back-off pulling image \S+", "", text)
            without(shown, forbidden, f"the history of {run.id}")
        seen.add(run.workflow_type)
    assert seen >= {"Application", "DeployApplication", "DeleteApplication", "ObserveCluster", "Sweep"}


async def test_a_history_is_small_and_readable(krake: Krake, rok: User, name: str) -> None:
    (await rok.create(name, config_map(name, text="x" * 100_000), more=("--wait",))).ok()
    handle = krake.client.get_workflow_handle(f"application/{rok.namespace}/{name}/deploy/1")
    history = await handle.fetch_history()
    assert len(history.to_json()) < 40_000
    # Without any key: operators see what is done, and nothing else.
    summaries = " ".join(text for text in decoded(json.loads(history.to_json())))
    assert "wait until ready on" in summaries
    (await rok.delete(name, "--wait")).ok()


async def test_logs_hold_no_secrets(krake: Krake, sandboxes: dict[str, Sandbox]) -> None:
    forbidden = [*secrets(sandboxes), MARK, read_token(krake.token_file)]
    for part in krake.parts:
        text = part.log.read_text()
        without(text, forbidden, f"the log of {part.spec.name}")
        if part is not krake.temporal:
            assert text, f"{part.spec.name} logs nothing"


async def test_answers_hold_no_secrets(krake: Krake, settled: str, sandboxes: dict[str, Sandbox]) -> None:
    forbidden = secrets(sandboxes)
    clusters = f"/kubernetes/namespaces/{settled}/clusters"
    paths = ["/kubernetes/clusters", clusters, *(f"{clusters}/{name}" for name in sandboxes)]
    paths += [f"{clusters}/{name}/{part}" for name in sandboxes for part in ("events", "operations")]
    async with krake.http() as http:
        for path in [*paths, "/metrics"]:
            answer = await http.get(path)
            assert answer.status_code == 200, path
            without(answer.text, forbidden, path)


async def test_nothing_is_at_work_any_more(krake: Krake, de: Kubernetes, it: Kubernetes) -> None:
    running = krake.client.list_workflows("ExecutionStatus='Running'")
    assert {run.workflow_type async for run in running} <= {"ObserveCluster", "Sweep"}
    assert {cluster.name: await cluster.owned() for cluster in (de, it)} == {"de": [], "it": []}
