"""Options that several commands take, and the values that they accept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from rok.formats import Duration, span

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

DEFAULT_TIMEOUT = 600.0
"""Seconds that `--wait` waits where nothing else is asked for."""


class Pair(click.ParamType[tuple[str, str]]):
    """`KEY=VALUE`, split at the first `=`."""

    name = "pair"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """The key and the value."""
        key, equals, text = str(value).partition("=")
        if not equals or not key:
            self.fail(f"{value!r} is not of the form KEY=VALUE", param, ctx)
        return key, text


class Setting(Pair):
    """`KEY=VALUE` whose value is a number, true, false, null or JSON where it reads like that; else text."""

    name = "setting"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Any]:
        """The key and the value."""
        key, text = super().convert(value, param, ctx)
        try:
            return key, json.loads(text)
        except ValueError:
            return key, text


label_option = click.option(
    "-l", "--label", "labels", type=Pair(), multiple=True, metavar="KEY=VALUE", help="Label; may be repeated."
)
setting_option = click.option(
    "--option",
    "settings",
    type=Setting(),
    multiple=True,
    metavar="KEY=VALUE",
    help="custom: what the provider wants to know beyond; numbers and JSON are taken so; may be repeated.",
)


def removal_option(what: str, meaning: str) -> Decorator:
    """`--remove-existing-…`: what an update empties before it adds."""
    return click.option(f"--remove-existing-{what}", is_flag=True, help=meaning)


remove_labels_option = removal_option("labels", "Replace the labels instead of adding to them.")
file_option = click.option(
    "-f",
    "--file",
    "manifest",
    metavar="FILE",
    help="Kubernetes manifest, YAML or JSON, also with several documents, or a TOSCA template; "
    "`-` is standard input.",
)
url_option = click.option(
    "-u",
    "--url",
    metavar="URL",
    help="Address that Krake fetches a TOSCA template (.yaml, .yml) or a CSAR archive (.csar, .zip) from.",
)
tosca_input_option = click.option(
    "--tosca-input",
    "tosca_inputs",
    type=Pair(),
    multiple=True,
    metavar="KEY=VALUE",
    help="Value for an input of the TOSCA template, in place of its default; may be repeated.",
)
inject_option = click.option(
    "-i",
    "--inject",
    "values",
    type=Pair(),
    multiple=True,
    metavar="KEY=VALUE",
    help="Give each container's environment variable whose value is KEY the VALUE; several may follow.",
)
constraint_option = click.option(
    "-L",
    "--cluster-label-constraint",
    "constraints",
    multiple=True,
    metavar="CONSTRAINT",
    help="What the cluster's labels have to be: 'location is DE', 'tier in (gold, silver)'; may be repeated.",
)
resource_constraint_option = click.option(
    "-R",
    "--cluster-resource-constraint",
    "resources",
    multiple=True,
    metavar="PLURAL.GROUP",
    help="Custom resource definition that the cluster has to have; may be repeated.",
)
custom_resource_option = click.option(
    "-R",
    "--custom-resource",
    "custom_resources",
    multiple=True,
    metavar="PLURAL.GROUP",
    help="Custom resource definition that the cluster is said to have; may be repeated.",
)
observer_schema_option = click.option(
    "-O",
    "--observer_schema_file",
    "--observer-schema-file",
    "observer_schema",
    metavar="FILE",
    help="Which fields count as drift, one YAML document for each object; `-` is standard input.",
)
drift_option = click.option(
    "--drift",
    type=click.Choice(("correct", "report", "ignore")),
    help="What becomes of changes on the cluster by others. [default: correct]",
)
migration_option = click.option(
    "--enable-migration/--disable-migration",
    "migration",
    default=None,
    help="Whether the application may move to another cluster once it runs. [default: enabled]",
)
rollback_option = click.option(
    "--rollback/--no-rollback",
    "rollback",
    default=None,
    help="Whether an update whose rollout fails returns to the last good generation. [default: no]",
)
auto_cluster_option = click.option(
    "--auto-cluster-create/--no-auto-cluster-create",
    "auto_cluster",
    default=None,
    help="Whether a cluster is made where it fits on none, or a new one would be better. [default: no]",
)
watch_option = click.option("-w", "--watch", is_flag=True, help="Go on showing changes until Ctrl-C.")
dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Store nothing: show what would be, and which cluster would be chosen, and why.",
)
force_option = click.option(
    "--force",
    is_flag=True,
    help="Remove it from Krake at once; what it has on clusters is recorded as orphans.",
)
all_option = click.option("-a", "--all", "everywhere", is_flag=True, help="Of all namespaces.")


def wait_options(states: Sequence[str], bare: str, default_timeout: float = DEFAULT_TIMEOUT) -> Decorator:
    """`--wait [STATE]` and its `--timeout`; `bare` is what `--wait` alone waits for."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        wait = click.option(
            "--wait",
            is_flag=False,
            flag_value=bare,
            default=None,
            type=click.Choice(states, case_sensitive=False),
            help=f"Wait for the state before returning; `--wait` alone waits for {bare}.",
        )
        timeout = click.option(
            "--timeout",
            type=Duration(),
            default=default_timeout,
            metavar="DURATION",
            help="How long --wait waits: 90s, 10m, 1h; 0 is without limit. "
            f"[default: {span(default_timeout)}]",
        )
        return wait(timeout(command))

    return decorate


def backoff_options(subject: str) -> Decorator:
    """The three settings of retries, with upstream's spelling and the usual one."""
    options = (
        click.option(
            "--backoff",
            type=click.IntRange(min=1),
            metavar="FACTOR",
            help=f"Factor by which the delay before the next attempt {subject} grows. [default: 1]",
        ),
        click.option(
            "--backoff_delay",
            "--backoff-delay",
            type=click.IntRange(min=1),
            metavar="SECONDS",
            help="Seconds before the second attempt. [default: 1]",
        ),
        click.option(
            "--backoff_limit",
            "--backoff-limit",
            type=click.IntRange(min=-1),
            metavar="NUMBER",
            help="Number of further attempts; -1 never gives up. [default: -1]",
        ),
    )

    return decorated_with(options)


def decorated_with(decorators: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """One decorator for several options; help shows them in the order given."""

    def decorate(command: Any) -> Any:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def given(**values: Any) -> dict[str, Any]:
    """Those values that the user gave: what was not asked for must not be sent and reset."""
    return {key: value for key, value in values.items() if value is not None}
