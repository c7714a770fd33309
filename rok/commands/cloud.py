"""`rok infra cloud` and `globalcloud`: where clusters can be made."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.kept import add_common_commands
from rok.completing import complete_global_provider, complete_provider, name_argument
from rok.helping import Group
from rok.metric_options import Weights, global_metric_option, metric_option
from rok.options import decorated_with, given, label_option, setting_option
from rok.resources import CLOUDS, GLOBAL_CLOUDS, Collection
from rok.secret_words import CREDENTIAL, CredentialCommand
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]
Settings = tuple[tuple[str, Any], ...]


def _options(collection: Collection, *, new: bool) -> list[Any]:
    """The options that say what a cloud is; a global one knows nothing of namespaces."""
    return [
        *(_of_namespace() if collection.namespaced else []),
        click.option(
            "--global-infra-provider",
            "everywhere",
            metavar="NAME",
            help="Global provider.",
            shell_complete=complete_global_provider,
        ),
        global_metric_option,
        *_sign_in(new=new),
        *([] if collection.namespaced else _of_operators()),
        click.option("--region", metavar="NAME", help="openstack: region, where the cloud has several."),
        click.option(
            "--ca-certificate",
            metavar="FILE",
            help="openstack: certificates (PEM) of the authority that signed the cloud's.",
        ),
        click.option("--token", metavar="TOKEN", help="custom: token for it."),
        setting_option,
        label_option,
        common_options,
        pass_session,
    ]


def _of_namespace() -> list[Any]:
    """What a cloud of a namespace may name besides, in its namespace."""
    return [
        click.option(
            "--infra-provider",
            "local",
            metavar="NAME",
            help="Provider of the namespace.",
            shell_complete=complete_provider,
        ),
        metric_option,
    ]


def _of_operators() -> list[Any]:
    """What only a global cloud may use."""
    return [
        click.option(
            "--clouds-yaml", metavar="ENTRY", help="openstack: sign in by this entry of Krake's clouds.yaml."
        )
    ]


def _sign_in(*, new: bool) -> list[Any]:
    """Where an OpenStack cloud is, and how one signs in."""
    return [
        click.option("--url", metavar="URL", help="Address: of Keystone, or of the custom cloud."),
        click.option("--username", metavar="NAME", help="openstack: name to sign in with."),
        click.option("--password", metavar="TEXT", help="openstack: its password." + _asked(new)),
        click.option("--project", metavar="NAME", help="openstack: project for clusters."),
        click.option(
            "--domain-name", metavar="NAME", help="openstack: domain of the user." + _default(new, "Default")
        ),
        click.option(
            "--domain-id", metavar="ID", help="openstack: domain of the project." + _default(new, "default")
        ),
        click.option(
            CREDENTIAL,
            nargs=2,
            metavar="ID [SECRET]",
            help="openstack: sign in with this application credential; without SECRET, or with `-`, it is "
            "asked for.",
        ),
    ]


def _asked(new: bool) -> str:
    return " [default: asked for]" if new else ""


def _default(new: bool, value: str) -> str:
    return f" [default: {value}]" if new else ""


def _given(settings: Settings, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of the cloud's part that the user gave."""
    return given(options=dict(settings) or None, **fields)


def _group(collection: Collection, command: str) -> Group:
    """The group of commands of one kind of clouds."""
    group = Group(
        command,
        collection=collection,
        help=f"{collection.noun.capitalize()}s: where clusters can be made.",
        examples=(_example(command), f"rok infra {command} list"),
    )
    add_common_commands(group, collection, command, "dresden")
    _add_register(group, collection, command)
    _add_update(group, collection, command)
    return group


def _example(command: str) -> str:
    return (
        f"rok infra {command} register dresden --type openstack --global-infra-provider im "
        "--url https://keystone.example.org:5000/v3 --username krake --project edge"
    )


def _document(
    collection: Collection, session: Session, name: str, labels: Pairs, spec: dict[str, Any]
) -> dict[str, Any]:
    """The cloud as it is sent."""
    return {
        "api": collection.api,
        "kind": collection.kind,
        "metadata": {
            "name": name,
            "namespace": session.namespace if collection.namespaced else None,
            "labels": dict(labels),
        },
        "spec": spec,
    }


def _add_register(group: Group, collection: Collection, command: str) -> None:
    def register(
        session: Session,
        /,
        name: str,
        kind: str,
        labels: Pairs,
        everywhere: str | None,
        global_metrics: Weights,
        settings: Settings,
        local: str | None = None,
        metrics: Weights = (),
        **fields: Any,
    ) -> None:
        from rok.actions import Waiting, create_resource
        from rok.clouds import new_cloud
        from rok.infrastructure import provider_reference

        provider = provider_reference(local, everywhere, required=True) or {}
        spec = new_cloud(kind, provider, metrics, global_metrics, _given(settings, fields))
        document = _document(collection, session, name, labels, spec)
        create_resource(session, collection, document, Waiting(None, 0))

    kind_option = click.option("--type", "kind", required=True, metavar="TYPE", help="openstack or custom.")
    options = decorated_with([click.argument("name"), kind_option, *_options(collection, new=True)])
    group.command(
        cls=CredentialCommand,
        help=f"Register the {collection.noun} NAME. Each type has options of its own.",
        examples=(
            _example(command),
            f"rok infra {command} register dresden --type openstack --global-infra-provider magnum "
            "--url https://keystone.example.org:5000/v3 --application-credential 2c0e8a…",
            f"rok infra {command} register lab --type custom --global-infra-provider sandbox "
            "--option limit=3",
        ),
    )(options(register))


def _add_update(group: Group, collection: Collection, command: str) -> None:
    def update(
        session: Session,
        /,
        name: str,
        labels: Pairs,
        everywhere: str | None,
        global_metrics: Weights,
        settings: Settings,
        local: str | None = None,
        metrics: Weights = (),
        **fields: Any,
    ) -> None:
        from rok.actions import Waiting, update_resource
        from rok.clouds import change_cloud
        from rok.infrastructure import provider_reference

        provider = provider_reference(local, everywhere, required=False)
        change = change_cloud(labels, provider, metrics, global_metrics, _given(settings, fields))
        update_resource(session, collection, name, change, Waiting(None, 0))

    group.command(
        cls=CredentialCommand,
        help=f"Change the {collection.noun} NAME. What is not given stays as it is.\n\n"
        "Labels, metrics and --option are added to those that are there. A new address or user needs the "
        "password or secret.",
        examples=(f"rok infra {command} update dresden --project edge-2 -l tier=gold",),
    )(decorated_with([name_argument, *_options(collection, new=False)])(update))


cloud = _group(CLOUDS, "cloud")
global_cloud = _group(GLOBAL_CLOUDS, "globalcloud")
