"""The figures of a run: a table for people, flat JSON for programs."""

from __future__ import annotations

import json
from pathlib import Path

import click

ROWS = (
    ("floor: apply until available, p50", "floor_p50_seconds", "s"),
    ("floor: apply until available, p95", "floor_p95_seconds", "s"),
    ("Krake: create until RUNNING, p50", "deploy_p50_seconds", "s"),
    ("Krake: create until RUNNING, p95", "deploy_p95_seconds", "s"),
    ("  p50 as a multiple of the floor's", "deploy_ratio", "x"),
    ("floor: 50 at once", "floor_batch_per_second", "/s"),
    ("Krake: 50 at once", "batch_per_second", "/s"),
    ("  as a part of the floor's rate", "batch_ratio", "x"),
    ("migration, p50", "migration_p50_seconds", "s"),
    ("fail-over: death until ready elsewhere", "failover_seconds", "s"),
    ("  detection", "failover_detection_seconds", "s"),
    ("  tolerance", "failover_tolerance_seconds", "s"),
    ("  placement", "failover_placement_seconds", "s"),
    ("  start", "failover_start_seconds", "s"),
    ("  without detection and tolerance", "failover_control_seconds", "s"),
    ("API: get", "api_get_per_second", "/s"),
    ("API: create", "api_create_per_second", "/s"),
    ("API: list of 1,000", "api_list_1000_per_second", "/s"),
    ("API with 10,000: create", "api_create_10000_per_second", "/s"),
    ("  p99", "api_create_10000_p99_ms", "ms"),
    ("API with 10,000: get", "api_get_of_10000_per_second", "/s"),
    ("  p99", "api_get_of_10000_p99_ms", "ms"),
    ("API with 10,000: page of 100", "api_list_10000_page_per_second", "/s"),
    ("  p99", "api_list_10000_page_p99_ms", "ms"),
    ("API with 10,000: selected page of 100", "api_list_10000_selected_per_second", "/s"),
    ("  p99", "api_list_10000_selected_p99_ms", "ms"),
    ("API with 10,000: all at once", "api_list_10000_whole_per_second", "/s"),
    ("  p99", "api_list_10000_whole_p99_ms", "ms"),
    ("200 watchers: a change is heard of, p50", "watch_200_p50_ms", "ms"),
    ("200 watchers: a change is heard of, p99", "watch_200_p99_ms", "ms"),
    ("  events to all of them", "watch_200_events_per_second", "/s"),
    ("decision on 100 clusters, p50", "decision_100_p50_ms", "ms"),
    ("decision on 100 clusters, p99", "decision_100_p99_ms", "ms"),
    ("decision on 1,000 clusters, p50", "decision_1000_p50_ms", "ms"),
    ("decision on 1,000 clusters, p99", "decision_1000_p99_ms", "ms"),
    ("decision on 10,000 clusters, p50", "decision_10000_p50_ms", "ms"),
    ("decision on 10,000 clusters, p99", "decision_10000_p99_ms", "ms"),
    ("  10 times the clusters", "decision_growth", "x"),
    ("  its record", "decision_10000_kilobytes", "kB"),
    ("snapshot of 1,000, and a decision", "snapshot_1000_p50_ms", "ms"),
    ("snapshot of 10,000, and a decision", "snapshot_10000_p50_ms", "ms"),
    ("pass: 10,000 applications on 100", "rebalance_10k_100_seconds", "s"),
    ("  without budget: all that want to move", "rebalance_10k_100_unbounded_seconds", "s"),
    ("  peak memory", "rebalance_10k_100_peak_mb", "MB"),
    ("pass: 100,000 applications on 1,000", "rebalance_100k_1000_seconds", "s"),
    ("  without budget: all that want to move", "rebalance_100k_1000_unbounded_seconds", "s"),
    ("  peak memory", "rebalance_100k_1000_peak_mb", "MB"),
    ("  100 times the pairs", "rebalance_growth", "x"),
)

RESULTS = Path("build/bench.json")


def report(figures: dict[str, float], path: Path) -> None:
    """Print the table and write the file; figures of other measurements in it stay."""
    click.echo()
    for title, key, unit in ROWS:
        if key in figures:
            click.echo(f"  {title:<40} {figures[key]:>10.3f} {unit}")
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    known |= {key: round(value, 4) for key, value in figures.items()}
    path.write_text(json.dumps(known, indent=2) + "\n")
    click.echo(f"\n  {path}")
