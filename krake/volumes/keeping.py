"""Whether an application keeps data that is lost when its cluster is."""

from __future__ import annotations

from typing import Any

_MARKS = frozenset({"persistentVolumeClaim", "volumeClaimTemplates"})


def keeps_data(manifest: list[dict[str, Any]]) -> bool:
    """Whether anything in the manifest makes or mounts a persistent volume."""
    return any(item.get("kind") == "PersistentVolumeClaim" or _mounts(item) for item in manifest)


def _mounts(value: Any) -> bool:
    if isinstance(value, dict):
        return any((key in _MARKS and item) or _mounts(item) for key, item in value.items())
    return isinstance(value, list) and any(_mounts(item) for item in value)
