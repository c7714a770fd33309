"""What happens to a running application on its cluster is seen, and mended where Krake can mend it."""

from __future__ import annotations

from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import config_map, deployment
from tests.support.user import User
from tests.support.waiting import until

IN_ITALY = ("-L", "location is IT", "--wait")


async def test_a_deleted_object_comes_back(rok: User, it: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name), config_map(name), more=IN_ITALY)).ok()
    before = (await it.get(f"{DEPLOYMENTS}/{name}"))["metadata"]["uid"]
    await it.delete(f"{DEPLOYMENTS}/{name}")

    async def back() -> bool:
        found = await it.find(f"{DEPLOYMENTS}/{name}")
        return found is not None and found["metadata"]["uid"] != before

    await until("the Deployment is back", back)
    await it.until_replicas(name, 1)
    await rok.until_state(name, "RUNNING")
    events = (await rok("kube", "app", "events", name, "-o", "json")).ok().json["items"]
    assert f"removed on the cluster: Deployment/{name}" in [event["message"] for event in events]
    (await rok.delete(name, "--wait")).ok()
    assert await it.find(f"{DEPLOYMENTS}/{name}") is None


async def test_an_altered_object_is_set_right(rok: User, it: Kubernetes, name: str) -> None:
    (await rok.create(name, config_map(name, colour="blue"), more=IN_ITALY)).ok()
    await it.merge(f"{CONFIG_MAPS}/{name}", {"data": {"colour": "red", "theirs": "stays"}})

    async def blue() -> bool:
        data: dict[str, str] = (await it.get(f"{CONFIG_MAPS}/{name}"))["data"]
        return data == {"colour": "blue", "theirs": "stays"}

    await until("the ConfigMap is blue again", blue)
    await rok.until_state(name, "RUNNING")
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()


async def test_the_number_of_replicas_is_set_right(rok: User, it: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name, replicas=2), more=IN_ITALY)).ok()
    await it.merge(f"{DEPLOYMENTS}/{name}", {"spec": {"replicas": 0}})
    await it.until_replicas(name, 2)
    await rok.until_state(name, "RUNNING")
    (await rok.delete(name, "--wait")).ok()


async def test_a_change_of_readiness_is_seen_and_so_is_its_end(rok: User, it: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name), more=IN_ITALY)).ok()
    node = (await it.pods(name))[0]["spec"]["nodeName"]
    nodes = [item["metadata"]["name"] for item in (await it.get("/api/v1/nodes"))["items"]]
    for one in nodes:
        await it.merge(f"/api/v1/nodes/{one}", {"spec": {"unschedulable": True}})
    try:
        pod = (await it.pods(name))[0]["metadata"]["name"]
        await it.delete(f"/api/v1/namespaces/default/pods/{pod}")
        await rok.until_state(name, "DEGRADED", says="0 of 1 replicas available")
    finally:
        for one in nodes:
            await it.merge(f"/api/v1/nodes/{one}", {"spec": {"unschedulable": None}})
    assert node in nodes
    await rok.until_state(name, "RUNNING")
    (await rok.delete(name, "--wait")).ok()
