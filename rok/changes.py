"""Changes of existing resources that update commands ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Document = dict[str, Any]
Change = Callable[[Document], None]
Pairs = tuple[tuple[str, str], ...]

NOTHING = "At least one argument must be specified."


def together(*parts: Change | None) -> Change:
    """All of the changes in one; None stands for one that was not asked for.

    Raises:
        click.UsageError: none was asked for.
    """
    wanted = [part for part in parts if part is not None]
    if not wanted:
        raise click.UsageError(NOTHING)

    def change(document: Document) -> None:
        for part in wanted:
            part(document)

    return change


def change_labels(labels: Pairs, remove_existing: bool) -> Change | None:
    """Add labels to those that are there, or put them in their place."""

    def change(document: Document) -> None:
        metadata = document["metadata"]
        metadata["labels"] = {**({} if remove_existing else metadata.get("labels") or {}), **dict(labels)}

    return change if labels or remove_existing else None


def change_metrics(added: list[Document], remove_existing: bool) -> Change | None:
    """Add metrics to those that are there; one that is there already gets its new weight."""

    def change(document: Document) -> None:
        present = [] if remove_existing else document["spec"].get("metrics") or []
        document["spec"]["metrics"] = with_metrics(present, added)

    return change if added or remove_existing else None


def with_metrics(present: list[Document], added: list[Document]) -> list[Document]:
    """The metrics of both; one that is added takes the place of one of the same name."""
    names = {_called(ref) for ref in added}
    return [*(ref for ref in present if _called(ref) not in names), *added]


def _called(ref: Document) -> str:
    return str(ref.get("alias") or ref["name"])
