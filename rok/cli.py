"""The entry point of `rok`: its groups of commands, and what becomes of errors."""

from __future__ import annotations

import sys
from typing import Any

import click

from krake.errors import KrakeError
from rok.commands.application import application
from rok.commands.audit import audit
from rok.commands.auth import auth
from rok.commands.cloud import cloud, global_cloud
from rok.commands.cluster import cluster
from rok.commands.completion import completion, print_completion_option
from rok.commands.context import get_contexts, set_context, use_context
from rok.commands.diff import diff
from rok.commands.explain import explain as explain_placement
from rok.commands.files import apply, delete
from rok.commands.files import diff as diff_files
from rok.commands.generic import describe, events, get, wait
from rok.commands.history import describe_application, describe_cluster, history, rollback
from rok.commands.infrastructure_provider import (
    global_infrastructure_provider,
    infrastructure_provider,
)
from rok.commands.login import login, logout, whoami
from rok.commands.looking import explain, tree
from rok.commands.magnum_cluster import magnum_cluster
from rok.commands.metric import global_metric, metric
from rok.commands.misc import config, version
from rok.commands.orphan import orphan
from rok.commands.project import project
from rok.commands.provider import global_provider, provider
from rok.commands.rebalance import rebalance
from rok.commands.role import role
from rok.commands.role_binding import role_binding
from rok.errors import EXIT_CODES, ExitCode, RokError, exit_code, show_error
from rok.helping import Group
from rok.session import (
    Session,
    context_option,
    debug_option,
    insecure_option,
    token_file_option,
)


class Root(Group):
    """The outermost group: turns every failure into a few lines and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; no exception but click's own leaves it."""
        try:
            return super().invoke(ctx)
        except KrakeError as error:
            show_error(error)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("Interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            _unexpected(ctx, error)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the exit codes at the end of the help."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in EXIT_CODES.items()])


def _unexpected(ctx: click.Context, error: Exception) -> None:
    if ctx.ensure_object(Session).debug:
        raise error
    show_error(
        RokError(
            f"Unexpected {type(error).__name__}: {' '.join(str(error).split()) or 'no details'}",
            code=ExitCode.SERVER,
            why="This is a defect of rok or an answer that it does not understand",
            fix="Run it again as `rok --debug …` for a trace, and report that",
        )
    )
    ctx.exit(ExitCode.SERVER)


@click.group(
    cls=Root,
    aliases={"kube": "kubernetes", "infra": "infrastructure", "os": "openstack"},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    examples=(
        "rok kube cluster register -k ~/.kube/config --wait     # give Krake a cluster",
        "rok kube app create -f app.yaml shop --wait            # deploy, wait until it runs",
        "rok kube app get shop                                  # state, services, cluster",
        "rok kube app operations shop                           # what Krake does right now",
        "rok kube app update shop -L 'location is DE'           # change where it may run",
        "rok kube app delete shop --wait                        # remove it with all its objects",
    ),
)
@context_option
@token_file_option
@insecure_option
@debug_option
@print_completion_option
def main() -> None:
    """Deploy applications over many Kubernetes clusters with Krake.

    Register clusters, hand in applications; Krake places them, keeps them running, and says what it
    does. Every command explains itself with --help.
    """


@main.group(
    cls=Group,
    aliases={"app": "application"},
    examples=("rok kube cluster list", "rok kube app list --all"),
)
def kubernetes() -> None:
    """Applications and the Kubernetes clusters they run on (short: kube)."""


for command in (diff, explain_placement, history, rollback, describe_application):
    application.add_command(command)
cluster.add_command(describe_cluster)


@main.group(
    cls=Group,
    aliases={"gm": "globalmetric", "mp": "metricsprovider", "gmp": "globalmetricsprovider"},
    examples=("rok core metric list", "rok core orphan list --all"),
)
def core() -> None:
    """What belongs to Krake itself."""


for part in (metric, global_metric, provider, global_provider, orphan, audit, role, role_binding):
    core.add_command(part)


@main.group(
    cls=Group,
    aliases={
        "provider": "infrastructureprovider",
        "ip": "infrastructureprovider",
        "gprovider": "globalinfrastructureprovider",
        "gip": "globalinfrastructureprovider",
        "gcloud": "globalcloud",
        "gc": "globalcloud",
    },
    examples=("rok infra cloud list", "rok infra gip list"),
)
def infrastructure() -> None:
    """Clouds, and the providers that make clusters on them (short: infra)."""


for part in (infrastructure_provider, global_infrastructure_provider, cloud, global_cloud):
    infrastructure.add_command(part)


@main.group(cls=Group, examples=("rok os project list", "rok os cluster list"))
def openstack() -> None:
    """Clusters that Magnum makes in OpenStack projects (short: os)."""


for part in (project, magnum_cluster):
    openstack.add_command(part)
kubernetes.add_command(application)
kubernetes.add_command(cluster)
kubernetes.add_command(rebalance)
main.add_command(auth)
for command in (apply, diff_files, delete, get, describe, events, wait, tree, explain):
    main.add_command(command)
main.add_command(version)
main.add_command(config)
main.add_command(completion)
for command in (get_contexts, use_context, set_context):
    config.add_command(command)
for command in (login, logout, whoami):
    main.add_command(command)

if __name__ == "__main__":
    sys.exit(main())
