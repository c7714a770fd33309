"""Every failure is two or three lines on standard error and a documented exit code."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from krake.embedded.ports import free_port
from rok.cli import main
from tests.rok.cli import Answer, Rok


def is_short(answer: Answer) -> bool:
    return 2 <= len(answer.err.strip().splitlines()) <= 4 and "Traceback" not in answer.err and not answer.out


def test_an_api_that_does_not_answer(rok: Rok) -> None:
    url = f"http://127.0.0.1:{free_port('127.0.0.1')}"
    answer = rok("kube", "app", "list", ROK_API_URL=url)
    assert answer.code == 10
    assert is_short(answer)
    assert url in answer.err
    assert "krake up" in answer.err


def test_a_host_that_does_not_exist(rok: Rok) -> None:
    answer = rok("kube", "app", "list", ROK_API_URL="http://krake.invalid:8080")
    assert answer.code == 10
    assert is_short(answer)


@pytest.mark.parametrize("command", ["get", "delete", "update -l a=b", "events", "operations"])
def test_what_does_not_exist_comes_with_the_nearest_name(rok: Rok, manifest: str, command: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    verb, *options = command.split()
    answer = rok("kube", "app", verb, "shpo", *options)
    assert answer.code == 3
    assert is_short(answer)
    assert "'shpo' does not exist" in answer.err
    assert "Did you mean shop?" in answer.err


def test_what_is_in_another_namespace(rok: Rok, manifest: str, namespace: str) -> None:
    rok("kube", "app", "create", f"only-{namespace}", "-f", manifest).ok()
    answer = rok("kube", "app", "get", f"only-{namespace}", "-n", "elsewhere")
    assert answer.code == 3
    assert f"choose it with -n {namespace}" in answer.err


def test_an_empty_namespace(rok: Rok) -> None:
    assert "There is no cluster in namespace" in rok("kube", "cluster", "get", "nobody-has-this").err


def test_a_name_that_is_taken(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    answer = rok("kube", "app", "create", "shop", "-f", manifest)
    assert answer.code == 4
    assert is_short(answer)
    assert "already exists" in answer.err


def test_invalid_fields_are_listed_one_by_one(rok: Rok, manifest: str) -> None:
    answer = rok("kube", "app", "create", "a b", "-f", manifest, "-L", "foo bar", "-l", "x=")
    assert answer.code == 5
    lines = answer.err.splitlines()
    assert lines[0] == "Error: The request is not valid"
    assert {line.split(":")[0].strip() for line in lines[1:4]} == {
        "metadata.name",
        "metadata.labels",
        "spec.constraints.cluster.labels[0]",
    }


def test_a_manifest_that_lacks_its_kind(rok: Rok) -> None:
    Path("m.yaml").write_text("apiVersion: v1\nmetadata: {name: x}\n")
    answer = rok("kube", "app", "create", "shop", "-f", "m.yaml")
    assert answer.code == 5
    assert "Field 'kind' not found in resource at index 0 (metadata.name: x)" in answer.err


def test_a_manifest_of_3_mb(rok: Rok) -> None:
    document: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    document["data"] = {"a": "x" * (3 << 20)}
    Path("m.json").write_text(json.dumps(document))
    answer = rok("kube", "app", "create", "shop", "-f", "m.json")
    assert answer.code == 5
    assert is_short(answer)
    assert "Split the application" in answer.err


def test_wrong_usage_is_code_2(rok: Rok) -> None:
    assert rok("kube", "app", "create", "shop", "--hook-complete").code == 2
    assert rok("kube", "app", "list", "-L", "x").code == 2
    assert rok("kube", "app", "create", "shop", "-l", "x").code == 2


def test_an_unexpected_error_is_one_line_and_a_trace_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("an inner\nsurprise")

    monkeypatch.setattr("rok.session.load_config", broken)
    result = CliRunner().invoke(main, ["kube", "app", "list"])
    assert result.exit_code == 10
    assert result.stderr.startswith("Error: Unexpected RuntimeError: an inner surprise\n")
    assert "rok --debug" in result.stderr
    assert isinstance(CliRunner().invoke(main, ["--debug", "kube", "app", "list"]).exception, RuntimeError)


@pytest.fixture
def strange_server() -> Iterator[str]:
    """A server that is not Krake's API: the path's first part says how it misbehaves."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = 302 if "redirect" in self.path else 200
            self.send_response(code)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(b"<html>welcome</html>")

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_server_that_is_something_else(rok: Rok, strange_server: str) -> None:
    answer = rok("kube", "app", "list", ROK_API_URL=strange_server)
    assert answer.code == 10
    assert "is not Krake's API" in answer.err


def test_a_redirect_is_not_followed(rok: Rok, strange_server: str) -> None:
    """A token must not travel to another host."""
    answer = rok("kube", "app", "list", ROK_API_URL=f"{strange_server}/redirect")
    assert answer.code == 10
    assert "HTTP 302" in answer.err


def test_operations_without_temporal_say_so(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    answer = rok("kube", "app", "operations", "shop")
    assert answer.code == 10
    assert "Temporal" in answer.err


def test_usage_errors_stay_click_s_own() -> None:
    with pytest.raises(click.UsageError):
        main.main(["kube", "app", "get"], standalone_mode=False)
