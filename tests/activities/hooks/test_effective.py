"""The manifest as it is applied: tokens for each cluster, certificates that are kept and renewed."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from activities.hooks.effective import EffectiveManifests
from krake.hooks.tokens import read_tokens, spend_token
from krake.messages.base import Target
from krake.models.hooks import HookName
from krake.settings import Settings
from krake.store import Record, Store
from tests.activities.workbench import NAMESPACE, application_spec
from tests.krake.hooks.authorities import signed
from tests.support.manifests import deployment
from tests.support.store import add

DE = Target(kind="Cluster", namespace=NAMESPACE, name="de", uid="uid-of-de")
IT = Target(kind="Cluster", namespace=NAMESPACE, name="it", uid="uid-of-it")


@pytest.fixture
async def app(store: Store) -> Record:
    """An application with both hooks."""
    spec = application_spec(deployment("web"), hooks=["complete", "shutdown"])
    return await add(store, "my_shop", NAMESPACE, spec=spec)


def values(manifest: list[dict[str, Any]]) -> dict[str, str]:
    """Everything that the Secrets of a manifest hold."""
    secrets = [item["data"] for item in manifest if item["kind"] == "Secret"]
    return {key: b64decode(text).decode() for data in secrets for key, text in data.items()}


async def test_each_cluster_has_tokens_of_its_own_that_stay(
    store: Store, settings: Settings, app: Record
) -> None:
    manifests = EffectiveManifests(store, settings)
    first = values(await manifests.of(app, DE, "apps"))
    assert values(await manifests.of(app, DE, "apps")) == first
    assert first["krake_complete_url"] == (
        f"http://127.0.0.1:8080/kubernetes/namespaces/{NAMESPACE}/applications/my_shop/complete"
    )
    second = values(await manifests.of(app, IT, "apps"))
    for name in ("krake_complete_token", "krake_shutdown_token"):
        assert len(first[name]) >= 40
        assert first[name] != second[name]
    assert first["krake_complete_token"] != first["krake_shutdown_token"]
    known = await read_tokens(store, app.uid, HookName.SHUTDOWN)
    assert {uid: token.value for uid, token in known.items()} == {
        DE.uid: first["krake_shutdown_token"],
        IT.uid: second["krake_shutdown_token"],
    }


async def test_a_spent_token_is_replaced_when_it_is_applied_again(
    store: Store, settings: Settings, app: Record
) -> None:
    manifests = EffectiveManifests(store, settings)
    first = values(await manifests.of(app, DE, "apps"))
    async with store.transaction() as transaction:
        await spend_token(transaction, app.uid, HookName.SHUTDOWN, DE.uid, "confirmed")
    again = values(await manifests.of(app, DE, "apps"))
    assert again["krake_shutdown_token"] != first["krake_shutdown_token"]
    assert again["krake_complete_token"] == first["krake_complete_token"]


async def test_without_hooks_it_is_the_users_manifest(store: Store, settings: Settings) -> None:
    app = await add(store, "plain", NAMESPACE, spec=application_spec(deployment("web")))
    assert await EffectiveManifests(store, settings).of(app, DE, "apps") == app.spec["manifest"]


async def test_certificates_are_kept_until_the_authority_changes(
    store: Store, settings: Settings, app: Record, tmp_path: Path
) -> None:
    root = signed("root", None)
    files = signed("intermediate", root).write(tmp_path, "intermediate")
    settings = settings.model_copy(
        update={
            "hook_intermediate_src": files[0],
            "hook_intermediate_key_src": files[1],
            "hook_client_ca": root.write(tmp_path, "root")[0],
            "complete_hook_env_url": "WHERE",
        }
    )
    found = values(await EffectiveManifests(store, settings).of(app, DE, "apps"))
    assert found["where"].startswith("https://127.0.0.1:8080/")
    assert found["ca-bundle.pem"].count("BEGIN CERTIFICATE") == 2
    assert found["cert.pem"].count("BEGIN CERTIFICATE") == 2
    assert values(await EffectiveManifests(store, settings).of(app, DE, "apps")) == found

    signed("intermediate", root).write(tmp_path, "intermediate")
    renewed = values(await EffectiveManifests(store, settings).of(app, DE, "apps"))
    assert renewed["cert.pem"] != found["cert.pem"]
    assert renewed["krake_shutdown_token"] == found["krake_shutdown_token"]


async def test_the_endpoint_for_applications_can_be_another_one(
    store: Store, settings: Settings, app: Record
) -> None:
    settings = settings.model_copy(update={"hook_external_endpoint": "https://krake.example.org/api/"})
    found = values(await EffectiveManifests(store, settings).of(app, DE, "apps"))
    assert found["krake_shutdown_url"].startswith("https://krake.example.org/api/kubernetes/namespaces/")
