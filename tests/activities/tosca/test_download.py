"""Downloads: from where they are made, how far, and what is said of those that fail."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address
from typing import Any

import pytest
import yaml

from activities.tosca import addresses
from activities.tosca.addresses import is_internal
from tests.activities.tosca.orders import manifest, outcome, problem
from tests.support.files import FileServer
from tests.support.tosca import CUSTOM_TYPES, archive, declared, template

GOOD = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}"
OBJECT = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
TEMPLATE = yaml.safe_dump(template(GOOD)).encode()


@pytest.fixture
def url(web: FileServer) -> str:
    """The URL of a good template."""
    web.files["/app.yaml"] = TEMPLATE
    return web.url("/app.yaml")


@pytest.mark.parametrize(
    ("address", "internal"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("0.0.0.0", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("100.100.100.200", True),
        ("169.254.169.254", True),
        ("168.63.129.16", True),
        ("224.0.0.1", True),
        ("240.0.0.1", True),
        ("255.255.255.255", True),
        ("198.18.0.1", True),
        ("::", True),
        ("::1", True),
        ("fe80::1", True),
        ("fe80::1%eth0", True),
        ("fec0::1", True),
        ("fd00:ec2::254", True),
        ("ff02::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("::127.0.0.1", True),
        ("64:ff9b::10.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("2002:7f00:1::", True),
        ("2002:a00:1::", True),
        ("2001:0:0:0:0:0:80ff:fffe", True),
        ("2001:db8::1", True),
        ("8.8.8.8", False),
        ("172.32.0.1", False),
        ("2606:4700:4700::1111", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::8.8.8.8", False),
    ],
)
def test_which_addresses_are_internal(address: str, internal: bool) -> None:
    assert is_internal(ip_address(address)) is internal


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_no_spelling_of_an_internal_address_is_fetched(web: FileServer, url: str, host: str) -> None:
    there = web.url("/app.yaml", host)
    message = problem(there, allow_internal_urls=False)
    assert "is at an internal address, which the setting tosca_allow_internal_urls forbids" in message
    assert web.requests == []


def test_the_setting_allows_internal_addresses(url: str) -> None:
    assert manifest(url) == [OBJECT]


def test_redirects_are_followed_and_checked_like_every_request(
    web: FileServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stands in for one on the Internet under its own name, and not under any other."""
    web.redirects |= {
        "/moved.yaml": "/app.yaml",
        "/inside.yaml": web.url("/app.yaml"),
        "/file.yaml": "file:///etc/passwd",
        "/ftp.yaml": "ftp://127.0.0.1/app.yaml",
        "/round.yaml": "/round.yaml",
    }
    made_public(monkeypatch, "krake.test")
    there = web.url("", "krake.test")
    assert manifest(f"{there}/moved.yaml", allow_internal_urls=False) == [OBJECT]
    assert web.requests[-1][1]["Host"] == f"krake.test:{web.port}"
    asked = len(web.requests)
    message = problem(f"{there}/inside.yaml", allow_internal_urls=False)
    assert "the host 127.0.0.1 is at an internal address" in message
    assert len(web.requests) == asked + 1
    for path in ("/file.yaml", "/ftp.yaml"):
        refused = problem(f"{there}{path}", allow_internal_urls=False)
        assert refused.startswith(f"Cannot download {there}{path}: ")
        assert "passwd" not in refused
    assert problem(f"{there}/round.yaml", allow_internal_urls=False).endswith("too many redirects")


def made_public(monkeypatch: pytest.MonkeyPatch, name: str, *answers: str) -> None:
    """Let a name resolve to this machine, whose address passes for one of the Internet under this name only.

    With `answers` it resolves to each of them in turn, the last one for ever.
    """
    real_resolve, real_internal = socket.getaddrinfo, addresses.is_internal
    left = list(answers or ("127.0.0.1",))
    public: list[Any] = []

    def resolve(host: Any, *arguments: Any, **more: Any) -> Any:
        public.clear()
        if host != name:
            return real_resolve(host, *arguments, **more)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer == "127.0.0.1":
            public.append(ip_address(answer))
        return real_resolve(answer, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(addresses, "is_internal", lambda one: one not in public and real_internal(one))


def test_a_name_is_resolved_once_and_that_very_address_is_used(
    web: FileServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look at the name would lead into the private network."""
    made_public(monkeypatch, "rebind.test", "127.0.0.1", "10.255.255.1")
    assert manifest(web.url("/app.yaml", "rebind.test"), allow_internal_urls=False) == [OBJECT]
    again = problem(web.url("/app.yaml", "rebind.test"), allow_internal_urls=False)
    assert "the host rebind.test is at an internal address" in again


def test_a_name_with_one_internal_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_host: Any, port: int, **_more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    message = problem("http://mixed.test/app.yaml", allow_internal_urls=False)
    assert "the host mixed.test is at an internal address" in message


def test_secrets_of_a_url_reach_the_server_and_no_message(web: FileServer, url: str) -> None:
    secret = url.replace("http://", "http://me:pass-word@") + "?token=t0ken#part"
    assert manifest(secret) == [OBJECT]
    path, headers = web.requests[-1]
    assert path == "/app.yaml?token=t0ken"
    assert headers["Authorization"].startswith("Basic ")
    web.files["/app.yaml"] = b"a: ["
    messages = [problem(secret), problem(secret, allow_internal_urls=False)]
    messages.append(problem(secret, document_bytes=1))
    del web.files["/app.yaml"]
    messages.append(problem(secret))
    for message in messages:
        assert f"127.0.0.1:{web.port}/app.yaml" in message
        assert not [word for word in ("me:", "pass-word", "t0ken", "#part") if word in message]


def test_size_and_time_are_limited(web: FileServer, url: str) -> None:
    assert problem(url, document_bytes=100) == f"Cannot download {url}: it is larger than 100 bytes"
    web.slow.add("/slow.yaml")
    begun = time.monotonic()
    message = problem(web.url("/slow.yaml"), download_seconds=0.3, passing=True)
    assert message.endswith("downloads took longer than 0.3 s")
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("status", "passing"), [(404, False), (403, False), (410, False), (429, True), (500, True), (503, True)]
)
def test_what_may_pass_is_told_from_what_has_to_be_mended(
    web: FileServer, url: str, status: int, passing: bool
) -> None:
    web.statuses["/app.yaml"] = [status]
    assert f"the server answered {status}" in problem(url, passing=passing)
    assert manifest(url) == [OBJECT]


def test_a_server_that_is_away_may_come_back() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert problem(f"http://127.0.0.1:{port}/app.yaml", passing=True).endswith("no connection")


def test_the_well_known_types_are_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_arguments: Any, **_more: Any) -> Any:
        raise AssertionError("something is fetched")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for known in (
        CUSTOM_TYPES,
        {"types": CUSTOM_TYPES},
        {"types": {"file": CUSTOM_TYPES}},
        "https://raw.githubusercontent.com/grycap/tosca/main/custom_types.yaml",
        "https://raw.githubusercontent.com/indigo-dc/tosca-types/v4/custom_types.yaml",
    ):
        assert manifest(template(GOOD, imports=[known])) == [OBJECT]


def test_a_template_imports_other_documents_by_url(web: FileServer) -> None:
    web.files["/defs/app.yaml"] = yaml.safe_dump(template(GOOD, imports=["types.yaml"])).encode()
    web.files["/defs/types.yaml"] = yaml.safe_dump(declared()).encode()
    assert manifest(web.url("/defs/app.yaml")) == [OBJECT]
    assert manifest(template(GOOD, imports=[{"mine": web.url("/defs/types.yaml")}])) == [OBJECT]
    repository = {"repositories": {"here": {"url": web.url("/defs/")}}}
    by_name = {"mine": {"file": "types.yaml", "repository": "here"}}
    assert manifest(template(GOOD, imports=[by_name], **repository)) == [OBJECT]
    escaping = template(GOOD, imports=[web.url("/defs/types.yaml")])
    assert "internal address" in problem(escaping, allow_internal_urls=False)


def test_the_number_of_imports_is_limited(web: FileServer) -> None:
    for index in range(30):
        web.files[f"/{index}.yaml"] = yaml.safe_dump({"imports": [f"{index + 1}.yaml"]}).encode()
    message = problem(template(GOOD, imports=[web.url("/0.yaml")]), imports=5)
    assert message == "The template imports more than 5 documents"
    assert len(web.requests) == 5


def test_the_digest_covers_template_imports_archive_and_inputs(web: FileServer) -> None:
    inputs = {"a": {"type": "string", "default": "x"}}
    web.files["/types.yaml"] = yaml.safe_dump(declared()).encode()
    document = template(GOOD, inputs=inputs, imports=[web.url("/types.yaml")])
    digests = [outcome(document, inputs=given).digest for given in ({}, {}, {"a": "y"})]
    web.files["/types.yaml"] += b"# more"
    digests.append(outcome(document).digest)
    assert digests[0] == digests[1]
    assert len({digest for digest in digests if len(digest) == 64}) == 3
    web.files["/a.zip"] = archive({"template.yaml": template(GOOD)})
    first = outcome(csar=web.url("/a.zip")).digest
    web.files["/a.zip"] = archive({"template.yaml": template(GOOD), "more": "x"})
    assert outcome(csar=web.url("/a.zip")).digest != first
