"""What somebody is told who is not allowed something: who wanted what where, and how to get it."""

from __future__ import annotations

from http import HTTPStatus

from api.authentication import ANONYMOUS, User
from api.authorization.needs import Need
from api.problems import ProblemError
from krake.models.permissions import Verb

DENIED_TO_ALL = "This server allows nothing to anybody: its setting KRAKE_AUTHORIZATION is always-deny"

_PLAIN = {Verb.LIST_ALL: Verb.LIST, Verb.WATCH_ALL: Verb.WATCH}
"""`list` in some namespace is enough to list all that one may see."""


def refusal(user: User, need: Need, namespace: str | None, name: str | None = None) -> ProblemError:
    """The answer to a request that is not allowed."""
    if user.name == ANONYMOUS:
        return unauthenticated()
    verb = _PLAIN.get(need.verb, need.verb)
    where = _where(need, namespace)
    which = f" '{name}'" if name else ""
    return ProblemError(
        HTTPStatus.FORBIDDEN,
        f"User '{user.name}' may not {verb} {need.words}{which}{where}. "
        f"Ask for a role that allows `{verb}` on {need.words}{where}",
    )


def unauthenticated() -> ProblemError:
    """The answer to a request of nobody that is not allowed to nobody."""
    return ProblemError(
        HTTPStatus.UNAUTHORIZED,
        "No user has been authenticated, and anonymous users may not do this. Send a token",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _where(need: Need, namespace: str | None) -> str:
    if namespace is not None:
        return f" in namespace '{namespace}'"
    if need.is_global:
        return ""
    return " in any namespace" if need.verb in _PLAIN else " in all namespaces"
