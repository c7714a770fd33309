"""Changing and deleting applications, also while something is being done about them."""

from __future__ import annotations

from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import IMAGE_PULL, config_map, deployment, service
from tests.support.user import User
from tests.support.waiting import until

IN_GERMANY = ("-L", "location is DE")


async def test_an_update_changes_objects_in_place_and_removes_what_left_the_manifest(
    rok: User, de: Kubernetes, name: str
) -> None:
    objects = (deployment(name), service(name), config_map(name))
    (await rok.create(name, *objects, more=(*IN_GERMANY, "--wait"))).ok()
    before = await de.get(f"{DEPLOYMENTS}/{name}")

    updated = await rok.update(name, deployment(name, replicas=3), service(name), more=("--wait",))
    assert "is RUNNING" in updated.ok().err
    after = await de.get(f"{DEPLOYMENTS}/{name}")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["status"]["availableReplicas"] == 3
    assert await de.find(f"{CONFIG_MAPS}/{name}") is None
    listed = {item["kind"] for item in (await rok.get(name))["status"]["objects"]}
    assert listed == {"Deployment", "Service"}

    (await rok.delete(name, "--wait")).ok()
    assert await de.find(f"{DEPLOYMENTS}/{name}") is None
    assert await de.pods(name) == []


async def test_a_failed_update_can_be_mended(rok: User, de: Kubernetes, name: str) -> None:
    (await rok.create(name, config_map(name), more=(*IN_GERMANY, "--wait"))).ok()
    broken = {"apiVersion": "v1", "kind": "Gadget", "metadata": {"name": name}}
    refused = await rok.update(name, config_map(name), broken, more=("--wait",))
    assert refused.code == 1
    assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "value"}

    (await rok.update(name, config_map(name, key="mended"), more=("--wait",))).ok()
    assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "mended"}
    assert (await rok.get(name))["status"]["reason"] is None
    (await rok.delete(name, "--wait")).ok()


async def test_quick_updates_end_in_the_newest(rok: User, de: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name, state=IMAGE_PULL), more=IN_GERMANY)).ok()
    for count in (2, 3, 4):
        (await rok.update(name, deployment(name, replicas=count, state=IMAGE_PULL))).ok()
    (await rok.update(name, deployment(name, replicas=2), more=("--wait",))).ok()
    document = await rok.get(name)
    assert document["status"]["observed_generation"] == document["metadata"]["generation"] == 5
    await de.until_replicas(name, 2)
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()
    assert await de.owned(document["metadata"]["uid"]) == []


async def test_what_is_being_deployed_can_be_deleted(rok: User, de: Kubernetes, name: str) -> None:
    objects = (deployment(name, state=IMAGE_PULL), config_map(name))
    (await rok.create(name, *objects, more=IN_GERMANY)).ok()
    await rok.until_state(name, "CREATING", says="Back-off pulling image")
    uid = await rok.uid(name)
    (await rok.delete(name, "--wait", "--timeout", "30s")).ok()
    assert await de.owned(uid) == []
    assert await de.pods(name) == []
    await rok.until_idle(name)


async def test_a_name_can_be_used_again(rok: User, de: Kubernetes, name: str) -> None:
    uids = set()
    for content in ("one", "two"):
        (await rok.create(name, config_map(name, key=content), more=(*IN_GERMANY, "--wait"))).ok()
        uids.add(await rok.uid(name))
        assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": content}
        (await rok.delete(name, "--wait")).ok()
    assert len(uids) == 2


async def test_what_belongs_to_somebody_else_stays_as_it_is(rok: User, de: Kubernetes, name: str) -> None:
    await de.create(CONFIG_MAPS, config_map(name, key="theirs"))
    refused = await rok.create(name, config_map(name, key="ours"), more=(*IN_GERMANY, "--wait"))
    assert refused.code == 1
    assert "is there already and managed by somebody else" in refused.err
    (await rok.delete(name, "--wait")).ok()
    assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "theirs"}
    await de.delete(f"{CONFIG_MAPS}/{name}")


async def test_two_applications_cannot_have_one_object(rok: User, de: Kubernetes, name: str) -> None:
    (await rok.create(name, config_map(name), more=(*IN_GERMANY, "--wait"))).ok()
    second = await rok.create(f"{name}-2", config_map(name), more=(*IN_GERMANY, "--wait"))
    assert second.code == 1
    assert "another application of Krake has this object" in second.err
    (await rok.delete(f"{name}-2", "--wait")).ok()
    assert await de.owned(await rok.uid(name)) == [f"configmaps/{name}"]
    (await rok.delete(name, "--wait")).ok()


async def test_a_deletion_waits_until_the_objects_are_gone(rok: User, de: Kubernetes, name: str) -> None:
    objects = config_map(name, finalizer="example.org/hold")
    (await rok.create(name, objects, more=(*IN_GERMANY, "--wait"))).ok()
    waited = await rok.delete(name, "--wait", "--timeout", "2s")
    assert waited.code == 6
    await rok.until_state(name, "DELETING", says=f"waiting for deletion of ConfigMap/{name}")
    await de.merge(f"{CONFIG_MAPS}/{name}", {"metadata": {"finalizers": None}})
    await rok.until_gone(name)

    async def gone() -> bool:
        return await de.find(f"{CONFIG_MAPS}/{name}") is None

    await until("the ConfigMap is gone", gone)
