"""A cluster by a TOSCA template and a real Infrastructure Manager, from its creation by `rok` to its removal.

What is real: the manager (IM 2.0) with its REST interface, its TOSCA parser, its database and its outputs,
and the cluster that the application runs on. What is not: the manager's connector Dummy boots nothing, its
machines are records that count as configured. So no Kubernetes is installed on them; the template's output
`kubeconfig` is that of a sandbox that was there before, and the manager passes it through.
"""

from __future__ import annotations

import pytest
import yaml

from krake.embedded import credentials
from krake.embedded.sandbox import Sandbox
from tests.activities.im.test_im import PASSWORD, USER, machines, provider_at, template
from tests.support.manifests import deployment
from tests.support.user import User

pytestmark = pytest.mark.timeout(600)


def tosca(sandbox: Sandbox, workers: int) -> str:
    """A template whose cluster is the sandbox, whatever its machines are."""
    document = template(workers)
    # Templates are stored and shown as they are, and `test_traces_of_secrets.py` looks for registered tokens.
    kubeconfig = sandbox.kubeconfig_of(credentials.User.KWOK)
    document["topology_template"]["outputs"] = {"kubeconfig": {"value": kubeconfig}}
    return yaml.safe_dump(document)


async def register(newcomer: User, url: str) -> None:
    """The manager as an infrastructure provider, and what its connector Dummy plays as a cloud."""
    sign_in = ("--url", url, "--username", USER, "--password", PASSWORD)
    (await newcomer("infra", "ip", "register", "im", "--type", "im", *sign_in)).ok()
    where = ("--type", "custom", "--infra-provider", "im", "--option", "type=Dummy", "-l", "location=DE")
    (await newcomer("infra", "cloud", "register", "lab", *where)).ok()


async def test_an_application_runs_on_a_cluster_of_a_template(
    infrastructure_manager: str,
    sandboxes: dict[str, Sandbox],
    newcomer: User,
    name: str,
) -> None:
    await register(newcomer, infrastructure_manager)
    file = newcomer.text_file(tosca(sandboxes["de"], 1))
    create = ("kube", "cluster", "create", name, "--file", file, "-L", "location is DE", "--inherit-labels")
    told = (await newcomer(*create, "--wait", "--timeout", "80s")).ok()
    assert "ONLINE" in told.out + told.err
    cluster = await newcomer.get(name, "cluster")
    manager = provider_at(infrastructure_manager)
    made = await manager.find(cluster["metadata"]["uid"])
    assert made is not None
    assert made == cluster["status"]["cluster_id"]
    assert await machines(manager, made) == 1
    assert (cluster["spec"]["kubeconfig"], cluster["status"]["running_on"]["name"]) == ({}, "lab")

    on_it = ("-L", "location is DE", "--wait", "--timeout", "60s")
    (await newcomer.create(name, deployment(name), more=on_it)).ok()
    wider = newcomer.text_file(tosca(sandboxes["de"], 3))
    (await newcomer("kube", "cluster", "update", name, "-f", wider, "--wait", "--timeout", "80s")).ok()
    assert await machines(manager, made) == 3
    assert (await newcomer.get(name))["status"]["state"] == "RUNNING"

    (await newcomer("kube", "cluster", "delete", name, "--policy", "cascade")).ok()
    await newcomer.until_gone(name, kind="cluster", seconds=90)
    await newcomer.until_gone(name)
    assert await manager.find(cluster["metadata"]["uid"]) is None
    await manager.close()
