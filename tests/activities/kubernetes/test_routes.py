"""OpenShift's Routes, and custom resources that say of themselves whether they are ready."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.readiness import assess
from activities.kubernetes.views import view_of
from tests.activities.kubernetes.documents import condition, live
from tests.activities.kubernetes.test_survey import applied, look

Document = dict[str, Any]

ADMITTED, REFUSED = (
    condition("Admitted"),
    condition("Admitted", "False", "HostAlreadyClaimed", "taken by another route"),
)


def route(*conditions: Document, host: str = "shop.apps.example.org", **spec: Any) -> Document:
    """A Route with what one router says of it; without conditions none has looked at it."""
    ingress = [{"host": host, "conditions": list(conditions)}] if conditions else []
    return live(
        "Route",
        {"host": host, **spec},
        {"ingress": ingress},
        api_version="route.openshift.io/v1",
        name="shop",
        observed=None,
    )


@pytest.mark.parametrize(
    ("document", "address", "message"),
    [
        (route(ADMITTED), "shop.apps.example.org:80", ""),
        (route(ADMITTED, tls={"termination": "edge"}), "shop.apps.example.org:443", ""),
        (route(), "<pending>:80", "Route/shop: no router has admitted it yet"),
        (
            route(REFUSED),
            "<pending>:80",
            "Route/shop: not admitted by its router: HostAlreadyClaimed: taken by another route",
        ),
    ],
)
def test_a_route_is_a_service_once_it_is_admitted(document: Document, address: str, message: str) -> None:
    found = look([applied(document)], document)
    assert found.services == {"shop": address}
    assert (found.ready, found.message) == (not message, message)


def test_routes_of_others_are_other_things() -> None:
    document = {**route(), "apiVersion": "serving.knative.dev/v1"}
    assert assess(document).ready
    assert view_of(document).port is None


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ({}, ""),
        ({"conditions": [condition("Ready")]}, ""),
        ({"conditions": [condition("Ready", "Unknown")]}, ""),
        ({"conditions": [condition("Ready", "False", "Broken", "no disk")]}, "no disk"),
        ({"conditions": "odd"}, ""),
    ],
)
def test_a_custom_resource_may_say_that_it_is_not_ready(status: Document, message: str) -> None:
    found = assess(live("Database", {}, status, api_version="example.org/v1", observed=None))
    assert (found.ready, found.message) == (not message, message)


def test_a_custom_resource_that_its_controller_has_not_seen_is_not_ready() -> None:
    document = live("Database", {}, {}, api_version="example.org/v1", generation=2, observed=1)
    assert assess(document).message == "its change is not yet observed by its controller"
