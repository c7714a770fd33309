"""Secrets on the command line: asked for where they are missing, so that no shell history keeps them."""

from __future__ import annotations

import sys

import click

from rok.helping import Command

CREDENTIAL = "--application-credential"
ASK = "-"
"""What stands for a secret that is to be asked for."""


class CredentialCommand(Command):
    """A command with `--application-credential ID [SECRET]`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        names = {name for parameter in self.params for name in (*parameter.opts, *parameter.secondary_opts)}
        return super().parse_args(ctx, completed(args, names))


def completed(words: list[str], options: set[str]) -> list[str]:
    """The command line with a `-` where the secret of the application credential is missing.

    Args:
        words: the command line.
        options: the names of the command's options: a secret may begin with a hyphen, too.
    """
    rest, full = list(words), []
    while rest:
        word = rest.pop(0)
        full.append(word)
        if word == "--":
            return full + rest
        if word == CREDENTIAL and rest:
            full.append(rest.pop(0))
            if not rest or rest[0].partition("=")[0] in options:
                full.append(ASK)
    return full


def asked_for(secret: str | None, noun: str, option: str) -> str:
    """The secret, asked for on a terminal where it was not given.

    Raises:
        click.UsageError: it is missing, and there is no terminal.
    """
    if secret is not None and secret != ASK:
        return secret
    if not sys.stdin.isatty():
        raise click.UsageError(f"The {noun} is missing: give {option}, or run this on a terminal")
    return str(click.prompt(noun.capitalize(), hide_input=True, err=True))
