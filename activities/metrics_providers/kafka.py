"""Values from Kafka: one pull query on a table of KSQL for all metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from activities.metrics_providers.base import ProviderError, login, number, post, shown
from krake.models.providers import Kafka


class KafkaReader:
    """A KSQL server with a table that has a row for each metric."""

    def __init__(self, spec: Kafka) -> None:
        self._spec = spec

    async def read(self, names: Collection[str]) -> Mapping[str, float]:
        """The present values.

        Raises:
            ProviderError: it cannot be reached or does not understand.
        """
        spec = self._spec
        headers, auth = login(spec.username, spec.password, spec.token)
        body = {"ksql": statement_of(spec, names), "streamsProperties": {}}
        answer = await post(spec, "/query", headers=headers, auth=auth, json=body)
        values: dict[str, float] = {}
        try:
            for row in (item["row"]["columns"] for item in answer.json() if "row" in item):
                value = number(row[1])
                if row[0] in names and value is not None:
                    values[row[0]] = value
        except (ValueError, LookupError, TypeError):
            raise ProviderError(f"{shown(spec.url)} answers, but not as KSQL does") from None
        return values


def statement_of(spec: Kafka, names: Collection[str]) -> str:
    """The query. Table and columns are plain words by the model; names are quoted."""
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(names))
    column = spec.comparison_column
    return f"SELECT {column}, {spec.value_column} FROM {spec.table} WHERE {column} IN ({quoted});"  # nosec
