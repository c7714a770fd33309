"""A real API on SQLite, `rok` in a namespace of its own for each test, manifests and kubeconfigs."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from krake.store import Store
from tests.rok.cli import Rok
from tests.rok.server import ApiProcess, Lifecycle

MANIFEST = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
"""


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiProcess]:
    """The API that most tests share."""
    process = ApiProcess(tmp_path_factory.mktemp("api"))
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
async def store(api: ApiProcess) -> AsyncIterator[Store]:
    """The shared API's store."""
    async with api.open_store() as opened:
        yield opened


@pytest.fixture
def namespace() -> str:
    """A namespace that no other test uses."""
    return f"test-{uuid4().hex[:12]}"


@pytest.fixture
def rok(api: ApiProcess, namespace: str) -> Rok:
    """`rok` in the test's namespace."""
    return Rok(api.url, namespace)


@pytest.fixture
def lifecycle(store: Store, namespace: str) -> Lifecycle:
    """The stand-in for Krake's workflows in the test's namespace."""
    return Lifecycle(store, namespace)


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and no configuration of whoever runs the tests."""
    for variable in [name for name in os.environ if name.startswith("ROK_") or name == "KUBECONFIG"]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def manifest(clean_surroundings: Path) -> str:
    """The path of a valid manifest."""
    (clean_surroundings / "app.yaml").write_text(MANIFEST)
    return "app.yaml"


@pytest.fixture
def kubeconfig(clean_surroundings: Path) -> str:
    """The path of a kubeconfig with one context, for a cluster named edge that does not exist."""
    (clean_surroundings / "kubeconfig").write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: edge\n"
        "clusters: [{name: edge, cluster: {server: 'https://127.0.0.1:1'}}]\n"
        "users: [{name: admin, user: {token: a-very-secret-token}}]\n"
        "contexts: [{name: edge, context: {cluster: edge, user: admin}}]\n"
    )
    return "kubeconfig"
