"""The newest values of metrics, in both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.models.samples import Measured, MetricKey
from krake.store import Store
from tests.support.store import add, remove

SPEC = {"min": 0, "max": 1, "provider": {"name": "prom", "metric": "load"}}


async def test_samples_are_kept_replaced_and_go_with_their_metric(store: Store) -> None:
    ours = await add(store, "load", "testing", "Metric", spec=SPEC, status={})
    everybodys = await add(store, "load", "", "GlobalMetric", spec=SPEC, status={})
    at = datetime.now(UTC)
    for value in (0.1, 0.30000000000000004):
        async with store.transaction() as transaction:
            await transaction.put_sample(ours.uid, Measured(ours.uid, SPEC, value, at))
    assert await store.catalogue() == {
        MetricKey(True, "testing", "load"): Measured(ours.uid, SPEC, 0.30000000000000004, at),
        MetricKey(False, "", "load"): Measured(everybodys.uid, SPEC),
    }
    revision = await store.revision()
    async with store.transaction() as transaction:
        failed = Measured(ours.uid, SPEC, None, None, "INVALID_METRIC", "no number")
        await transaction.put_sample(ours.uid, failed)
    assert (await store.catalogue())[MetricKey(True, "testing", "load")] == failed
    assert await store.revision() == revision
    await remove(store, ours)
    assert list(await store.catalogue()) == [MetricKey(False, "", "load")]
