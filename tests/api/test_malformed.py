"""Documents that are wrong in many ways: each is refused with a clear word, none breaks the server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.examples import EXAMPLES
from api.problems import ProblemError
from api.validation import as_problem
from api.writes import parsed
from krake.confidential import split
from krake.models.kinds import KINDS
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster, config_map, kubeconfig
from tests.support.budget import budget
from tests.support.mutants import mutants


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """A kubeconfig with another value at one place."""
    config = kubeconfig()
    part: Any = config
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    return config


KUBECONFIGS: list[Any] = [
    {},
    [],
    "apiVersion: v1",
    {"apiVersion": "v1", "kind": "Config"},
    changed("contexts", to=[]),
    changed("contexts", to={}),
    changed("contexts", 0, to="de"),
    changed("contexts", 0, "context", to=None),
    changed("contexts", 0, "context", "user", to="nobody"),
    changed("contexts", 0, "context", "cluster", to=["de"]),
    changed("users", to=None),
    changed("users", 0, "name", to=""),
    changed("users", 0, "user", to={"exec": {"command": "curl"}}),
    changed("users", 0, "user", to={"tokenFile": "/etc/passwd"}),
    changed("users", 0, "user", to={"client-key": "/root/key.pem"}),
    changed("users", 0, "user", to={"auth-provider": {}}),
    changed("clusters", 0, "cluster", to={}),
    changed("clusters", 0, "cluster", to=7),
    changed("clusters", 0, "cluster", "server", to="ftp://10.0.0.1"),
    changed("clusters", 0, "cluster", "server", to="https://admin:pass@10.0.0.1"),
    changed("clusters", 0, "cluster", "server", to=["https://10.0.0.1"]),
    changed("clusters", 0, "cluster", "certificate-authority", to="/etc/ca.pem"),
]
MANIFESTS: list[Any] = [
    [],
    {},
    "",
    [None],
    [[]],
    ["kind: Pod"],
    [{}],
    [{"apiVersion": "v1"}],
    [{"apiVersion": "v1", "kind": "Pod", "metadata": None}],
    [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 7}}],
    [{"apiVersion": 1, "kind": "Pod", "metadata": {"name": "a"}}],
    [{"apiVersion": "v1", "kind": ["Pod"], "metadata": {"name": "a"}}],
    [config_map(), {"kind": "Pod"}],
]
CONSTRAINTS: list[Any] = [
    {"cluster": {"labels": ["location"]}},
    {"cluster": {"labels": ["location in DE"]}},
    {"cluster": {"labels": ["location in ()"]}},
    {"cluster": {"labels": ["location is DE or FR"]}},
    {"cluster": {"labels": [7]}},
    {"cluster": {"labels": "location is DE"}},
    {"cluster": {"labels": ["=" * 3]}},
    {"cluster": {"labels": ["x" * 5000]}},
    {"cluster": {"metrics": ["load"]}},
    {"cluster": {"metrics": ["load < "]}},
    {"cluster": {"metrics": ["load < nan"]}},
    {"cluster": {"metrics": ["load << 1"]}},
    {"cluster": {"custom_resources": [""]}},
    {"cluster": {"custom_resources": ["no dots"]}},
    {"migration": "perhaps"},
    {"cloud": {}},
    [],
]
CSARS: list[Any] = [
    "",
    7,
    [],
    "archive.csar",
    "http://example.org/archive",
    "ftp://example.org/archive.csar",
    "file:///etc/passwd.csar",
    "http:///archive.csar",
    "http://exa mple.org/archive.csar",
    "http://[::1/archive.csar",
]


TEMPLATES: list[Any] = [
    7,
    ["tosca"],
    "template",
    "http://example.org/template.csar",
    {"topology_template": {}},
    {"tosca_definitions_version": []},
    {"tosca_definitions_version": {"tosca": "simple"}},
    {"tosca_definitions_version": "tosca_simple_yaml_1_0", "topology_template": []},
    {"tosca_definitions_version": "tosca_simple_yaml_1_0", "topology_template": {"inputs": 7}},
]


CORPUS = {
    "kubeconfigs": [
        (CLUSTERS, cluster() | {"spec": {"kubeconfig": one}}, "spec.kubeconfig") for one in KUBECONFIGS
    ],
    "manifests": [(APPLICATIONS, application(manifest=one), "spec.manifest") for one in MANIFESTS],
    "constraints": [(APPLICATIONS, application(constraints=one), "spec.constraints") for one in CONSTRAINTS],
    "archives": [(APPLICATIONS, application(manifest=[], csar=one), "spec") for one in CSARS],
    "templates": [(APPLICATIONS, application(manifest=[], tosca=one), "spec") for one in TEMPLATES],
}


@pytest.mark.parametrize("what", CORPUS)
async def test_document_that_does_not_fit_is_refused_naming_the_field(
    client: httpx.AsyncClient, what: str
) -> None:
    for path, document, field in CORPUS[what]:
        answer = await client.post(path, json=document)
        assert answer.status_code == 422, (document, answer.text)
        errors = answer.json()["errors"]
        assert errors
        # Without any kubeconfig nothing says what the cluster is, which concerns the whole spec.
        empty = document["spec"].get("kubeconfig") == {}
        assert all(error["field"].startswith("spec" if empty else field) for error in errors), errors
        assert all(3 < len(error["message"]) < 1000 for error in errors)


WORDS = "the password", "the token"
MUTANTS = st.sampled_from(sorted(KINDS)).flatmap(
    lambda name: st.tuples(st.just(name), mutants(EXAMPLES[name]))
)


@budget(150)
@given(MUTANTS)
def test_no_mutation_of_an_example_breaks_the_server(mutant: tuple[str, dict[str, Any]]) -> None:
    name, document = mutant
    kind = KINDS[name]
    try:
        resource = parsed(kind, document, "testing" if kind.namespaced else "")
        with as_problem():
            split(kind, resource.spec.model_dump(mode="json"), None)
    except ProblemError as problem:
        assert problem.status == 422
        assert problem.errors
        assert not any(word in problem.detail for word in WORDS)
