"""`rok completion`: the scripts by which shells complete commands, options and names."""

from __future__ import annotations

from pathlib import Path

import click

from rok.helping import Command

SHELLS = ("bash", "zsh", "fish")
PROGRAMS = ("rok", "krakectl")
"""The names under which the command is installed."""


@click.command(
    cls=Command,
    examples=(
        'eval "$(rok completion bash)"',
        'eval "$(rok completion zsh)"',
        "rok completion fish > ~/.config/fish/completions/rok.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, options, and the names of what there is."""
    click.echo(_script(ctx.find_root(), shell))


def _print(ctx: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    if shell is not None and not ctx.resilient_parsing:
        click.echo(_script(ctx, shell))
        ctx.exit()


print_completion_option = click.option(
    "--print-completion",
    type=click.Choice(SHELLS),
    help="Print the completion script for a shell, as `rok completion` does.",
    callback=_print,
    expose_value=False,
    is_eager=True,
)


def _script(root: click.Context, shell: str) -> str:
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"There is no completion for {shell}")
    called = Path(root.info_name or "").name
    program = called if called in PROGRAMS else PROGRAMS[0]
    return found(root.command, {}, program, f"_{program.upper()}_COMPLETE").source()
