"""The activity: what an application's status says of its translation, and what others get of it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from temporalio.exceptions import ApplicationError

from activities.placement import PlacementActivities
from activities.store.applications import ApplicationStoreActivities
from activities.store.manifests import manifest_of, manifest_to_apply, needs_translation
from activities.tosca.translating import TranslatingActivities
from krake.messages.base import Target
from krake.messages.deploying import Deployment, Translated
from krake.messages.lifecycle import Ask, Step
from krake.models.application import ApplicationSpec
from krake.moves import request_migration
from krake.resources import document
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.activities.workbench import NAMESPACE, application_spec, nowhere, register, run, target_of
from tests.support.files import FileServer
from tests.support.store import add, set_status
from tests.support.tosca import template

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "
NAMED = template(
    {"concat": [HEAD, {"get_input": "name"}]}, inputs={"name": {"type": "string", "default": "x"}}
)


def spec_of(**fields: Any) -> dict[str, Any]:
    """A complete spec as the API stores it."""
    return ApplicationSpec(**fields).model_dump(mode="json")


async def app(store: Store, **fields: Any) -> Target:
    """Store an application."""
    return target_of(await add(store, "web", NAMESPACE, spec=spec_of(**fields)))


async def change(store: Store, target: Target, **fields: Any) -> None:
    """Give the application another spec."""
    async with store.transaction() as transaction:
        record = await transaction.get("Application", target.namespace, target.name)
        await transaction.update_spec(record, labels={}, spec=spec_of(**fields), event=NewEvent("Updated"))


async def record_of(store: Store, target: Target) -> Record:
    """The application as the store has it."""
    return await store.get("Application", target.namespace, target.name)


async def translate(store: Store, target: Target, **settings: Any) -> Translated:
    """Run the activity."""
    activities = TranslatingActivities(store, Settings(**settings))
    return await run(activities.translate_application, Deployment(target=target, generation=1))


async def test_the_manifest_is_kept_in_the_status_with_its_generation(store: Store) -> None:
    target = await app(store, tosca=NAMED, tosca_inputs={"name": "settings"})
    before = await record_of(store, target)
    assert needs_translation(before)
    assert manifest_of(before) == []
    assert await translate(store, target) == Translated(generation=1, objects=1)
    record = await record_of(store, target)
    wanted = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}]
    assert manifest_of(record) == manifest_to_apply(record) == wanted
    assert not needs_translation(record)
    assert record.spec["manifest"] == []
    assert record.status["state"] == "TRANSLATING"
    assert record.status["message"] == "translating the TOSCA template"
    shown = document(record)["status"]["translated_manifest"]
    assert shown.keys() == {"generation", "digest", "count", "translated_at"}
    assert (shown["generation"], shown["count"]) == (1, 1)


async def test_a_generation_is_translated_once(store: Store, web: FileServer) -> None:
    """What runs must not change because somebody changes a file behind a URL."""
    web.files["/app.yaml"] = yaml.safe_dump(NAMED).encode()
    target = await app(store, tosca=web.url("/app.yaml"))
    for _ in range(2):
        assert (await translate(store, target, tosca_allow_internal_urls=True)).objects == 1
    assert len(web.requests) == 1
    await change(store, target, tosca=web.url("/app.yaml"), tosca_inputs={"name": "other"})
    assert (await translate(store, target, tosca_allow_internal_urls=True)).generation == 2
    assert len(web.requests) == 2
    assert manifest_of(await record_of(store, target))[0]["metadata"]["name"] == "other"


@pytest.mark.parametrize(
    ("fields", "words", "final"),
    [
        ({"tosca": {"tosca_definitions_version": "tosca_simple_yaml_1_0"}}, "any topology template", True),
        ({"csar": "http://127.0.0.1:1/a.csar?token=t0ken"}, "is at an internal address", True),
    ],
)
async def test_what_the_user_has_to_mend_is_not_retried(
    store: Store, fields: dict[str, Any], words: str, final: bool
) -> None:
    target = await app(store, **fields)
    with pytest.raises(ApplicationError) as caught:
        await translate(store, target)
    assert caught.value.type == "INVALID_TOSCA_MANIFEST"
    assert words in caught.value.message
    assert "t0ken" not in caught.value.message
    assert caught.value.non_retryable is final


async def test_a_download_that_fails_for_now_is_retried(store: Store, web: FileServer) -> None:
    web.statuses["/app.yaml"] = [503]
    target = await app(store, tosca=web.url("/app.yaml"))
    with pytest.raises(ApplicationError) as caught:
        await translate(store, target, tosca_allow_internal_urls=True)
    assert caught.value.type == "INVALID_TOSCA_MANIFEST"
    assert caught.value.non_retryable is False


async def test_a_manifest_wins_over_template_and_archive(store: Store) -> None:
    own = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "own"}}
    target = await app(store, manifest=[own], tosca=NAMED, csar="https://example.org/a.csar")
    record = await record_of(store, target)
    assert not needs_translation(record)
    assert manifest_of(record) == [own]
    plan = await run(ApplicationStoreActivities(store).next_application_step, Ask(target=target))
    assert (plan.step, plan.translate) == (Step.DEPLOY, False)


async def test_the_plan_says_whether_there_is_something_to_translate(store: Store) -> None:
    target = await app(store, csar="https://example.org/a.csar")
    plan = await run(ApplicationStoreActivities(store).next_application_step, Ask(target=target))
    assert (plan.step, plan.translate) == (Step.DEPLOY, True)


async def test_nothing_is_placed_that_is_not_translated_yet(store: Store, settings: Settings) -> None:
    await register(store, "one", nowhere())
    target = await app(store, tosca=NAMED)
    placement = PlacementActivities(store, settings)
    await translate(store, target)
    await change(store, target, tosca=NAMED, tosca_inputs={"name": "newer"})
    with pytest.raises(ApplicationError, match="generation 2 is not translated yet"):
        await run(placement.place_application, Deployment(target=target, generation=1))
    assert manifest_of(await record_of(store, target))[0]["metadata"]["name"] == "x"
    await translate(store, target)
    placed = await run(placement.place_application, Deployment(target=target, generation=2))
    assert (placed.generation, placed.objects) == (2, 1)
    listed = (await record_of(store, target)).status["objects"]
    assert [item["name"] for item in listed] == ["newer"]


async def test_a_manifest_makes_an_earlier_translation_void(store: Store, settings: Settings) -> None:
    await register(store, "one", nowhere())
    target = await app(store, tosca=NAMED)
    await translate(store, target)
    own = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "own"}}
    async with store.transaction() as transaction:
        record = await transaction.get("Application", NAMESPACE, "web")
        spec = application_spec(own)
        await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
    await run(PlacementActivities(store, settings).place_application, Deployment(target=target, generation=2))
    await change(store, target, tosca=NAMED)
    with pytest.raises(ApplicationError, match="generation 3 is not translated yet"):
        manifest_to_apply(await record_of(store, target))


async def test_a_move_does_not_pass_for_a_translation(store: Store) -> None:
    """The move of an older translation marks the newest generation as observed."""
    target = await app(store, tosca=NAMED)
    await translate(store, target)
    await change(store, target, tosca=NAMED, tosca_inputs={"name": "newer"})
    decide = ApplicationStoreActivities(store).next_application_step
    for state, step in (("RUNNING", Step.DEPLOY), ("FAILED", Step.NOTHING)):
        await set_status(store, await record_of(store, target), observed_generation=2, state=state)
        plan = await run(decide, Ask(target=target))
        assert (plan.step, plan.translate) == (step, True)


async def test_what_is_not_translated_yet_is_not_moved(store: Store) -> None:
    own = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "own"}}
    target = await app(store, manifest=[own])
    await change(store, target, tosca=NAMED)
    async with store.transaction() as transaction:
        record = await transaction.get("Application", NAMESPACE, "web")
        on_cluster = {
            "scheduled_uid": "a",
            "objects": [{"api_version": "v1", "kind": "Secret", "name": "own"}],
        }
        await transaction.write_status(record, {**on_cluster, "observed_generation": 1})
        await request_migration(transaction, record, trigger="drain", actor="tester")
    plan = await run(ApplicationStoreActivities(store).next_application_step, Ask(target=target))
    assert (plan.step, plan.translate) == (Step.DEPLOY, True)
