"""The scheduler's own figures: one decision, and the pass over all applications. No server is needed.

A decision is timed from the request to the bytes that are stored, on a snapshot that is there: it is made
once for all decisions on the same clusters. A decision with the making of its snapshot is timed beside it.
"""

from __future__ import annotations

import gc
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click

from examples.bench.report import RESULTS, report
from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.models.metric_constraints import MetricConstraint
from scheduler.columns import Snapshot
from scheduler.decide import decide
from scheduler.plan import Policy, Standing
from scheduler.rebalance import rebalance
from scheduler.record import encode
from scheduler.requirements import Needs
from scheduler.samples import Limits, Sample
from scheduler.snapshot import Candidate, Request

_METRICS = 10
_NAMESPACE = "bench"
_GIBIBYTE = 2**30
_PLACED = 0.95
"""The part of the applications that is somewhere already."""
_SIZES = (100, 1_000, 10_000)
_PASSES = ((10_000, 100, 200), (100_000, 1_000, 2_000))
"""Applications, clusters, and how many different sizes of applications there are."""


def clusters(count: int, load: int) -> list[Candidate]:
    """Clusters with ten metrics each, that hold about `load` applications and have room for a third more."""
    dice = random.Random(count)
    limits = [Limits(0.0, 100.0) for _ in range(_METRICS)]
    room = (("cpu", load * 1200), ("memory", load * _GIBIBYTE), ("pods", load * 2))
    taken = (("cpu", load * 900), ("memory", load * _GIBIBYTE // 2), ("pods", load))
    return [
        Candidate(
            namespace=_NAMESPACE,
            name=f"cluster-{number:05}",
            uid=f"cluster-{number:05}-uid",
            labels={"location": dice.choice(["DE", "IT", "SK"]), "tier": dice.choice("123")},
            state=ClusterState.ONLINE,
            metrics={
                f"metric-{at}": Sample(dice.random() * 100, dice.random() * 60, 1.0 + at, limits[at])
                for at in range(_METRICS)
            },
            allocatable=room,
            reserved=taken,
        )
        for number in range(count)
    ]


def request(current: str | None) -> Request:
    """A request with three constraints and a need for room."""
    need = (("cpu", 500), ("memory", _GIBIBYTE // 4), ("pods", 1))
    return Request(
        namespace=_NAMESPACE,
        name="application",
        uid="application-uid",
        labels=(LabelConstraint.parse("location in (DE, IT)"), LabelConstraint.parse("tier is not 3")),
        metrics=(MetricConstraint.parse("metric-0 < 90"),),
        needs=Needs(total=need),
        held=need if current else (),
        current=current,
    )


def standings(count: int, fleet: Sequence[Candidate], sizes: int) -> list[Standing]:
    """Applications with one of four constraints and one of so many sizes each, on clusters at random."""
    dice = random.Random(count)
    wishes: tuple[list[str], ...] = (["location is DE"], ["location in (DE, IT)"], ["tier is not 3"], [])
    made = []
    for number in range(count):
        size = dice.randrange(sizes)
        need = (("cpu", 100 + size), ("memory", _GIBIBYTE // 4), ("pods", 1))
        placed = dice.random() < _PLACED
        made.append(
            Standing(
                Request(
                    namespace=_NAMESPACE,
                    name=f"application-{number:06}",
                    uid=f"application-{number:06}-uid",
                    labels=tuple(LabelConstraint.parse(text) for text in wishes[size % 4]),
                    needs=Needs(total=need),
                    held=need if placed else (),
                    current=dice.choice(fleet).uid if placed else None,
                ),
                waiting=float(number),
            )
        )
    return made


def measure_decisions(rounds: int) -> dict[str, float]:
    """Milliseconds of one decision, recorded whole, and of making the snapshot."""
    figures: dict[str, float] = {}
    for size in _SIZES:
        fleet = clusters(size, 100)
        snapshot, asked, now = Snapshot(fleet), request(fleet[size // 2].uid), datetime.now(UTC)
        document = encode(decide(asked, snapshot, now=now, trigger="bench"))

        def warm(asked: Request = asked, snapshot: Snapshot = snapshot, now: datetime = now) -> None:
            encode(decide(asked, snapshot, now=now, trigger="bench"))

        def cold(asked: Request = asked, fleet: Sequence[Candidate] = fleet, now: datetime = now) -> None:
            encode(decide(asked, Snapshot(fleet), now=now, trigger="bench"))

        seconds, made = _timed(warm, rounds), _timed(cold, max(rounds // 10, 3))
        figures |= {
            f"decision_{size}_p50_ms": _percentile(seconds, 50) * 1000,
            f"decision_{size}_p99_ms": _percentile(seconds, 99) * 1000,
            f"decision_{size}_kilobytes": len(document) / 1000,
            f"snapshot_{size}_p50_ms": _percentile(made, 50) * 1000,
        }
    return figures


def measure_pass(applications: int, count: int, sizes: int) -> dict[str, float]:
    """Seconds of one pass within its budget, of one without any, and this process's peak of memory."""
    fleet = clusters(count, applications // count)
    everything = standings(applications, fleet, sizes)
    title = f"rebalance_{applications // 1000}k_{count}"
    figures = {}
    for suffix, policy in (("", Policy()), ("_unbounded", Policy(parallel=None, per_hour=None))):
        started = time.perf_counter()
        plan = rebalance(everything, Snapshot(fleet), policy)
        figures[f"{title}{suffix}_seconds"] = time.perf_counter() - started
        figures[f"{title}{suffix}_moves"] = float(len(plan.moves))
        figures[f"{title}_classes"] = float(plan.classes)
    figures[f"{title}_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


def measure_scheduler(rounds: int = 300) -> dict[str, float]:
    """All figures of the scheduler. Each pass runs in a process of its own, so that its memory is its own."""
    figures = measure_decisions(rounds)
    for applications, count, sizes in _PASSES:
        command = [sys.executable, "-m", "examples.bench.scheduler", "--one-pass"]
        numbers = map(str, (applications, count, sizes))
        answer = subprocess.run([*command, *numbers], check=True, stdout=subprocess.PIPE, text=True)
        figures |= json.loads(answer.stdout)
    figures["decision_growth"] = figures["decision_10000_p50_ms"] / figures["decision_1000_p50_ms"]
    figures["rebalance_growth"] = (
        figures["rebalance_100k_1000_seconds"] / figures["rebalance_10k_100_seconds"]
    )
    return figures


def _timed(work: Callable[[], object], rounds: int) -> list[float]:
    seconds = []
    work()
    # What was made for the measurement is no rubbish to search through.
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    gc.unfreeze()
    return sorted(seconds)


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


@click.command()
@click.option("--rounds", default=300, show_default=True, help="Decisions of each size.")
@click.option(
    "--one-pass", type=int, nargs=3, hidden=True, help="Applications, clusters, sizes; prints JSON."
)
def main(rounds: int, one_pass: tuple[int, int, int] | None) -> None:
    """Measure the scheduler alone; figures are added to build/bench.json."""
    if one_pass is not None:
        click.echo(json.dumps(measure_pass(*one_pass)))
        return
    report(measure_scheduler(rounds), RESULTS)


if __name__ == "__main__":
    main()
