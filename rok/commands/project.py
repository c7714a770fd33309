"""`rok os project`: OpenStack projects in which Magnum makes clusters."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.kept import add_common_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.metric_options import Weights, global_metric_option, metric_option
from rok.options import decorated_with, label_option
from rok.resources import PROJECTS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]
_EXAMPLE = (
    "rok os project create edge --auth-url https://keystone.example.org:5000/v3 "
    "--application-credential ID SECRET --template k8s"
)


def _options(*, create: bool) -> list[Any]:
    def words(text: str, name: str) -> str:
        return f"{text} [default: ${name}]" if create else text

    return [
        click.option("--auth-url", metavar="URL", help=words("Address of Keystone.", "OS_AUTH_URL")),
        click.option(
            "--application-credential",
            "credential",
            type=(str, str),
            metavar="ID SECRET",
            help="Credential to sign in with, in place of user, password and project.",
        ),
        click.option("--user-id", metavar="ID", help=words("User to sign in as.", "OS_USER_ID")),
        click.option("--password", metavar="TEXT", help=words("The password.", "OS_PASSWORD")),
        click.option("--project-id", metavar="ID", help=words("Project to sign in to.", "OS_PROJECT_ID")),
        click.option(
            "--template",
            required=create,
            metavar="ID",
            help="Magnum's cluster template, by UUID or name.",
        ),
        label_option,
        metric_option,
        global_metric_option,
        common_options,
        pass_session,
    ]


project = Group(
    "project",
    collection=PROJECTS,
    help="OpenStack projects in which Magnum makes clusters.",
    examples=(_EXAMPLE, "rok os project list"),
)
add_common_commands(project, PROJECTS, "project", "edge")


@project.command(
    help="Create the project NAME.\n\nWhat is not given is taken from the variables of OpenStack's clients.",
    examples=(_EXAMPLE, "rok os project create edge --template k8s    # with OS_AUTH_URL, OS_USER_ID, …"),
)
@click.argument("name")
@decorated_with(_options(create=True))
def create(
    session: Session,
    /,
    name: str,
    template: str,
    labels: Pairs,
    metrics: Weights,
    global_metrics: Weights,
    **options: Any,
) -> None:
    """Create a project."""
    from rok.actions import Waiting, create_resource
    from rok.openstack_group import new_project

    document = {
        "api": PROJECTS.api,
        "kind": PROJECTS.kind,
        "metadata": {"name": name, "namespace": session.namespace, "labels": dict(labels)},
        "spec": new_project(template, metrics, global_metrics, options),
    }
    create_resource(session, PROJECTS, document, Waiting(None, 0))


@project.command(
    help="Change the project NAME. What is not given stays as it is.\n\n"
    "Labels and metrics are added to those that are there. A new address or user needs its secret again.",
    examples=("rok os project update edge --template k8s-2 -l tier=gold",),
)
@name_argument
@decorated_with(_options(create=False))
def update(
    session: Session,
    /,
    name: str,
    labels: Pairs,
    metrics: Weights,
    global_metrics: Weights,
    **options: Any,
) -> None:
    """Change a project."""
    from rok.actions import Waiting, update_resource
    from rok.openstack_group import change_project

    change = change_project(labels, metrics, global_metrics, options)
    update_resource(session, PROJECTS, name, change, Waiting(None, 0))
