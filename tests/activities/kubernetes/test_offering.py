"""What a cluster has beyond Kubernetes: definitions, and OpenShift's Routes.

The Route kind is installed as a definition, so that the API server treats it as OpenShift's does; the router,
which a sandbox has not, is played by writing the Route's status.
"""

from __future__ import annotations

from typing import Any

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.offering import read_offering
from krake.models.cluster import Platform
from tests.activities.workbench import Workbench
from tests.support.waiting import until

Document = dict[str, Any]

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def routes() -> Document:
    """OpenShift's definition of Routes, as far as Krake reads it."""
    loose = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": loose, "status": loose}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "routes.route.openshift.io"},
        "spec": {
            "group": "route.openshift.io",
            "scope": "Namespaced",
            "names": {"plural": "routes", "singular": "route", "kind": "Route"},
            "versions": [version],
        },
    }


async def test_a_route_on_openshift(bench: Workbench) -> None:
    access = await bench.connections.to(bench.cluster)
    connection = access.connection
    before = await read_offering(connection)
    assert (before.platform, before.definitions) == (Platform.KUBERNETES, ())
    await bench.api.create(DEFINITIONS, routes())

    async def served() -> bool:
        try:
            await access.discovery.find("route.openshift.io/v1", "Route")
        except ClusterError as error:
            assert error.not_served, error.message
            return False
        return True

    try:
        await until("Routes are served", served, 20)
        after = await read_offering(connection)
        assert (after.platform, after.definitions) == (Platform.OPENSHIFT, ("routes.route.openshift.io",))
        route = {
            "apiVersion": "route.openshift.io/v1",
            "kind": "Route",
            "metadata": {"name": "shop"},
            "spec": {"to": {"kind": "Service", "name": "shop"}, "tls": {"termination": "edge"}},
        }
        app = await bench.app("shop", route)
        await bench.apply(app)
        path = bench.path("routes", "shop", "route.openshift.io/v1")
        conditions = [{"type": "Admitted", "status": "True"}]
        ingress = [{"host": "shop.apps.example.org", "routerName": "default", "conditions": conditions}]
        await bench.api.merge(path, {"status": {"ingress": ingress}})
        assert (await bench.ready(app)).services == {"shop": "shop.apps.example.org:443"}
    finally:
        await bench.api.delete(f"{DEFINITIONS}/routes.route.openshift.io")
