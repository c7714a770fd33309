"""Values from InfluxDB 2: one Flux query for all metrics."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from io import StringIO

from activities.metrics_providers.base import ProviderError, number, post, shown
from krake.models.providers import Influx


class InfluxReader:
    """A bucket of an InfluxDB 2."""

    def __init__(self, spec: Influx) -> None:
        self._spec = spec

    async def read(self, names: Collection[str]) -> Mapping[str, float]:
        """The newest values of the last hour, by measurement.

        Raises:
            ProviderError: it cannot be reached or does not understand.
        """
        spec = self._spec
        headers = {"Authorization": f"Token {spec.token}", "Accept": "application/csv"}
        body = {"query": flux_of(spec.bucket, names), "type": "flux"}
        answer = await post(spec, "/api/v2/query", headers=headers, params={"org": spec.org}, json=body)
        newest: dict[str, tuple[str, float]] = {}
        for row in _rows(answer.text):
            if "_measurement" not in row or "_value" not in row:
                raise ProviderError(f"{shown(spec.url)} answers, but not as InfluxDB does")
            name, value, time = row["_measurement"], number(row["_value"]), row.get("_time") or ""
            if name in names and value is not None and time >= newest.get(name, ("", 0.0))[0]:
                newest[name] = (time, value)
        return {name: value for name, (_, value) in newest.items()}


def _rows(text: str) -> list[dict[str, str]]:
    """The rows of all tables of an answer; each table begins with its own header."""
    tables = text.replace("\r\n", "\n").strip("\n").split("\n\n")
    return [row for table in tables for row in csv.DictReader(StringIO("\n".join(_plain(table))))]


def _plain(table: str) -> list[str]:
    return [line for line in table.split("\n") if line and not line.startswith("#")]


def flux_of(bucket: str, names: Collection[str]) -> str:
    """The query; everything that users chose is quoted."""
    wanted = " or ".join(f"r._measurement == {_quoted(name)}" for name in sorted(names))
    return f"from(bucket: {_quoted(bucket)}) |> range(start: -1h) |> filter(fn: (r) => {wanted}) |> last()"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return f'"{escaped}"'
