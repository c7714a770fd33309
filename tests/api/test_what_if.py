"""Dry runs and what-ifs: the decision as it would be, with nothing stored."""

from __future__ import annotations

from typing import Any

import httpx

from krake.store import Store
from tests.api.documents import APPLICATIONS, application
from tests.support.store import UPDATED, add

ECHO = f"{APPLICATIONS}/echo"
DRY = {"dry_run": "True"}


async def two_clusters(store: Store) -> None:
    """One cluster with two cores, one with eight."""
    for name, cpu in (("small", "2"), ("large", "8")):
        status = {
            "state": "ONLINE",
            "nodes": [
                {
                    "metadata": {"name": "n"},
                    "status": {
                        "conditions": [{"type": "Ready", "status": "True"}],
                        "allocatable": {"cpu": cpu, "pods": "10"},
                    },
                }
            ],
        }
        await add(store, name, kind="Cluster", status=status)


def asking_for(cpu: str, **spec: Any) -> dict[str, Any]:
    """An application with one Pod."""
    containers = [{"name": "main", "image": "i", "resources": {"requests": {"cpu": cpu}}}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}}
    return {"metadata": {"name": "echo"}, "spec": {"manifest": [pod], **spec}}


async def test_a_dry_run_validates_decides_and_stores_nothing(
    client: httpx.AsyncClient, store: Store
) -> None:
    await two_clusters(store)
    before = await store.revision()
    answer = await client.post(APPLICATIONS, json=asking_for("4"), params=DRY)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["kind"] == "DryRun"
    assert told["resource"]["metadata"]["name"] == "echo"
    assert told["decision"]["chosen"]["name"] == "large"
    assert told["decision"]["id"] is None
    refused = told["decision"]["candidates"][1]
    reasons = [item["reason"] for item in refused["verdicts"] if not item["passed"]]
    assert "cpu: needs 4, free 2 of 2 (reserved 0)" in reasons
    assert await store.find("Application", "testing", "echo") is None
    assert await store.revision() == before
    assert await store.events() == [event for event in await store.events() if event.kind == "Cluster"]

    assert (await client.post(APPLICATIONS, json={"metadata": {"name": "x"}}, params=DRY)).status_code == 422
    assert (await client.put(ECHO, json=asking_for("4"), params=DRY)).status_code == 404
    await client.post(APPLICATIONS, json=asking_for("1"))
    assert (await client.post(APPLICATIONS, json=asking_for("1"), params=DRY)).status_code == 409
    update = (await client.put(ECHO, json=asking_for("16"), params=DRY)).json()
    assert update["resource"]["metadata"]["generation"] == 2
    assert update["decision"]["chosen"] is None
    assert (await client.get(ECHO)).json()["metadata"]["generation"] == 1


async def test_what_is_no_quantity_is_refused_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.post(APPLICATIONS, json=asking_for("many"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "spec.manifest"
    assert "Pod/p" in answer.json()["errors"][0]["message"]


async def test_what_if(client: httpx.AsyncClient, store: Store) -> None:
    await two_clusters(store)
    await client.post(APPLICATIONS, json=asking_for("4"))
    now = (await client.post(f"{ECHO}/decisions", json={})).json()
    assert now["chosen"]["name"] == "large"
    then = (await client.post(f"{ECHO}/decisions", json={"cordon": ["large"]})).json()
    assert then["chosen"] is None
    assert "large (cordoned: it takes no new applications)" in then["summary"]
    assert (await client.get(f"{ECHO}/decisions")).json()["items"] == []

    for wrong, words in (
        ({"cordon": ["never"]}, "There is no cluster 'never'"),
        ({"metrics": {"large": {"load": 1}}}, "Cluster 'large' has no metric 'load'"),
        ({"weights": {"load": 2}}, "No cluster has a metric 'load'"),
        ({"weights": {"load": -1}}, "weights.load"),
        ({"other": 1}, "Unknown field"),
    ):
        answer = await client.post(f"{ECHO}/decisions", json=wrong)
        assert answer.status_code == 422, wrong
        assert words in answer.text
    assert (await client.post(f"{APPLICATIONS}/never/decisions", json={})).status_code == 404


async def test_a_dry_run_of_what_asks_for_nothing(client: httpx.AsyncClient) -> None:
    told = (await client.post(APPLICATIONS, json=application(), params=DRY)).json()
    assert told["decision"]["chosen"] is None
    assert "there is no cluster in namespace testing" in told["decision"]["summary"]


async def test_a_dry_run_sees_what_clusters_inherit_from_their_clouds(
    client: httpx.AsyncClient, store: Store
) -> None:
    await two_clusters(store)
    await add(store, "sky", "", "GlobalCloud", labels={"location": "DE"}, spec={"type": "custom"})
    place = {"api": "infrastructure", "kind": "GlobalCloud", "namespace": None, "name": "sky"}
    large = await store.get("Cluster", "testing", "large")
    async with store.transaction() as transaction:
        await transaction.write_status(large, {"scheduled_to": place})
        await transaction.update_spec(large, labels={}, spec={}, inherit_labels=True, event=UPDATED)
    wanted = {"cluster": {"labels": ["location is DE"]}}
    answer = await client.post(APPLICATIONS, json=asking_for("1", constraints=wanted), params=DRY)
    decision = answer.json()["decision"]
    assert decision["chosen"]["name"] == "large"
    assert "label location is DE (inherited)" in str(decision)
