"""What others change on the cluster: put right, reported or ignored, as the application asks."""

from __future__ import annotations

from typing import Any

from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, SERVICES, Kubernetes
from tests.support.manifests import CRASH_LOOP, STATE, config_map, deployment
from tests.support.stack import Krake
from tests.support.user import User
from tests.support.waiting import until

Document = dict[str, Any]

IN_ITALY = ("-L", "location is IT", "--wait")


async def until_drift(rok: User, name: str, *changes: str) -> list[Document]:
    """Wait until the status shows these changes and no others."""
    seen: list[Document] = []

    async def shown() -> bool:
        seen[:] = (await rok.seen(name))["status"]["drift"]
        return [item["change"] for item in seen] == list(changes)

    await until(f"the drift of {name} is {changes}", shown, 20)
    return seen


async def events(rok: User, name: str) -> list[str]:
    """Events as `TYPE message`."""
    listing = (await rok("kube", "app", "events", name, "-o", "json")).ok().json
    return [f"{item['type']} {item['message']}" for item in listing["items"]]


async def test_reported_ignored_and_corrected(rok: User, it: Kubernetes, name: str) -> None:
    objects = (config_map(name, colour="blue"), deployment(name))
    (await rok.create(name, *objects, more=(*IN_ITALY, "--drift", "report"))).ok()
    settings, web = f"{CONFIG_MAPS}/{name}", f"{DEPLOYMENTS}/{name}"
    await it.merge(settings, {"data": {"colour": "red", "theirs": "stays"}})
    [drift] = await until_drift(rok, name, "altered")
    assert (drift["kind"], drift["fields"]) == ("ConfigMap", ["data.colour"])
    assert len(drift["managers"]) == 1

    await it.delete(web)
    found = await until_drift(rok, name, "altered", "missing")
    assert found[0]["since"] == drift["since"]
    assert (await rok.get(name))["status"]["state"] == "DEGRADED"

    compared = await rok("kube", "app", "diff", name)
    assert compared.code == 1
    words = " ".join(compared.out.split())
    assert "data.colour" in words
    assert "blue" in words
    assert "is not there" in words
    told = [event for event in await events(rok, name) if event.startswith("Drifted")]
    assert len(told) == 2
    assert all(event.endswith("only reported, as the application asks") for event in told)

    (await rok("kube", "app", "update", name, "--drift", "ignore")).ok()
    await until_drift(rok, name)
    assert (await it.get(settings))["data"]["colour"] == "red"
    assert await it.find(web) is None

    (await rok("kube", "app", "update", name, "--drift", "correct")).ok()
    await it.until_there(web)
    await rok.until_state(name, "RUNNING")
    assert (await it.get(settings))["data"] == {"colour": "blue", "theirs": "stays"}
    await until_drift(rok, name)
    compared = await rok("kube", "app", "diff", name)
    assert (compared.code, compared.out) == (0, "Nothing differs: 2 objects on it are as applied\n")
    (await rok.delete(name, "--wait")).ok()


SCHEMA = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    Team: null
spec:
  type: null
  sessionAffinity: null
  ports:
  - port: null
  - observer_schema_list_min_length: 1
    observer_schema_list_max_length: 2
"""


async def test_an_observer_schema_decides_what_counts(rok: User, it: Kubernetes, name: str) -> None:
    service: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"Team": "Web", "tier": "front"}},
        "spec": {"ports": [{"name": "http", "port": 80}]},
    }
    schema = rok.text_file(SCHEMA.format(name=name))
    (await rok.create(name, service, more=(*IN_ITALY, "-O", schema))).ok()
    path = f"{SERVICES}/{name}"
    learned = (await rok.get(name))["status"]["objects"][0]["observed_fields"]
    assert (learned["spec.sessionAffinity"], learned["spec.type"]) == ("None", "ClusterIP")

    # What the schema leaves out is nobody's business, also when it is what Krake applied.
    await it.merge(path, {"metadata": {"labels": {"tier": "back"}}})
    # A field that the manifest does not name was learned, and is put back like one that it names.
    await it.merge(path, {"metadata": {"labels": {"Team": "x"}}, "spec": {"sessionAffinity": "ClientIP"}})

    async def restored() -> bool:
        live = await it.get(path)
        return (live["metadata"]["labels"]["Team"], live["spec"]["sessionAffinity"]) == ("Web", "None")

    await until("the observed fields are as they were", restored)
    await rok.until_state(name, "RUNNING")
    ports = [{"name": f"more-{number}", "port": 81 + number} for number in range(2)]
    await it.merge(path, {"spec": {"ports": [*service["spec"]["ports"], *ports]}})
    [drift] = await until_drift(rok, name, "altered")
    assert drift["fields"] == ["spec.ports (length)"]
    await rok.until_idle(name)
    compared = await rok("kube", "app", "diff", name, "-o", "json")
    assert [field["path"] for field in compared.json["objects"][0]["fields"]] == ["spec.ports (length)"]
    assert compared.code == 1
    (await rok.delete(name, "--wait")).ok()


async def test_a_wrong_observer_schema_is_refused(rok: User, name: str) -> None:
    schema = rok.text_file(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: 1}}\n")
    answer = await rok.create(name, config_map(name), more=("-O", schema))
    assert answer.code == 5
    assert "spec.observer_schema[0].data.a: Value of 'a' is not 'None'" in answer.err


async def test_what_nobody_observes_is_unknown(rok: User, krake_up: Krake, name: str) -> None:
    (await rok.create(name, config_map(name), more=IN_ITALY)).ok()
    await krake_up.worker.stop()
    status = await rok.until_state(name, "UNKNOWN", says="not confirmed since")
    assert status["message"].endswith("was RUNNING then")
    await krake_up.worker.start()
    await rok.until_state(name, "RUNNING", seconds=60)
    (await rok.delete(name, "--wait")).ok()


async def test_a_crash_loop_is_told_with_its_reason(rok: User, it: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name), more=(*IN_ITALY, "--drift", "ignore"))).ok()
    template = {"metadata": {"annotations": {STATE: CRASH_LOOP}}}
    await it.merge(f"{DEPLOYMENTS}/{name}", {"spec": {"template": template}})
    await rok.until_state(name, "DEGRADED", says="CrashLoopBackOff")
    (await rok.delete(name, "--wait")).ok()
