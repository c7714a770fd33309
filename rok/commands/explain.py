"""`rok kube app explain`: why an application is where it is."""

from __future__ import annotations

from typing import Any

import click

from rok.completing import name_argument
from rok.helping import Command
from rok.options import Pair
from rok.resources import APPLICATIONS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

decision_option = click.option(
    "--decision",
    "number",
    type=click.IntRange(min=1),
    metavar="ID",
    help="Explain this one. [default: the newest]",
)


@click.command(
    cls=Command,
    examples=(
        "rok kube app explain shop",
        "rok kube app explain shop --decision 17 -o json",
        "rok kube app explain shop --cordon edge --set-metric lab.load=0.9 --weight energy=2",
    ),
)
@name_argument
@decision_option
@click.option(
    "--cordon",
    multiple=True,
    metavar="CLUSTER",
    help="What if the cluster took nothing new? May be repeated.",
)
@click.option(
    "--set-metric",
    "values",
    type=Pair(),
    multiple=True,
    metavar="CLUSTER.METRIC=VALUE",
    help="What if the metric had this value there? May be repeated.",
)
@click.option(
    "--weight",
    "weights",
    type=Pair(),
    multiple=True,
    metavar="METRIC=WEIGHT",
    help="What if the metric had this weight everywhere? May be repeated.",
)
@common_options
@pass_session
def explain(
    session: Session,
    /,
    name: str,
    number: int | None,
    cordon: tuple[str, ...],
    values: Pairs,
    weights: Pairs,
) -> None:
    """Explain where the application NAME was placed: every cluster, what it is worth, why not.

    An application that was deleted keeps its decisions for a while. With something to suppose, the decision
    is made anew as it would be then; nothing is stored.
    """
    from rok.explaining import explain as show
    from rok.explaining import suppose

    if not (cordon or values or weights):
        show(session, APPLICATIONS, name, number)
        return
    if number is not None:
        raise click.UsageError("--decision shows what was decided; leave it out to suppose something")
    suppose(session, name, _what_if(cordon, values, weights))


def _what_if(cordon: tuple[str, ...], values: Pairs, weights: Pairs) -> dict[str, Any]:
    metrics: dict[str, dict[str, float]] = {}
    for key, text in values:
        cluster, dot, metric = key.partition(".")
        if not dot or not metric:
            raise click.UsageError(f"--set-metric {key}={text}: CLUSTER.METRIC=VALUE is expected")
        metrics.setdefault(cluster, {})[metric] = _number("--set-metric", text)
    weighed = {metric: _number("--weight", text) for metric, text in weights}
    return {"cordon": list(cordon), "metrics": metrics, "weights": weighed}


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"{option}: {text!r} is no number") from None
