"""`rok core role`: what may be done, ready to be given to somebody."""

from __future__ import annotations

from typing import Any

import click

from rok.access import Triple
from rok.changes import NOTHING
from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.options import Decorator, label_option
from rok.resources import ROLES
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

role = Group(
    "role",
    collection=ROLES,
    help="Roles: what may be done with which resources, in which namespaces.",
    examples=("rok core role create reader --rule get,list applications,clusters team-a",),
)
add_common_commands(role, ROLES, "role", "role:viewer")


def _rule_option(*, required: bool) -> Decorator:
    return click.option(
        "--rule",
        "rules",
        type=(str, str, str),
        multiple=True,
        required=required,
        metavar="VERBS RESOURCES NAMESPACES",
        help="What is allowed where, each separated by commas, '*' for all; may be repeated.",
    )


@role.command(
    examples=(
        "rok core role create reader --rule get,list applications,clusters team-a",
        "rok core role create mover --rule update applications/migration team-a,team-b",
        "rok core role create metrics --rule '*' globalmetrics,globalmetricsproviders '*'",
    )
)
@click.argument("name")
@_rule_option(required=True)
@label_option
@common_options
@pass_session
def create(session: Session, /, name: str, rules: tuple[Triple, ...], labels: Pairs) -> None:
    """Create the role NAME. Nobody has it before a role binding says so.

    Verbs: create, get, list, list_all, update, delete, watch, watch_all. Whoever may list may watch, too.
    """
    from rok.access import rules_of
    from rok.actions import Waiting, create_resource

    metadata = {"name": name, "namespace": None, "labels": dict(labels)}
    document = {"api": ROLES.api, "kind": ROLES.kind, "metadata": metadata, "rules": rules_of(rules)}
    create_resource(session, ROLES, document, Waiting(None, 0))


@role.command(
    examples=(
        "rok core role update reader --rule get,list metrics team-a",
        "rok core role update reader --remove-existing-rules --rule get applications team-a",
    )
)
@name_argument
@_rule_option(required=False)
@click.option("--remove-existing-rules", "anew", is_flag=True, help="Take away the rules that it has.")
@label_option
@common_options
@pass_session
def update(session: Session, /, name: str, rules: tuple[Triple, ...], anew: bool, labels: Pairs) -> None:
    """Change the role NAME: rules are added to those that it has. It counts from the next request on."""
    from rok.access import rules_of
    from rok.actions import Waiting, update_resource

    if not (rules or anew or labels):
        raise click.UsageError(NOTHING)
    added = rules_of(rules)

    def change(document: dict[str, Any]) -> None:
        document["metadata"]["labels"].update(labels)
        document["rules"] = [*([] if anew else document["rules"]), *added]

    update_resource(session, ROLES, name, change, Waiting(None, 0))
