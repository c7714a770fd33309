"""`krake bootstrap FILE…`: everything in the files is stored, or nothing."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from krake.bootstrap import loadable
from krake.cli import run
from krake.models.kinds import KINDS
from krake.settings import load_settings
from krake.store import Record, Store
from krake.store.opening import open_store

PROVIDER = """
api: core
kind: GlobalMetricsProvider
metadata: {name: prom}
spec: {type: prometheus, prometheus: {url: "http://prom:9090", token: TOKEN}}
"""
METRICS = """
api: core
kind: GlobalMetric
metadata: {name: load, labels: {since: 2026-01-01}}
spec: {min: 0, max: 1, provider: {name: prom, metric: node_load}}
---
# Nothing between these lines.
---
api: core
kind: Metric
metadata: {name: energy, namespace: lab}
spec: {min: 0, max: 100, provider: {name: own, metric: green_share}}
"""


class Answer(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`krake bootstrap` on a state folder of its own; no Temporal runs."""
    monkeypatch.setenv("KRAKE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> Answer:
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            code = run(["bootstrap", *words])
        return Answer(code, out.getvalue(), err.getvalue())

    return command


def write(name: str, text: str) -> str:
    """A file in the present folder."""
    Path(name).write_text(text)
    return name


class Stored(NamedTuple):
    """What the store holds of one resource."""

    record: Record
    secret: bytes | None


def stored(kind: str, name: str, namespace: str = "") -> Stored | None:
    """The resource as it is in the store."""

    async def find(store: Store) -> Stored | None:
        record = await store.find(kind, namespace, name)
        return Stored(record, await store.secret(record.uid, "provider")) if record else None

    async def opened() -> Stored | None:
        async with open_store(load_settings()) as store:
            return await find(store)

    return asyncio.run(opened())


def test_files_are_loaded_with_their_secrets_kept_secret(bootstrap: Command, tmp_path: Path) -> None:
    done = bootstrap(write("prom.yaml", PROVIDER.replace("TOKEN", "s3cret")), write("metrics.yaml", METRICS))
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()[-3:]]
    assert lines == [
        ["created", "GlobalMetricsProvider", "prom"],
        ["created", "GlobalMetric", "load"],
        ["created", "Metric", "lab/energy"],
    ]
    load = stored("GlobalMetric", "load")
    assert load is not None
    assert load.record.labels == {"since": "2026-01-01"}
    provider = stored("GlobalMetricsProvider", "prom")
    assert provider is not None
    assert "s3cret" not in json.dumps(provider.record.spec)
    assert provider.secret is not None
    assert json.loads(provider.secret)["prometheus"]["token"] == "s3cret"
    database = b"".join(path.read_bytes() for path in (tmp_path / "state").glob("krake.db*"))
    assert b"node_load" in database
    assert b"s3cret" not in database


def test_what_is_there_stays_unless_it_is_forced(bootstrap: Command) -> None:
    provider, metrics = write("prom.yaml", PROVIDER.replace("TOKEN", "old")), write("metrics.yaml", METRICS)
    assert bootstrap(provider).code == 0
    before = stored("GlobalMetricsProvider", "prom")
    assert before is not None

    write("prom.yaml", PROVIDER.replace("TOKEN", "new"))
    refused = bootstrap(metrics, provider)
    assert refused.code == 1
    assert refused.err.splitlines() == [
        "Error: Nothing was loaded because of 1 mistake; the store is as it was",
        "prom.yaml, document 1 (GlobalMetricsProvider 'prom'): GlobalMetricsProvider 'prom' already exists;"
        " --force replaces it",
        "Mend the files and run the command again with all of them",
    ]
    assert stored("GlobalMetric", "load") is None, "the whole transaction is taken back"
    assert stored("GlobalMetricsProvider", "prom") == before

    forced = bootstrap("--force", metrics, provider)
    assert forced.code == 0, forced.err
    assert "replaced           GlobalMetricsProvider prom" in forced.out
    after = stored("GlobalMetricsProvider", "prom")
    assert after is not None
    assert after.record.uid == before.record.uid, "what refers to it, such as samples, stays"
    assert b'"new"' in (after.secret or b"")
    again = bootstrap("-f", metrics, provider)
    assert [line.split()[0] for line in again.out.splitlines()[-3:]] == ["unchanged"] * 3


ROLES = """
api: core
kind: Role
metadata: {name: reader}
rules:
  - {api: kubernetes, resources: [applications, clusters], namespaces: [lab], verbs: [get, list]}
---
api: core
kind: RoleBinding
metadata: {name: readers}
roles: [reader]
users: [ann]
"""


def test_roles_and_their_bindings_are_loaded_before_anybody_may_do_anything(bootstrap: Command) -> None:
    assert bootstrap(write("roles.yaml", ROLES)).code == 0
    role, binding = stored("Role", "reader"), stored("RoleBinding", "readers")
    assert role is not None
    assert role.record.spec["rules"][0]["verbs"] == ["get", "list"]
    assert binding is not None
    assert binding.record.spec["users"] == ["ann"]
    refused = bootstrap("-f", write("roles.yaml", ROLES.replace("[get, list]", "[get, fly]")))
    assert "roles.yaml, document 1 (Role 'reader'): rules[0].verbs[1]: " in refused.err
    assert stored("Role", "reader") == role


MISTAKES = """
api: core
kind: GlobalMetric
metadata: {name: load}
spec: {min: 1, max: 0, provider: {name: prom}, colour: red}
---
kind: Metric
---
api: core
kind: Metric
metadata: {name: energy}
spec: {min: 0, max: 1, provider: {name: own, metric: green}}
---
api: core
kind: Gauge
---
api: crab
kind: Metric
---
api: kubernetes
kind: Cluster
metadata: {name: de, namespace: lab}
---
[1, 2]
---
api: core
kind: GlobalMetricsProvider
metadata: {name: prom}
spec: {type: prometheus, prometheus: {url: "http://prom:9090", token: <redacted>}}
"""


def test_every_mistake_of_all_files_is_told_with_its_place(bootstrap: Command) -> None:
    good, bad = write("good.yaml", METRICS), write("bad.yaml", MISTAKES)
    torn = write("torn.yaml", "api: core\nkind: [\n")
    empty = write("empty.yaml", "# nothing\n")
    answer = bootstrap(good, bad, torn, empty, "missing.yaml", good)
    assert answer.code == 1
    assert not Path("state").exists(), "nothing is prepared for files that cannot be loaded"
    told = "\n".join(answer.err.splitlines()[1:-1])
    names = ", ".join(kind.name for kind in loadable())
    for words in (
        "bad.yaml, document 1 (GlobalMetric 'load'): spec.provider.metric: This field is required",
        "bad.yaml, document 1 (GlobalMetric 'load'): spec.colour: Unknown field",
        "bad.yaml, document 2 (Metric): api: This field is required",
        "bad.yaml, document 3 (Metric 'energy'): metadata.namespace: This field is required",
        f"bad.yaml, document 4 (Gauge): kind: The kind 'Gauge' could not be found in core; there are {names}",
        "bad.yaml, document 5 (Metric): api: The api 'crab' could not be found",
        "bad.yaml, document 6 (Cluster 'de'): kind: A Cluster is created through the API",
        "bad.yaml, document 7: a mapping with api, kind, metadata and spec is expected",
        "torn.yaml, line 3, column 1: not valid YAML: ",
        "empty.yaml: it holds no document",
        "missing.yaml: it cannot be read: No such file or directory",
    ):
        assert words in told, told
    assert "good.yaml" not in told, "a file that is named twice is read once"


def test_placeholders_and_doubles_are_mistakes(bootstrap: Command) -> None:
    redacted = write("redacted.yaml", PROVIDER.replace("TOKEN", "<redacted>"))
    told = bootstrap(redacted).err
    assert "redacted.yaml, document 1 (GlobalMetricsProvider 'prom'): spec.prometheus: " in told
    assert "no value of it is stored" in told
    double = bootstrap(write("one.yaml", METRICS), write("two.yaml", METRICS)).err
    first = "one.yaml, document 1 (GlobalMetric 'load')"
    assert f"two.yaml, document 1 (GlobalMetric 'load'): it is in {first} already" in double


def test_standard_input_is_a_file_too(bootstrap: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"api: core\nkind: Nothing\n")))
    assert "standard input, document 1 (Nothing): kind: " in bootstrap("-").err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(METRICS.encode())))
    assert bootstrap("-").code == 0
    assert bootstrap("--force").code == 2, "there is nothing to force"


def test_all_kinds_that_no_workflow_acts_on_can_be_loaded() -> None:
    assert set(loadable()) == {kind for kind in KINDS.values() if not kind.lifecycle}
    assert {"Metric", "GlobalMetric", "MetricsProvider", "GlobalMetricsProvider"} <= {
        kind.name for kind in loadable()
    }
