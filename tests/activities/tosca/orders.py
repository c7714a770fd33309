"""Translations in this process."""

from __future__ import annotations

from typing import Any

from activities.tosca.order import Limits, Order, Outcome
from activities.tosca.translate import translate

Document = dict[str, Any]


def outcome(
    tosca: Document | str | None = None,
    csar: str | None = None,
    inputs: Document | None = None,
    **limits: Any,
) -> Outcome:
    """What comes of a template or an archive; internal addresses are allowed unless a limit forbids them."""
    allowed = Limits(**{"allow_internal_urls": True, **limits})
    return translate(Order(tosca=tosca or {}, csar=csar, inputs=inputs or {}, limits=allowed))


def manifest(*arguments: Any, **more: Any) -> list[Document]:
    """The manifest that comes of it."""
    found = outcome(*arguments, **more)
    assert not found.problem, found.problem
    return found.manifest


def problem(*arguments: Any, passing: bool = False, **more: Any) -> str:
    """Why nothing comes of it."""
    found = outcome(*arguments, **more)
    assert found.problem
    assert not found.manifest
    assert found.passing is passing, found.problem
    return found.problem
