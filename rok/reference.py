"""The reference page of `rok`, made from the commands themselves.

python -m rok.reference > docs/reference/rok.md
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from rok.cli import main
from rok.config import DEFAULT_URL, DEFAULT_USER, FILE_NAMES
from rok.errors import EXIT_CODES
from rok.helping import Command, Group

WIDTH = 100

_INTRODUCTION = f"""\
# `rok`, the users' command line

<!-- Made by `python -m rok.reference > docs/reference/rok.md`; a test keeps it current. -->

`rok` talks to Krake's REST API and to nothing else. `rok --help` and the `--help` of every command say the
same as this page.

## Configuration

The first file that exists is used: `--config FILE`, the variable `ROK_CONFIG`, then
`{"` or `".join(FILE_NAMES)}` in the current folder, in `$XDG_CONFIG_HOME` (`~/.config`), in `/etc/rok` and in
`/etc/krakectl`. Without one the API is `{DEFAULT_URL}` and the user `{DEFAULT_USER}`.

```yaml
api_url: https://krake.example.org:8080
user: someone                # also the namespace that commands use without -n
token: …                     # optional; sent as Authorization: Bearer
insecure: false              # true sends it over plain http, also to another machine
tls:
  enabled: true
  client_ca: ca.pem          # who signed the server's certificate; the system's authorities if left out
  client_cert: me.pem
  client_key: me-key.pem
```

`ROK_API_URL`, `ROK_NAMESPACE` and `ROK_INSECURE` win over the file. `rok config view` shows what is in
effect, with the token masked.

## Output

`-o table` (the default) and `-o wide` are for people: as wide as the terminal, without colours where there is
no terminal or `NO_COLOR` is set. `-o json` (keys sorted) and `-o yaml` are the API's own documents, for
programs. Results go to standard output; progress, warnings and errors go to standard error.

## Waiting

`--wait` follows the resource from the very revision that the command made, so that nothing is missed, also
when the API restarts meanwhile. On a terminal one line shows what is being waited for; elsewhere each change
is a line with its time. Ctrl-C ends the waiting only: the work goes on in Krake.

## Exit codes

| code | meaning |
|---|---|
"""

_COMMANDS = """\
## Commands

`kube` is short for `kubernetes`, `app` for `application`.

"""


def reference() -> str:
    """The page as Markdown."""
    codes = "\n".join(f"| {int(code)} | {meaning} |" for code, meaning in EXIT_CODES.items())
    sections = "\n".join(_section(path, command) for path, command in _leaves(main, ("rok",)))
    return f"{_INTRODUCTION}{codes}\n\n{_COMMANDS}{sections}"


def _leaves(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    short = {name: alias for alias, name in group.aliases.items()} if isinstance(group, Group) else {}
    for name, command in group.commands.items():
        here = (*path, short.get(name, name))
        if isinstance(command, click.Group):
            yield from _leaves(command, here)
        else:
            yield here, command


def _section(path: tuple[str, ...], command: click.Command) -> str:
    """One command: its title, what it does, its options, its examples."""
    title = " ".join(path)
    context = click.Context(command, info_name=title)
    arguments = " ".join(command.collect_usage_pieces(context))
    text = " ".join((command.help or "").split())
    rows = [_option(parameter, context) for parameter in command.params]
    table = "\n".join(row for row in rows if row)
    examples = "\n".join(command.examples) if isinstance(command, Command) else ""
    head = f"### `{title}`\n\n{text}\n\n`{title} {arguments}`\n\n"
    options = f"| option | meaning |\n|---|---|\n{table}\n\n" if table else ""
    return f"{head}{options}```sh\n{examples}\n```\n"


def _option(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    if record is None or isinstance(parameter, click.Argument):
        return ""
    names, meaning = (text.replace("|", "\\|") for text in record)
    return f"| `{names}` | {meaning} |"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
