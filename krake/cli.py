"""The operator's command `krake`: its group, and how errors reach people."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from types import MappingProxyType

import click

from krake.errors import KrakeError
from krake.leaving import leave

_COMMANDS = MappingProxyType(
    {
        "up": "krake.commands.up:up",
        "down": "krake.commands.down:down",
        "status": "krake.commands.status:status",
        "sandbox": "krake.commands.sandbox:sandbox",
        "servers": "krake.commands.servers:servers",
        "api": "krake.commands.api:api",
        "worker": "krake.commands.worker:worker",
        "bootstrap": "krake.commands.bootstrap:bootstrap",
        "db": "krake.commands.db:db",
        "token": "krake.commands.token:token",
        "config": "krake.commands.config:config",
        "secrets": "krake.commands.secrets:secrets",
        "pki": "krake.commands.pki:pki",
        "audit": "krake.commands.audit:audit",
        "version": "krake.commands.version:version",
    }
)

_DEBUG_HINT = "Run `krake --debug …` again to see where, and report it"


class CommandTable(click.Group):
    """A group that imports a command when it is used, so that `krake version` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which people meet them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None where there is no such command."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
@click.version_option(package_name="krake", prog_name="krake", message="%(prog)s %(version)s")
def krake(debug: bool) -> None:
    """Run and look after Krake. (Users deploy applications with `rok`.)

    \b
    On one machine, with nothing else to install:
      krake up                            start everything, Ctrl-C stops it
      krake up --detach                   the same in the background
      krake status                        what runs, since when, where
      krake sandbox create de -l location=DE
                                          a Kubernetes cluster to deploy to
      krake down                          stop what --detach started

    \b
    On many machines (see docker-compose.yml):
      krake bootstrap                     prepare the store and Temporal, once
      krake api                           an API server
      krake worker                        a worker
      krake token create admin --group system:masters
                                          the first administrator

    Every setting is an environment variable KRAKE_…; `krake config` shows them all.
    """


def main() -> None:
    """Run `krake`. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    code = run(sys.argv[1:])
    if "temporalio" in sys.modules:
        leave(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are shown in lines for people."""
    debug = "--debug" in arguments
    try:
        result = krake.main(args=arguments, prog_name="krake", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except KrakeError as error:
        return _fail(f"Error: {error}", debug)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted", err=True)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except Exception as error:
        return _fail(
            f"Error: {type(error).__name__}: {error}\nThis is a fault in Krake\n{_DEBUG_HINT}", debug
        )


def _fail(message: str, debug: bool) -> int:
    """Show why a command failed."""
    if debug:
        click.echo(traceback.format_exc(), err=True)
    click.echo(message, err=True)
    return 1
