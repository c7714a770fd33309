"""Where an application is asked to shut down."""

from __future__ import annotations

from typing import Any

import pytest

from activities.kubernetes.errors import ClusterError
from activities.kubernetes.shutdown_service import CHOICE, PATH, PORT, SCHEME, ShutdownDefaults, shutdown_url

Document = dict[str, Any]

SERVER = "https://10.0.0.1:6443"


def service(name: str = "shutdown", *, kind: str = "NodePort") -> Document:
    """A Service with two ports."""
    ports = [{"name": "web", "port": 80, "nodePort": 30080}, {"name": "stop", "port": 81, "nodePort": 30081}]
    return {"metadata": {"name": name}, "spec": {"type": kind, "ports": ports}}


def annotated(annotations: dict[str, str], name: str = "shutdown") -> Document:
    """A Service with annotations."""
    found = service(name)
    found["metadata"]["annotations"] = annotations
    return found


def url(*services: Document) -> str:
    """Where these Services have the request sent."""
    return str(shutdown_url(list(services), SERVER, ShutdownDefaults()))


def test_the_service_named_shutdown_is_asked_as_upstream_does() -> None:
    assert url(service("web"), service()) == "http://10.0.0.1:30080/shutdown"


def test_annotations_choose_another_service_port_path_and_scheme() -> None:
    chosen = annotated({CHOICE: "true", PORT: "stop", PATH: "/end", SCHEME: "https"}, "web")
    assert url(service(), chosen) == "https://10.0.0.1:30081/end"
    assert url(annotated({PORT: "81"})) == "http://10.0.0.1:30081/shutdown"


def test_a_load_balancer_is_asked_at_its_own_address() -> None:
    found = service(kind="LoadBalancer")
    with pytest.raises(ClusterError, match="no address yet") as waiting:
        url(found)
    assert waiting.value.temporary
    found["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}
    assert url(found) == "http://192.0.2.7/shutdown"


@pytest.mark.parametrize(
    ("services", "words"),
    [
        ([], "no Service named shutdown"),
        ([service("web")], CHOICE),
        ([annotated({PORT: "none"})], "has no port none"),
        ([annotated({SCHEME: "file"})], "has to be http or https"),
        ([annotated({PATH: "//elsewhere", SCHEME: "ftp"})], "has to be http or https"),
        ([annotated({PATH: "relative"})], "to begin with /"),
        ([{"metadata": {"name": "shutdown"}, "spec": {"ports": [{"port": 80}]}}], "make it a NodePort"),
    ],
)
def test_what_can_never_be_asked_is_told_and_not_tried_again(services: list[Document], words: str) -> None:
    with pytest.raises(ClusterError, match=words) as caught:
        url(*services)
    assert not caught.value.temporary


def test_a_path_cannot_lead_to_another_host() -> None:
    assert url(annotated({PATH: "//evil.example.org/x"})).startswith("http://10.0.0.1:30080/")
