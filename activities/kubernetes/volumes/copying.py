"""The activity that copies what an application keeps in volumes."""

from __future__ import annotations

import asyncio

from temporalio import activity

from activities.failures import user_error
from activities.heartbeats import with_heartbeats
from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.connections import Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.volumes.passes import copy_until_equal
from activities.kubernetes.volumes.pods import has_data, running_place
from activities.kubernetes.volumes.progress import CopyProgress, amount, resume_point
from activities.kubernetes.volumes.volume_copy import VolumeCopy
from activities.store.manifests import manifest_to_apply
from krake.messages.moving import CopiedVolumes, CopyVolumes
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from krake.volumes.analysis import (
    DataVolume,
    UnreachableDataError,
    check_reachable,
    data_volumes,
)


class VolumeActivities:
    """Copies volumes through running Pods, by commands in their containers. The source is only read."""

    def __init__(self, store: Store, connections: Connections, settings: Settings) -> None:
        self._store = store
        self._connections = connections
        self._settings = settings

    @activity.defn(name="copy_volumes")
    async def copy_volumes(self, call: CopyVolumes) -> CopiedVolumes:
        """Make the volumes at the destination equal to the source's, and prove it by checksums.

        Another attempt, on whatever worker, goes on where the last one was.

        Raises:
            ApplicationError: MIGRATION_FAILED where somebody has to mend something; says what.
        """

        async def write(message: str) -> None:
            await self._write(call, message)

        progress = CopyProgress(resume_point(activity.info().heartbeat_details), write)
        return await with_heartbeats(self._patiently(call, progress), lambda: progress.point)

    async def _patiently(self, call: CopyVolumes, progress: CopyProgress) -> CopiedVolumes:
        """Copy; trouble that passes is left to the next attempt, but not for ever."""
        try:
            return await self._copy(call, progress)
        except ClusterError as error:
            if error.temporary and progress.stalled_for > self._settings.volume_copy_patience:
                minutes = self._settings.volume_copy_patience / 60
                message = f"the volumes' data got no further for {minutes:g} min: {error.message}"
                raise user_error(ReasonCode.MIGRATION_FAILED, message) from error
            raise

    async def _copy(self, call: CopyVolumes, progress: CopyProgress) -> CopiedVolumes:
        record = await self._store.get_by_uid(call.target.uid)
        if record is None:
            raise user_error(ReasonCode.INVALID_RESOURCE, "the application is not there any more")
        source = (await self._connections.to(call.source)).connection
        target = (await self._connections.to(call.destination)).connection
        copies = [
            await self._open(volume, source, target, progress)
            for volume in _volumes(record)
            if await has_data(source, volume)
        ]
        await copy_until_equal(copies, progress, self._settings.volume_copy_passes)
        copied = CopiedVolumes(
            volumes=len(copies),
            files=progress.files,
            bytes=progress.bytes,
            passes=progress.number,
        )
        await self._record(call, copied)
        return copied

    async def _open(
        self, volume: DataVolume, source: ClusterConnection, target: ClusterConnection, progress: CopyProgress
    ) -> VolumeCopy:
        seconds = float(self._settings.readiness_timeout)
        origin, copy = await asyncio.gather(
            running_place(source, volume, seconds, progress.say),
            running_place(target, volume, seconds, progress.say),
        )
        return VolumeCopy(str(volume), origin, copy, progress)

    async def _write(self, call: CopyVolumes, message: str) -> None:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.target.uid)
            if record is not None:
                await transaction.write_status(record, {"message": message})

    async def _record(self, call: CopyVolumes, copied: CopiedVolumes) -> None:
        """Tell what was copied, once and for all."""
        words = (
            f"{copied.volumes} volumes, {copied.files} files, {amount(copied.bytes)} "
            f"from {call.source.name} to {call.destination.name}, equal after {copied.passes} passes"
        )
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.target.uid)
            if record is not None:
                await transaction.write_status(record, {"message": ""}, NewEvent("VolumesCopied", words))


def _volumes(record: Record) -> list[DataVolume]:
    manifest = manifest_to_apply(record)
    try:
        check_reachable(manifest)
    except UnreachableDataError as error:
        raise user_error(ReasonCode.MIGRATION_FAILED, str(error)) from error
    return data_volumes(manifest)
