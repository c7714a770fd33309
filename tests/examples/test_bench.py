"""The scheduler's measurement, on fewer applications than `make bench` takes."""

from __future__ import annotations

import json
from pathlib import Path

from examples.bench.report import report
from examples.bench.scheduler import measure_pass


def test_a_pass_is_measured_and_added_to_the_other_figures(tmp_path: Path) -> None:
    figures = measure_pass(1000, 10, 20)
    assert figures["rebalance_1k_10_seconds"] > 0
    assert figures["rebalance_1k_10_unbounded_moves"] > figures["rebalance_1k_10_moves"] > 0
    path = tmp_path / "build" / "bench.json"
    report({"deploy_p50_seconds": 1.0}, path)
    report(figures, path)
    known = json.loads(path.read_text())
    assert known["deploy_p50_seconds"] == 1.0
    assert known["rebalance_1k_10_classes"] == figures["rebalance_1k_10_classes"]
