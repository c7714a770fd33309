"""Comparing all volumes again and again until nothing differs."""

from __future__ import annotations

from collections.abc import Sequence

from activities.failures import user_error
from activities.kubernetes.volumes.listing import readable
from activities.kubernetes.volumes.progress import CopyProgress
from activities.kubernetes.volumes.volume_copy import VolumeCopy
from krake.models.reasons import ReasonCode

_MOST_NAMES = 5


async def copy_until_equal(copies: Sequence[VolumeCopy], progress: CopyProgress, passes: int) -> None:
    """Make passes over the volumes until one finds no difference: that one has proved all checksums equal.

    An attempt that follows another goes on with the volume that was not done.

    Args:
        copies: one for each volume.
        progress: where an earlier attempt was; carries the point to go on from.
        passes: the most that are made.

    Raises:
        ApplicationError: files still differ after the last pass; names them.
        ClusterError: a cluster did not answer or a connection broke.
    """
    while True:
        while progress.volume < len(copies):
            copy = copies[progress.volume]
            changed = await copy.once()
            progress.volume_done([readable(name) for name in changed], copy.files, copy.bytes)
        if not progress.changed:
            break
        if progress.number >= passes:
            raise user_error(ReasonCode.MIGRATION_FAILED, _restless(progress.changed, passes))
        progress.next_pass()
    for copy in copies:
        await copy.finish()


def _restless(names: Sequence[str], passes: int) -> str:
    listed = ", ".join(names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"the volumes still differ after {passes} passes, because these keep changing: {listed}{more}"
