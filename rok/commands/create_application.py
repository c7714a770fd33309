"""`rok kube app create`."""

from __future__ import annotations

from typing import Any

import click

from rok.hooks import HookCommand, hook_options
from rok.metric_options import metric_constraint_option, prefer_option
from rok.options import (
    auto_cluster_option,
    backoff_options,
    constraint_option,
    drift_option,
    dry_run_option,
    file_option,
    inject_option,
    label_option,
    migration_option,
    observer_schema_option,
    resource_constraint_option,
    rollback_option,
    tosca_input_option,
    url_option,
    wait_options,
)
from rok.resources import APPLICATIONS
from rok.session import Session, common_options, pass_session
from rok.spread_options import spread_option


@click.command(
    examples=(
        "rok kube app create -f app.yaml shop --wait",
        "rok kube app create -f app.yaml shop -L 'location is DE' -l team=web",
        "rok kube app create -f app.yaml web-2 -l team=web --spread location team",
        "rok kube app create -f app.yaml shop -i DATABASE=db.example.org CACHE=redis",
        "rok kube app create -f tosca.yaml shop --tosca-input port=8080",
        "rok kube app create -u https://example.org/shop.csar shop",
        "helm template shop ./chart | rok kube app create -f - shop --wait running --timeout 5m",
        "rok kube app create -f app.yaml shop --hook-complete --hook-shutdown 60 give_up 2",
    ),
    cls=HookCommand,
)
@click.argument("name")
@file_option
@url_option
@tosca_input_option
@observer_schema_option
@drift_option
@label_option
@constraint_option
@resource_constraint_option
@metric_constraint_option
@prefer_option
@spread_option
@migration_option
@inject_option
@hook_options
@rollback_option
@auto_cluster_option
@backoff_options("to deploy")
@dry_run_option
@wait_options(("pending", "creating", "running"), bare="running")
@common_options
@pass_session
def create(
    session: Session, /, name: str, dry_run: bool, wait: str | None, timeout: float, **options: Any
) -> None:
    """Create the application NAME from a Kubernetes manifest, a TOSCA template or a CSAR archive."""
    from rok.actions import Waiting, create_resource, rehearse_creation
    from rok.new_application import new_application, warn_of_restarts

    document = new_application(session.namespace, name, **options)
    warn_of_restarts(document["spec"])
    if dry_run:
        rehearse_creation(session, APPLICATIONS, document)
        return
    create_resource(session, APPLICATIONS, document, Waiting(wait and wait.upper(), timeout))
