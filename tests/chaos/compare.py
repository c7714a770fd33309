"""The comparison at rest: the model with the store, and with what the clusters themselves say."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from tests.chaos.client import Client
from tests.chaos.model import Application, Model
from tests.chaos.operations import APPLICATIONS
from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, OWNER, SERVICES, Kubernetes

Document = dict[str, Any]
Found = dict[str, dict[str, Document]]
"""Objects as `kind/name`, by the uid that they are marked with."""

_KINDS = {"Deployment": DEPLOYMENTS, "Service": SERVICES, "ConfigMap": CONFIG_MAPS}


async def compare(client: Client, model: Model, clusters: dict[str, Kubernetes]) -> dict[str, str]:
    """What is wrong, by the name of the application or object that it is wrong with."""
    found = dict(
        zip(clusters, await asyncio.gather(*(_marked(one) for one in clusters.values())), strict=True)
    )
    stored = await client.list(APPLICATIONS)
    wrong = dict.fromkeys(stored.keys() - model.applications.keys(), "is in the store and should not be")
    known = set()
    for name, application in model.applications.items():
        if name not in stored:
            wrong[name] = "is lost"
            continue
        known.add(stored[name]["metadata"]["uid"])
        trouble = _trouble(application, stored[name], clusters, found)
        if trouble:
            wrong[name] = "; ".join(trouble)
    for cluster, owners in found.items():
        for uid in owners.keys() - known:
            names = ", ".join(sorted(owners[uid]))
            wrong[names] = f"left on {cluster} without a record, by application {uid}"
    return wrong


def _trouble(
    application: Application, stored: Document, clusters: dict[str, Kubernetes], found: dict[str, Found]
) -> list[str]:
    uid, status = stored["metadata"]["uid"], stored["status"]
    home = status["running_on"]["name"]
    trouble = [
        f"has {', '.join(sorted(owners[uid]))} on {cluster} while it runs on {home}"
        for cluster, owners in found.items()
        if cluster != home and uid in owners
    ]
    objects = found[home].get(uid, {})
    if objects.keys() != application.objects:
        trouble.append(f"has {sorted(objects)} on {home}, expected {sorted(application.objects)}")
    tokens = {item["data"]["token"] for key, item in objects.items() if key.startswith("ConfigMap/")}
    if tokens != {application.token}:
        trouble.append(f"has content {sorted(tokens)} on {home}, expected {application.token}")
    location = clusters[home].sandbox.spec.labels["location"]
    if application.location not in (None, location):
        trouble.append(f"runs in {location}, expected {application.location}")
    if not _is_ready(objects.get(f"Deployment/{application.name}", {})):
        trouble.append(f"is not ready on {home}")
    return trouble


def _is_ready(deployment: Document) -> bool:
    return bool((deployment.get("status") or {}).get("availableReplicas"))


async def _marked(cluster: Kubernetes) -> Found:
    owners: Found = defaultdict(dict)
    for kind, collection in _KINDS.items():
        for item in (await cluster.get(f"{collection}?labelSelector={OWNER}"))["items"]:
            metadata = item["metadata"]
            owners[metadata["labels"][OWNER]][f"{kind}/{metadata['name']}"] = item
    return dict(owners)
