"""What every command shares: configuration, namespace, output format, and the options that set them."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from rok.config import Config, load_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from rok.client import Client
    from rok.tokens import Found

FORMATS = ("table", "wide", "json", "yaml")


class Session:
    """The choices of one call of `rok`, filled by its options."""

    def __init__(self) -> None:
        self.config_path: str | None = None
        self.ca_file: str | None = None
        self.context_option: str | None = None
        self.token_file_option: str | None = None
        self.insecure_option: bool | None = None
        self.namespace_option: str | None = None
        self.output = "table"
        self.debug = False

    @cached_property
    def config(self) -> Config:
        """The configuration, read when first needed; a warning in it is shown once."""
        config = load_config(self.config_path, os.environ, self.context_option)
        if self.ca_file:
            config = replace(config, tls=replace(config.tls, client_ca=self.ca_file))
        if self.insecure_option:
            config = replace(config, insecure=True)
        if config.warning:
            click.echo(config.warning, err=True)
        return config

    @cached_property
    def access(self) -> Found:
        """The token for the API and where it comes from, looked for when first needed."""
        from rok.tokens import find_token

        return find_token(self.config, os.environ, self.token_file_option)

    @property
    def namespace(self) -> str:
        """The namespace that this call works in."""
        return self.namespace_option or self.config.default_namespace

    @property
    def for_people(self) -> bool:
        """Whether standard output carries tables rather than documents."""
        return self.output in ("table", "wide")

    def connect(self) -> Client:
        """A client for the configured API."""
        from rok.client import Client

        return Client(replace(self.config, token=self.access.token))

    def inside(self, namespace: str) -> Session:
        """The same choices for another namespace."""
        other = copy(self)
        other.namespace_option = namespace
        return other

    def again(self, command: str) -> str:
        """The command line to suggest to a user, with the namespace where it is not the default."""
        default = self.config.default_namespace
        option = "" if self.namespace == default else f" -n {self.namespace}"
        return f"rok {command}{option}"


pass_session = click.make_pass_decorator(Session, ensure=True)


def _stored(attribute: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that keeps an option's value in the session instead of passing it to the command."""

    def keep(ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
        if value is not None:
            setattr(ctx.ensure_object(Session), attribute, value)
        return value

    return keep


config_option = click.option(
    "--config",
    metavar="FILE",
    help="Configuration file, instead of searching for one.",
    callback=_stored("config_path"),
    expose_value=False,
)
ca_file_option = click.option(
    "--api-ca-file",
    metavar="FILE",
    help="CA certificates (PEM) to verify the API with. [default: tls.client_ca, or the system's]",
    callback=_stored("ca_file"),
    expose_value=False,
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Choice(FORMATS),
    help="How results are shown; `json` and `yaml` are the API's own documents. [default: table]",
    callback=_stored("output"),
    expose_value=False,
)
named_output_option = click.option(
    "-o",
    "--output",
    type=click.Choice((*FORMATS, "name")),
    help="How results are shown; `name` is `kind/name`, one a line. [default: table]",
    callback=_stored("output"),
    expose_value=False,
)
namespace_option = click.option(
    "-n",
    "--namespace",
    metavar="NAMESPACE",
    help="Namespace to work in. [default: the configured user]",
    callback=_stored("namespace_option"),
    expose_value=False,
)
context_option = click.option(
    "--context",
    metavar="NAME",
    help="Context of the configuration file, instead of its current one.",
    callback=_stored("context_option"),
    expose_value=False,
)
token_file_option = click.option(
    "--token-file",
    metavar="FILE",
    help="File with the token to authenticate with.",
    callback=_stored("token_file_option"),
    expose_value=False,
)
insecure_option = click.option(
    "--insecure",
    is_flag=True,
    default=None,
    help="Send the token over plain http, also to another machine.",
    callback=_stored("insecure_option"),
    expose_value=False,
)
debug_option = click.option(
    "--debug",
    is_flag=True,
    default=None,
    help="Show a traceback with an unexpected error.",
    callback=_stored("debug"),
    expose_value=False,
)


CommandFunction = TypeVar("CommandFunction", bound="Callable[..., Any]")


def common_options(command: CommandFunction) -> CommandFunction:
    """Add the options that every command on resources takes."""
    for option in (ca_file_option, config_option, output_option, namespace_option):
        command = option(command)
    return command
