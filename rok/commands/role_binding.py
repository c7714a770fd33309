"""`rok core rolebinding`: who has which roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from rok.changes import NOTHING
from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.options import Decorator, label_option
from rok.resources import ROLE_BINDINGS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]
Names = tuple[str, ...]
_FIELDS = ("roles", "users", "groups", "namespaces")

role_binding = Group(
    "rolebinding",
    collection=ROLE_BINDINGS,
    help="Role bindings: which users and groups have which roles.",
    examples=("rok core rolebinding create team-a --role role:editor --group team-a --for-namespace team-a",),
)
add_common_commands(role_binding, ROLE_BINDINGS, "rolebinding", "team-a")


def _names(option: str, field: str, text: str, *, required: bool = False) -> Decorator:
    return click.option(
        option, field, multiple=True, required=required, metavar="NAME", help=f"{text}; may be repeated."
    )


@role_binding.command(
    examples=(
        "rok core rolebinding create team-a --role role:editor --group team-a --for-namespace team-a",
        "rok core rolebinding create auditors --role role:viewer --user anna --user ben",
    )
)
@click.argument("name")
@_names("--role", "roles", "Role that is given", required=True)
@_names("--user", "users", "User who gets it")
@_names("--group", "groups", "Group whose members get it")
@_names("--for-namespace", "namespaces", "Only namespace that it counts in [default: as the roles say]")
@label_option
@common_options
@pass_session
def create(
    session: Session,
    /,
    name: str,
    roles: Names,
    users: Names,
    groups: Names,
    namespaces: Names,
    labels: Pairs,
) -> None:
    """Create the role binding NAME. It can give no more than you hold yourself."""
    from rok.actions import Waiting, create_resource

    document = {
        "api": ROLE_BINDINGS.api,
        "kind": ROLE_BINDINGS.kind,
        "metadata": {"name": name, "namespace": None, "labels": dict(labels)},
        "roles": list(roles),
        "users": list(users),
        "groups": list(groups),
        "namespaces": list(namespaces) or None,
    }
    create_resource(session, ROLE_BINDINGS, document, Waiting(None, 0))


@role_binding.command(
    examples=(
        "rok core rolebinding update team-a --user carla",
        "rok core rolebinding update team-a --remove-user ben",
    )
)
@name_argument
@_names("--role", "roles", "Role to give, too")
@_names("--user", "users", "User to add")
@_names("--group", "groups", "Group to add")
@_names("--for-namespace", "namespaces", "Namespace that it is to count in, too")
@_names("--remove-role", "gone_roles", "Role to take away")
@_names("--remove-user", "gone_users", "User to take away")
@_names("--remove-group", "gone_groups", "Group to take away")
@_names("--remove-namespace", "gone_namespaces", "Namespace to take away")
@label_option
@common_options
@pass_session
def update(session: Session, /, name: str, labels: Pairs, **names: Names) -> None:
    """Change the role binding NAME. What is taken away does not count any more from the next request on."""
    from rok.actions import Waiting, update_resource

    if not (labels or any(names.values())):
        raise click.UsageError(NOTHING)

    def change(document: dict[str, Any]) -> None:
        document["metadata"]["labels"].update(labels)
        for field in _FIELDS:
            added, gone = names[field], names[f"gone_{field}"]
            if added or gone:
                document[field] = _changed(document.get(field), added, gone)

    update_resource(session, ROLE_BINDINGS, name, change, Waiting(None, 0))


def _changed(before: Sequence[str] | None, added: Names, gone: Names) -> list[str]:
    """The names with some more and without some. A list that has become empty stays one: without namespaces a
    binding would count in all of them."""
    return [name for name in dict.fromkeys([*(before or []), *added]) if name not in gone]
