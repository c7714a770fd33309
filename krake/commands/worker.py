"""`krake worker`."""

from __future__ import annotations

import click


@click.command()
@click.option("--metrics-host", help="Address of the metrics. [setting: worker_metrics_host]")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65535),
    help="Port of the metrics. [setting: worker_metrics_port]",
)
@click.option(
    "--max-activities",
    type=click.IntRange(1),
    help="Activities at the same time. [setting: worker_max_activities]",
)
def worker(metrics_host: str | None, metrics_port: int | None, max_activities: int | None) -> None:
    """Run one worker in the foreground.

    Any number may run; Temporal shares the work out among them. `krake bootstrap` comes first.

    \b
      KRAKE_DATABASE_URL=postgresql+asyncpg://krake:…@db/krake \\
      KRAKE_TEMPORAL_ADDRESS=temporal:7233 krake worker --metrics-host 0.0.0.0

    SIGTERM lets running activities finish. Ready when GET /metrics answers.
    """
    from krake.launch import become_module
    from krake.settings import load_settings

    become_module(
        "worker",
        load_settings(
            worker_metrics_host=metrics_host,
            worker_metrics_port=metrics_port,
            worker_max_activities=max_activities,
        ),
    )
