"""The example template stands for the example manifest, as a file and in an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.activities.tosca.orders import manifest
from tests.support.files import file_server
from tests.support.tosca import META, archive

EXAMPLES = Path(__file__).parents[2] / "examples"
TEMPLATE = EXAMPLES / "tosca" / "echo-demo.yaml"


def plain() -> list[dict[str, Any]]:
    """The objects of the example manifest, without what the API server would fill in anyway."""
    found = list(yaml.safe_load_all((EXAMPLES / "echo-demo.yaml").read_text()))
    del found[1]["spec"]["ports"][0]["targetPort"]
    return found


def test_the_template_stands_for_the_manifest() -> None:
    template = yaml.safe_load(TEMPLATE.read_text())
    assert manifest(template) == plain()
    three = manifest(template, inputs={"replicas": "3", "port": "80"})
    assert three[0]["spec"]["replicas"] == 3
    assert three[1]["spec"]["ports"][0]["port"] == 80


def test_the_folder_is_an_archive() -> None:
    with file_server() as web:
        files = {META: (EXAMPLES / "tosca" / META).read_text(), TEMPLATE.name: TEMPLATE.read_text()}
        web.files["/echo-demo.csar"] = archive(files)
        assert manifest(csar=web.url("/echo-demo.csar")) == plain()
