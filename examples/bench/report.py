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
    ("API: get", "api_get_per_second", "/s"),
    ("API: create", "api_create_per_second", "/s"),
    ("API: list of 1,000", "api_list_1000_per_second", "/s"),
)


def report(figures: dict[str, float], path: Path) -> None:
    """Print the table and write the file."""
    click.echo()
    for title, key, unit in ROWS:
        if key in figures:
            click.echo(f"  {title:<40} {figures[key]:>10.3f} {unit}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({key: round(value, 4) for key, value in figures.items()}, indent=2) + "\n")
    click.echo(f"\n  {path}")
