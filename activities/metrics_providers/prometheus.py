"""Values from Prometheus: one instant query for all metrics."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from activities.metrics_providers.base import ProviderError, login, number, post, shown
from krake.models.providers import Prometheus


class PrometheusReader:
    """A Prometheus server."""

    def __init__(self, spec: Prometheus) -> None:
        self._spec = spec

    async def read(self, names: Collection[str]) -> Mapping[str, float]:
        """The present values; of several series of one name, the first counts.

        Raises:
            ProviderError: it cannot be reached or does not understand.
        """
        spec = self._spec
        headers, auth = login(spec.username, spec.password, spec.token)
        query = {"query": query_of(names)}
        answer = await post(spec, "/api/v1/query", headers=headers, auth=auth, data=query)
        values: dict[str, float] = {}
        try:
            for series in answer.json()["data"]["result"]:
                name, value = series["metric"].get("__name__"), number(series["value"][1])
                if name in names and value is not None:
                    values.setdefault(name, value)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise ProviderError(f"{shown(spec.url)} answers, but not as Prometheus does") from None
        return values


def query_of(names: Collection[str]) -> str:
    """A query for exactly these names, whatever characters are in them."""
    # Prometheus anchors the expression, so that only whole names match.
    pattern = "|".join(re.escape(name) for name in sorted(names))
    quoted = json.dumps(pattern, ensure_ascii=False)
    return f"{{__name__=~{quoted}}}"
