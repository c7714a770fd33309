"""Where Services answer, and when somebody is behind them."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.services import address, needs_endpoints, ready_endpoints, service_port
from tests.activities.kubernetes.documents import service

Document = dict[str, Any]
SERVER = "https://k8s.example.org:6443"


def balanced(*ingress: Document) -> Document:
    """A LoadBalancer with what its provider gave it."""
    document = service("LoadBalancer", ports=[{"port": 443, "nodePort": 30443}])
    document["status"] = {"loadBalancer": {"ingress": list(ingress)} if ingress else {}}
    return document


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (balanced({"ip": "192.0.2.7"}), "192.0.2.7:443"),
        (balanced({"hostname": "lb.example.org"}), "lb.example.org:443"),
        (balanced(), "<pending>:443"),
        (service("LoadBalancer"), "<pending>:80"),
        (service("NodePort", ports=[{"port": 80, "nodePort": 30080}]), "k8s.example.org:30080"),
        (
            service("NodePort", ports=[{"port": 80, "nodePort": 30080}, {"port": 81, "nodePort": 30081}]),
            "k8s.example.org:30080",
        ),
        (service("ClusterIP"), None),
        (service(None), None),
        (service("ClusterIP", clusterIP="None"), None),
        (service("ClusterIP", clusterIP="None", ports=[]), None),
        (service("ExternalName", externalName="db.example.org", ports=[]), None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_address_outside_the_cluster(document: Document, expected: str | None) -> None:
    port = service_port(document)
    assert (address(port, SERVER) if port else None) == expected


def test_a_cluster_with_an_ipv6_address() -> None:
    port = service_port(service("NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    assert port is not None
    assert address(port, "https://[2001:db8::1]:6443") == "[2001:db8::1]:30080"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (service("ClusterIP", selector={"app": "echo"}), True),
        (service("ClusterIP", clusterIP="None", selector={"app": "echo"}), True),
        (service("ClusterIP"), False),
        (service("ExternalName", externalName="db.example.org", selector={"app": "echo"}), False),
    ],
    ids=["selects", "headless", "without selector", "external name"],
)
def test_only_a_service_that_selects_pods_needs_endpoints(document: Document, expected: bool) -> None:
    assert needs_endpoints(document) is expected


def test_endpoints_count_when_they_are_ready_or_say_nothing() -> None:
    endpoints = [
        {"addresses": ["10.0.0.1"], "conditions": {"ready": True}},
        {"addresses": ["10.0.0.2"], "conditions": {"ready": False, "terminating": True}},
        {"addresses": ["10.0.0.3"], "conditions": {}},
        {"addresses": ["10.0.0.4"]},
    ]
    assert ready_endpoints({"endpoints": endpoints}) == 3
    assert ready_endpoints({"endpoints": None}) == 0
    assert ready_endpoints({}) == 0
