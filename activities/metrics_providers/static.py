"""Fixed values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from krake.models.providers import Static


class StaticReader:
    """The values that the provider itself carries."""

    def __init__(self, spec: Static) -> None:
        self._metrics = spec.metrics

    async def read(self, names: Collection[str]) -> Mapping[str, float]:
        """The values that there are."""
        return {name: self._metrics[name] for name in names if name in self._metrics}
