"""Who wins among those that fit."""

from __future__ import annotations

from examples.explanations.scenario import Scenario, cluster, ref, value

LOADS = {"idle_de": value(0.9), "idle_it": value(0.4), "idle_fr": value(0.9)}


def _rated(name: str, weight: float = 1.0) -> list[dict[str, object]]:
    return [ref(f"idle_{name}", weight, "idle")]


WINNING = (
    Scenario(
        "The best score wins",
        "Both clusters are rated by how idle they are; the application is on `it`, which helps it a little.",
        (cluster("de", metrics=_rated("de")), cluster("it", metrics=_rated("it"))),
        on="it",
        metrics=LOADS,
    ),
    Scenario(
        "A tie",
        "Equal scores are settled by a stable rule on the names.",
        (cluster("de", metrics=_rated("de")), cluster("fr", metrics=_rated("fr"))),
        metrics=LOADS,
    ),
    Scenario(
        "A cluster without metrics",
        "Where one cluster that fits has metrics, those without are not ranked.",
        (cluster("de", metrics=_rated("de")), cluster("plain")),
        metrics=LOADS,
    ),
    Scenario(
        "Preferences",
        "`--prefer latency=2:minimise --prefer idle=1`; the clusters offer both metrics with weight 0.",
        (
            cluster("de", metrics=[ref("ms_de", 0, "latency"), ref("idle_de", 0, "idle")]),
            cluster("it", metrics=[ref("ms_it", 0, "latency"), ref("idle_it", 0, "idle")]),
        ),
        preferences=(
            {"metric": "latency", "weight": 2.0, "direction": "minimise"},
            {"metric": "idle", "weight": 1.0, "direction": "maximise"},
        ),
        metrics={**LOADS, "ms_de": value(80, highest=100), "ms_it": value(20, highest=100)},
    ),
)
