"""Lists that are narrowed: what a selector means, and that pages of it are stable."""

from __future__ import annotations

import random

import httpx
import pytest

from api.problems import ProblemError
from api.selectors import selector
from krake.store import Store
from tests.api.documents import APPLICATIONS
from tests.support.store import add, set_status

LABELS = {"tier": "gold", "example.org/zone": "a"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("", True),
        ("tier=gold", True),
        ("tier == gold", True),
        ("tier=silver", False),
        ("tier!=silver", True),
        ("missing!=silver", True),
        ("tier in (gold, silver)", True),
        ("tier in (silver)", False),
        ("tier notin (silver,bronze)", True),
        ("missing notin (silver)", True),
        ("tier", True),
        ("missing", False),
        ("!missing", True),
        ("!tier", False),
        ("tier=gold,example.org/zone in (a,b),!missing", True),
        ("tier=gold,missing", False),
    ],
)
def test_label_selectors_mean_what_they_mean_in_kubernetes(text: str, holds: bool) -> None:
    assert selector(text, None).matches(LABELS, {}) is holds


@pytest.mark.parametrize(
    "text",
    [",", "a=b,", "a b", "a=b=c", "in (a)", "a in ()", "a in (b", "a=-", "-a", "a=" + "x" * 64, "x" * 5000],
)
def test_selector_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        selector(text, None)
    assert (refused.value.status, refused.value.errors[0].field) == (422, "label_selector")


@pytest.mark.parametrize("text", ["spec.x=1", "metadata.name", "metadata.name in (a)", "status.state"])
def test_field_selector_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as refused:
        selector(None, text)
    assert refused.value.errors[0].field == "field_selector"


async def names(client: httpx.AsyncClient, **query: str | int) -> tuple[list[str], str | None]:
    """The names on one page, and what leads to the next one."""
    answer = await client.get(APPLICATIONS, params=query)
    assert answer.status_code == 200, answer.text
    listing = answer.json()
    return [item["metadata"]["name"] for item in listing["items"]], listing["metadata"]["continue"]


async def test_lists_are_narrowed_by_labels_and_fields(client: httpx.AsyncClient, store: Store) -> None:
    record = await add(store, "a", labels={"tier": "gold"})
    await set_status(store, record, state="FAILED")
    await add(store, "b", labels={"tier": "gold"})
    await add(store, "c")
    assert (await names(client, label_selector="tier=gold"))[0] == ["a", "b"]
    assert (await names(client, label_selector="tier!=gold"))[0] == ["c"]
    assert (await names(client, field_selector="status.state=FAILED"))[0] == ["a"]
    assert (await names(client, field_selector="metadata.name!=a,metadata.namespace=testing"))[0] == [
        "b",
        "c",
    ]
    both = {"label_selector": "tier", "field_selector": "status.state!=FAILED"}
    assert (await names(client, **both))[0] == ["b"]


async def test_pages_of_a_selection_are_full_and_in_order(client: httpx.AsyncClient, store: Store) -> None:
    for number in range(9):
        await add(store, f"app-{number}", labels={"half": "even" if number % 2 == 0 else "odd"})
    found, after = await names(client, label_selector="half=even", limit=2)
    pages = [found]
    while after:
        await add(store, f"new-{len(pages)}", labels={"half": "odd"})
        found, after = await names(client, label_selector="half=even", limit=2, **{"continue": after})
        pages.append(found)
    assert pages == [["app-0", "app-2"], ["app-4", "app-6"], ["app-8"]]


async def test_the_database_judges_as_watches_do(client: httpx.AsyncClient, store: Store) -> None:
    chance = random.Random(7)
    keys = ("tier", "example.org/zone", "a.b_c", "x")
    values = ("gold", "1", "true", "null", "a-b")
    for number in range(30):
        labels = {key: chance.choice(values) for key in keys if chance.random() < 0.6}
        await add(store, f"app-{number:02}", labels=labels)
    everything = (await client.get(APPLICATIONS)).json()["items"]
    for _ in range(60):
        wanted = ",".join(_requirement(chance, keys, values) for _ in range(chance.randint(1, 3)))
        fields = chance.choice(
            [
                "",
                "metadata.name!=app-03",
                "metadata.namespace=testing",
                "metadata.uid!=x,metadata.name=app-04",
            ]
        )
        judged = selector(wanted, fields)
        expected = [item["metadata"]["name"] for item in everything if judged.takes(item)]
        assert (await names(client, label_selector=wanted, field_selector=fields))[0] == expected, wanted
        found, after = await names(client, label_selector=wanted, field_selector=fields, limit=3)
        assert found == expected[:3] and bool(after) is (len(expected) > 3)
    assert (await names(client, field_selector="metadata.namespace="))[0] == []


def _requirement(chance: random.Random, keys: tuple[str, ...], values: tuple[str, ...]) -> str:
    key, some = chance.choice(keys), chance.sample(values, chance.randint(1, 3))
    return chance.choice(
        [
            key,
            f"!{key}",
            f"{key}={some[0]}",
            f"{key}!={some[0]}",
            f"{key} in ({','.join(some)})",
            f"{key} notin ({','.join(some)})",
        ]
    )


def test_a_selector_has_an_end() -> None:
    with pytest.raises(ProblemError, match="more than 64 requirements"):
        selector(",".join(f"k{number}" for number in range(65)), None)
