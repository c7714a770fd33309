"""Drift as an application's status tells it: which objects, which fields, by whom, since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from activities.hooks.effective import EffectiveManifests
from activities.kubernetes.comparing import Comparison, compare_object
from activities.kubernetes.connections import Access
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.survey import Drifted, Survey, key_of
from activities.store.applications import scheduled_cluster
from activities.waking import target_of
from krake.models.application import ApplicationState, ObjectStatus
from krake.models.drift import DriftedObject, DriftMode
from krake.store import Record

Address = tuple[Any, ...]

_MOST_FIELDS = 20


async def drift_report(
    access: Access, record: Record, found: Survey, manifests: EffectiveManifests
) -> list[DriftedObject]:
    """What differs from what was applied.

    What completed may be cleaned up by the cluster: that is no drift. What was reported before and has not
    changed since is not asked for again.
    """
    ignored = record.spec.get("drift") == DriftMode.IGNORE
    if ignored or record.status.get("state") == ApplicationState.COMPLETED:
        return []
    known = {_address(item): item for item in reported_drift(record)}
    return [await _report_of(access, record, item, known, manifests) for item in found.drifted]


def summary(drift: Iterable[DriftedObject], names: Iterable[str]) -> str:
    """The objects of these names, each with its fields and who changed them."""
    by_name = {f"{item.kind}/{item.name}": item for item in drift}
    return ", ".join(name + _detail(by_name[name]) if name in by_name else name for name in names)


def _detail(item: DriftedObject) -> str:
    if not item.fields:
        return ""
    more = len(item.fields) - 3
    fields = ", ".join(item.fields[:3]) + (f" and {more} more" if more > 0 else "")
    return f" ({fields}{' by ' + ', '.join(item.managers) if item.managers else ''})"


def reported_drift(record: Record) -> list[DriftedObject]:
    """What the status said of drift since the application was last deployed."""
    deployed = datetime.fromisoformat(record.status.get("deployed_at") or "1970-01-01T00:00:00+00:00")
    items = [DriftedObject.model_validate(item) for item in record.observation.get("drift") or []]
    return [item for item in items if item.since >= deployed]


def _address(item: DriftedObject | ObjectStatus) -> Address:
    return item.api_version, item.kind, item.namespace, item.name


async def _report_of(
    access: Access,
    record: Record,
    drifted: Drifted,
    known: dict[Address, DriftedObject],
    manifests: EffectiveManifests,
) -> DriftedObject:
    item = drifted.item
    change = "missing" if drifted.missing else "altered"
    before = known.get(_address(item))
    if before is not None and before.change != change:
        before = None
    if before is not None and before.fingerprint == drifted.state:
        return before
    report = DriftedObject.model_validate(
        {
            **dict(zip(("api_version", "kind", "namespace", "name"), _address(item), strict=True)),
            "change": change,
            "fields": list(drifted.fields),
            "since": before.since if before is not None else datetime.now(UTC),
            "fingerprint": drifted.state,
        }
    )
    if not drifted.missing:
        await _add_managers(access, record, item, report, manifests)
    return report


async def _add_managers(
    access: Access,
    record: Record,
    item: ObjectStatus,
    report: DriftedObject,
    manifests: EffectiveManifests,
) -> None:
    """Ask the cluster which fields differ, where that is not known, and who manages them now."""
    cluster = scheduled_cluster(record)
    objects = await manifests.applied(record, cluster, access.connection.namespace) if cluster else []
    manifest = next((one for one in objects if _is_of(one, item)), None)
    if manifest is None:
        return
    try:
        served = await access.discovery.find(item.api_version, item.kind)
        found = await compare_object(access, target_of(record), Comparison(served, key_of(item), manifest))
    except ClusterError:
        # The report stands without the details: who cannot be asked now is asked after the next change.
        report.fingerprint = ""
        return
    fields = found.fields if found is not None else []
    relevant = [field for field in fields if not report.fields or field.path in report.fields]
    report.fields = (report.fields or [field.path for field in fields])[:_MOST_FIELDS]
    report.managers = sorted({field.manager for field in relevant if field.manager})


def _is_of(manifest: dict[str, Any], item: ObjectStatus) -> bool:
    metadata = manifest["metadata"]
    same = (manifest["apiVersion"], manifest["kind"], metadata["name"]) == (
        item.api_version,
        item.kind,
        item.name,
    )
    return same and (not metadata.get("namespace") or metadata["namespace"] == item.namespace)
