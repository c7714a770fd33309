"""Options by which clusters have metrics, and applications want something of them."""

from __future__ import annotations

from typing import Any

import click

Weights = tuple[tuple[str, float], ...]


class Wish(click.ParamType[dict[str, Any]]):
    """`METRIC=WEIGHT[:minimise|maximise]`."""

    name = "wish"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The preference as the API takes it."""
        metric, equals, rest = str(value).partition("=")
        weight, _, direction = rest.partition(":")
        directions = {"": "maximise", "maximise": "maximise", "minimise": "minimise"}
        try:
            number = float(weight)
        except ValueError:
            number = 0.0
        if not metric or not equals or number <= 0 or direction not in directions:
            self.fail(f"{value!r} is not of the form METRIC=WEIGHT[:minimise|maximise]", param, ctx)
        return {"metric": metric, "weight": number, "direction": directions[direction]}


metric_option = click.option(
    "-m",
    "--metric",
    "metrics",
    type=(str, float),
    multiple=True,
    metavar="[ALIAS=]NAME WEIGHT",
    help="Metric of the namespace that it is ranked by, and what applications call it; may be repeated.",
)
global_metric_option = click.option(
    "--gm",
    "--global-metric",
    "global_metrics",
    type=(str, float),
    multiple=True,
    metavar="[ALIAS=]NAME WEIGHT",
    help="Global metric that it is ranked by, and what applications call it; may be repeated.",
)
metric_constraint_option = click.option(
    "-M",
    "--cluster-metric-constraint",
    "metric_constraints",
    multiple=True,
    metavar="CONSTRAINT",
    help="What the cluster's metrics have to be: 'load < 0.8'; may be repeated.",
)
prefer_option = click.option(
    "--prefer",
    "preferences",
    type=Wish(),
    multiple=True,
    metavar="METRIC=WEIGHT[:minimise|maximise]",
    help="A metric that clusters are preferred by; more is better, unless told otherwise; may be repeated.",
)


def references(metrics: Weights, global_metrics: Weights) -> list[dict[str, Any]]:
    """The metrics of a cluster as the API takes them."""
    return [
        _reference(words, weight, namespaced)
        for namespaced, given in ((True, metrics), (False, global_metrics))
        for words, weight in given
    ]


def _reference(words: str, weight: float, namespaced: bool) -> dict[str, Any]:
    alias, _, name = words.rpartition("=")
    return {"name": name, "weight": weight, "namespaced": namespaced, **({"alias": alias} if alias else {})}
