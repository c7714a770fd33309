"""What became of each resource of a command that works on many: one line each, errors in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from krake.errors import KrakeError
from rok.errors import ExitCode, RokError, exit_code, show_error
from rok.output import as_text
from rok.resource_files import Item
from rok.session import Session

Document = dict[str, Any]


class Results:
    """Collects what became of resources; people see each at once, programs all of it at the end."""

    def __init__(self, session: Session, remark: str = "") -> None:
        self._session = session
        self._remark = f" ({remark})" if remark else ""
        self._items: list[Document] = []
        self._failure: ExitCode | None = None

    def add(self, item: Item, result: str, resource: Document | None) -> None:
        """Note the result of one resource."""
        self._items.append({**item.identity, "result": result, "resource": resource})
        if self._session.output == "name":
            click.echo(item.title)
        elif self._session.for_people:
            click.echo(f"{item.title} {result}{self._remark}")

    @contextmanager
    def attempt(self, item: Item) -> Iterator[None]:
        """Show an error that is raised inside, so that the other resources still have their turn.

        Raises:
            RokError: the server is away, or Ctrl-C: the others would fare no better.
        """
        try:
            yield
        except KrakeError as error:
            code = exit_code(error)
            if code in (ExitCode.SERVER, ExitCode.INTERRUPTED):
                raise
            self._failure = self._failure or code
            self._items.append({**item.identity, "result": "failed", "error": str(error)})
            show_error(RokError(f"{item.title}: {error.what}", code=code, why=error.why, fix=error.fix))

    def finish(self) -> None:
        """Write the document for programs, and end with the exit code of the first error.

        Raises:
            click.exceptions.Exit: there was an error.
        """
        if self._session.output in ("json", "yaml"):
            click.echo(as_text({"items": self._items}, self._session.output))
        if self._failure is not None:
            raise click.exceptions.Exit(self._failure)
