"""Through which container and path a volume is read and written. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume as a container sees it. `partial` where it sees only a folder of the volume (subPath)."""

    volume: str
    container: str
    path: str
    partial: bool = False


def data_mounts(pod: Document, volume: str) -> list[Mount]:
    """The mounts that together show all that a Pod's containers can write of a volume.

    One that shows the whole volume is enough; else each folder that is mounted counts. What no container may
    write has not been written by one, and could not be written at the target.
    """
    partial: dict[str, Mount] = {}
    for container in pod.get("containers") or []:
        for mount in container.get("volumeMounts") or []:
            if mount.get("name") != volume or mount.get("readOnly"):
                continue
            folder = str(mount.get("subPath") or mount.get("subPathExpr") or "")
            found = Mount(volume, container["name"], str(mount["mountPath"]), partial=bool(folder))
            if not folder:
                return [found]
            partial.setdefault(folder, found)
    return list(partial.values())
