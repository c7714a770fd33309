"""Applications out of TOSCA templates and CSAR archives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rok.cli import Rok
from tests.support.tosca import template

ARCHIVE = "https://example.org/shop.csar"
TEMPLATE = template(
    "{apiVersion: v1, kind: Secret, metadata: {name: x}}", inputs={"port": {"type": "integer"}}
)


@pytest.fixture
def tosca(clean_surroundings: Path) -> str:
    """The path of a valid template."""
    (clean_surroundings / "tosca.yaml").write_text(yaml.safe_dump(TEMPLATE))
    return "tosca.yaml"


def sources(document: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """What an application is made of."""
    spec = document["spec"]
    return len(spec["manifest"]), spec["tosca"], spec["csar"], spec["tosca_inputs"]


def create(rok: Rok, *options: str) -> Any:
    """Create an application."""
    return rok("kube", "app", "create", "shop", *options, "-o", "json").ok().json


def update(rok: Rok, *options: str) -> Any:
    """Change it."""
    return rok("kube", "app", "update", "shop", *options, "-o", "json").ok().json


def test_a_template_is_told_from_a_manifest_by_its_version(rok: Rok, tosca: str, manifest: str) -> None:
    assert sources(create(rok, "-f", tosca)) == (0, TEMPLATE, None, {})
    assert rok("kube", "app", "create", "other", "-f", manifest).code == 0


def test_a_template_comes_through_standard_input_with_its_inputs(rok: Rok) -> None:
    options = ("--tosca-input", "port=80", "--tosca-input", "name=a=b", "-o", "json")
    answer = rok("kube", "app", "create", "shop", "-f", "-", *options, stdin=yaml.safe_dump(TEMPLATE)).ok()
    assert sources(answer.json) == (0, TEMPLATE, None, {"port": "80", "name": "a=b"})


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("https://example.org/a.yaml", "tosca"),
        ("https://example.org/a.yml?token=x", "tosca"),
        (ARCHIVE, "csar"),
        ("https://example.org/a.zip", "csar"),
    ],
)
def test_a_url_is_a_template_or_an_archive_by_its_suffix(rok: Rok, url: str, field: str) -> None:
    assert create(rok, "--url", url)["spec"][field] == url


def test_an_update_replaces_what_the_application_is_made_of(rok: Rok, tosca: str, manifest: str) -> None:
    create(rok, "-f", manifest)
    assert sources(update(rok, "-f", tosca, "--tosca-input", "a=1")) == (0, TEMPLATE, None, {"a": "1"})
    assert sources(update(rok, "-u", ARCHIVE)) == (0, {}, ARCHIVE, {"a": "1"})
    assert sources(update(rok, "--tosca-input", "b=2")) == (0, {}, ARCHIVE, {"a": "1", "b": "2"})
    replaced = update(rok, "--remove-existing-tosca-inputs", "--tosca-input", "c=3")
    assert sources(replaced) == (0, {}, ARCHIVE, {"c": "3"})
    assert sources(update(rok, "-f", manifest)) == (1, {}, None, {})


def test_a_change_of_something_else_leaves_the_source_alone(rok: Rok, tosca: str) -> None:
    create(rok, "-f", tosca, "--tosca-input", "a=1")
    assert sources(update(rok, "-l", "a=b")) == (0, TEMPLATE, None, {"a": "1"})


def test_the_source_is_shown_in_a_few_words(rok: Rok, tosca: str, manifest: str) -> None:
    create(rok, "-f", tosca)

    def shown() -> str:
        table = rok("kube", "app", "get", "shop").ok().out
        (line,) = (line for line in table.splitlines() if "defined by" in line)
        return line.strip("| ").partition("|")[2].strip()

    assert shown() == "TOSCA template, not translated yet"
    update(rok, "-u", "https://me:secret@example.org/a.zip?token=x")
    assert shown() == "CSAR archive https://example.org/a.zip, not translated yet"
    update(rok, "-f", manifest)
    assert shown() == "manifest"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "Application should be defined by a TOSCA template file or a Kubernetes manifest file"),
        (
            ("-u", "https://x/a.json"),
            "a TOSCA template URL with `.yaml` or `.yml` suffix or a CSAR archive URL",
        ),
        (("-u", ARCHIVE, "-f", "tosca.yaml"), "--file and --url exclude each other"),
        (("-f", "tosca.yaml", "-i", "A=b"), "--inject needs a Kubernetes manifest"),
        (("-u", ARCHIVE, "-i", "A=b"), "--inject needs a Kubernetes manifest"),
        (
            ("-f", "app.yaml", "--tosca-input", "a=b"),
            "--tosca-input needs a TOSCA template, and app.yaml is none",
        ),
        (("-f", "two.yaml"), "two.yaml holds more than a TOSCA template"),
        (
            ("-u", "file:///etc/a.yaml"),
            "Invalid TOSCA template URL. It has to start with http:// or https://",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    rok: Rok, tosca: str, manifest: str, options: tuple[str, ...], words: str
) -> None:
    text = Path(tosca).read_text()
    Path("two.yaml").write_text(f"{text}---\n{text}")
    answer = rok("kube", "app", "create", "shop", *options)
    assert answer.code != 0
    assert words in " ".join(answer.err.split())
