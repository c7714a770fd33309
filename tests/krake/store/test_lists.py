"""Lists and their pages."""

from __future__ import annotations

from krake.store import Store
from tests.support.store import add, remove


async def names(store: Store, namespace: str | None = None) -> list[str]:
    return [record.name for record in (await store.list("Application", namespace)).items]


async def test_lists_are_ordered_and_of_one_kind(store: Store) -> None:
    for namespace, name in (("b", "a"), ("a", "b"), ("a", "B"), ("a", "a-1"), ("a", "a.1"), ("a", "a_1")):
        await add(store, name, namespace)
    await add(store, "c", "a", kind="Cluster")
    assert await names(store) == ["B", "a-1", "a.1", "a_1", "b", "a"]
    assert await names(store, "a") == ["B", "a-1", "a.1", "a_1", "b"]
    assert await names(store, "c") == []


async def test_a_list_tells_the_revision_it_is_of(store: Store) -> None:
    assert (await store.list("Application")).revision == 0
    made = await add(store)
    assert (await store.list("Application")).revision == made.revision
    await remove(store, made)
    listing = await store.list("Application")
    assert (listing.items, listing.revision) == ([], await store.revision())


async def test_pages_make_the_whole_list(store: Store) -> None:
    for namespace in ("a", "b"):
        for number in range(5):
            await add(store, f"n{number}", namespace)
    whole = (await store.list("Application")).items
    for size in (1, 3, 5, 10, 11):
        collected, after, pages = [], None, 0
        while pages == 0 or after:
            page = await store.list("Application", limit=size, after=after)
            assert len(page.items) <= size
            collected += page.items
            after, pages = page.continue_after, pages + 1
        assert collected == whole
        assert pages == -(-10 // size)


async def test_pages_of_a_namespace(store: Store) -> None:
    for namespace in ("a", "b"):
        for number in range(3):
            await add(store, f"n{number}", namespace)
    first = await store.list("Application", "a", limit=2)
    second = await store.list("Application", "a", limit=2, after=first.continue_after)
    assert [record.name for record in first.items + second.items] == ["n0", "n1", "n2"]
    assert second.continue_after is None


async def test_global_kinds_have_no_namespace(store: Store) -> None:
    await add(store, "x", "", kind="GlobalCloud")
    await add(store, "y", "", kind="GlobalCloud")
    page = await store.list("GlobalCloud", limit=1)
    rest = await store.list("GlobalCloud", limit=1, after=page.continue_after)
    assert [record.name for record in page.items + rest.items] == ["x", "y"]


async def test_a_page_of_a_namespace_after_one_of_another(store: Store) -> None:
    for name in ("a", "z"):
        await add(store, name, "middle")
    for after, expected in (("early/x", ["a", "z"]), ("middle/a", ["z"]), ("middle/z", []), ("zone/a", [])):
        listing = await store.list("Application", "middle", after=after)
        assert [record.name for record in listing.items] == expected
