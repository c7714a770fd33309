"""Applications out of TOSCA templates and CSAR archives, on real clusters."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.files import file_server
from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import config_map, deployment
from tests.support.tosca import archive, template
from tests.support.user import User

IN_GERMANY = ("-L", "location is DE")


def scaled(name: str) -> dict[str, Any]:
    """A template of a Deployment whose number of replicas is an input, and of a ConfigMap."""
    head, tail = yaml.safe_dump(deployment(name, replicas=17)).split("replicas: 17\n")
    spec = {"concat": [head, "replicas:", {"get_input": "replicas"}, "\n", tail]}
    inputs = {"replicas": {"type": "integer", "default": 1, "constraints": [{"in_range": [1, 5]}]}}
    return template(spec, yaml.safe_dump(config_map(name)), inputs=inputs)


async def test_a_template_runs_with_its_inputs_and_can_be_mended(
    rok: User, de: Kubernetes, name: str
) -> None:
    file = rok.file(scaled(name))
    options = ("--tosca-input", "replicas=2", *IN_GERMANY, "--wait")
    (await rok("kube", "app", "create", "-f", file, name, *options)).ok()
    assert (await de.get(f"{DEPLOYMENTS}/{name}"))["status"]["availableReplicas"] == 2
    shown = await rok.get(name)
    assert shown["spec"]["manifest"] == []
    assert shown["status"]["translated_manifest"]["count"] == 2
    assert "manifest" not in shown["status"]["translated_manifest"]
    assert "TOSCA template, 2 objects" in (await rok("kube", "app", "get", name)).ok().out

    refused = await rok("kube", "app", "update", name, "--tosca-input", "replicas=9", "--wait")
    assert refused.code != 0
    status = await rok.until_state(
        name, "FAILED", says='Input "replicas" does not meet its constraint in_range'
    )
    assert status["reason"]["code"] == "INVALID_TOSCA_MANIFEST"
    assert (await de.get(f"{DEPLOYMENTS}/{name}"))["spec"]["replicas"] == 2

    (await rok("kube", "app", "update", name, "--tosca-input", "replicas=3", "--wait")).ok()
    assert (await de.get(f"{DEPLOYMENTS}/{name}"))["status"]["availableReplicas"] == 3
    events = [
        event["type"] for event in (await rok("kube", "app", "events", name, "-o", "json")).ok().json["items"]
    ]
    assert events.count("Translated") == 2
    (await rok.delete(name, "--wait")).ok()
    assert await de.find(f"{DEPLOYMENTS}/{name}") is None


async def test_an_archive_is_fetched_translated_and_replaced_by_a_manifest(
    rok: User, de: Kubernetes, name: str
) -> None:
    with file_server() as web:
        web.files["/shop.csar"] = archive({"template.yaml": scaled(name)})
        web.statuses["/shop.csar"] = [503]
        address = web.url("/shop.csar?token=t0ken")
        (await rok("kube", "app", "create", "-u", address, name, *IN_GERMANY, "--wait")).ok()
        assert len(web.requests) > 1, "it was tried again"
    assert (await de.get(f"{DEPLOYMENTS}/{name}"))["status"]["availableReplicas"] == 1
    shown = (await rok("kube", "app", "get", name)).ok().out
    assert "t0ken" not in shown
    assert "t0ken" not in (await rok("kube", "app", "events", name)).ok().out

    (await rok.update(name, config_map(name), more=("--wait",))).ok()
    assert await de.find(f"{DEPLOYMENTS}/{name}") is None
    assert await de.find(f"{CONFIG_MAPS}/{name}") is not None
    assert (await rok.get(name))["status"]["translated_manifest"] is None
    (await rok.delete(name, "--wait")).ok()
