"""What lies on the disk, and what errors say, never shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine

from krake.store import Store, StoreError, Unavailable, migrate
from krake.store.tables.whole import metadata
from tests.support.store import add, remove

SECRET = b"a-token-that-nobody-should-ever-see"


def _contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


async def test_secrets_are_encrypted_at_rest(store: Store, url: str, tmp_path: Path) -> None:
    clusters = [await add(store, f"c{number}", kind="Cluster") for number in range(2)]
    for cluster in clusters:
        async with store.transaction() as transaction:
            await transaction.put_secret(cluster.uid, "kubeconfig", SECRET)
    await remove(store, clusters[0])
    assert await store.secret(clusters[1].uid, "kubeconfig") == SECRET
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in await connection.execute(select(table))]
    await engine.dispose()
    assert any(clusters[1].uid in row for row in rows)
    assert SECRET not in repr(rows).encode()
    files = _contents(tmp_path)
    assert all(SECRET not in content for content in files)
    assert not url.startswith("sqlite") or any(clusters[1].uid.encode() in content for content in files)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://u:hunter2@host/db", "sqlite+aiosqlite://", "sqlite:///x"]
)
def test_unusable_urls_are_explained_without_their_password(url: str) -> None:
    for use in (migrate.current, migrate.upgrade):
        with pytest.raises(StoreError, match=r"sqlite\+aiosqlite:///PATH") as caught:
            use(url)
        assert "hunter2" not in str(caught.value)


def test_a_server_that_is_not_there_is_explained_without_the_password() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1/krake cannot be reached") as caught:
        migrate.check("postgresql+asyncpg://krake:hunter2@127.0.0.1:1/krake")
    assert "hunter2" not in str(caught.value)
