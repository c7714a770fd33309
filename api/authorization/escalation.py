"""Nobody gives away more than they hold: what creating or changing a role or binding would grant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from api.authentication import User
from api.authorization.authorizer import MASTERS, Authorizer
from api.authorization.needs import Need
from api.authorization.policy import Binding, Grants
from api.authorization.reach import EVERYWHERE, Reach
from api.authorization.rules import Rule, reach_of, read_rules
from api.problems import ProblemError, invalid_field
from krake.models.kinds import ACCESS, ROLE, Kind
from krake.models.permissions import ANY, VERBS, Verb, apis_of, is_global

Document = dict[str, Any]

SHOWN = 3
"""Permissions that a refusal names."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One verb on one resource, and where."""

    need: Need
    reach: Reach

    @property
    def words(self) -> str:
        """The permission as messages name it."""
        if self.need.is_global:
            where = ""
        elif self.reach.everywhere:
            where = " in all namespaces"
        else:
            where = f" in namespace {', '.join(sorted(self.reach.names))}"
        return f"`{self.need.verb}` on {self.need.words}{where}"


async def refuse_escalation(
    authorizer: Authorizer, user: User, kind: Kind, wanted: Document, stored: Document | None = None
) -> None:
    """Refuse a role or binding that would grant more than its author holds.

    Args:
        authorizer: what is held.
        user: who writes it.
        kind: what is written; nothing is checked for other kinds.
        wanted: its content as it is to be.
        stored: its content as it is; None for a new one.

    Raises:
        ProblemError: 403, it grants more than the user holds; 422, it names roles that do not exist.
    """
    if kind not in ACCESS or authorizer.is_unlimited(user) or (stored and _gives_no_more(wanted, stored)):
        return
    policy = await authorizer.policies.current()
    if kind is ROLE:
        rules: Iterable[Rule] = read_rules(wanted["rules"])
    else:
        unknown = policy.lacks(wanted["roles"])
        if unknown:
            # Whoever creates that role later would give it to users whom nobody has checked.
            raise invalid_field("roles", f"There is no role {', '.join(unknown)}: create it first")
        limit = None if wanted["namespaces"] is None else reach_of(wanted["namespaces"])
        rules = policy.rules_of(Binding(tuple(wanted["roles"]), limit))
    missing = list(lacking(policy.grants(user), rules))
    if missing:
        raise _refusal(user, kind, missing)


def lacking(held: Grants, rules: Iterable[Rule]) -> Iterator[Permission]:
    """What the rules allow and the holder is not allowed."""
    for rule in rules:
        for permission in _permissions(rule):
            if permission.reach and not held.reach(permission.need).covers(permission.reach):
                yield permission


def _permissions(rule: Rule) -> Iterator[Permission]:
    """What a rule allows, piece by piece. "All" is a piece of its own, which only "all" covers."""
    verbs = VERBS if Verb.ANY in rule.verbs else sorted(rule.verbs)
    for resource in sorted(rule.resources):
        apis = [rule.api] if rule.api != ANY or resource == ANY else list(apis_of(resource))
        for api in apis:
            for verb in verbs:
                need = Need.of(verb, api, resource)
                if not is_global(api, resource):
                    yield Permission(need, rule.reach)
                elif not rule.bound:
                    yield Permission(need, EVERYWHERE)


def _gives_no_more(wanted: Document, stored: Document) -> bool:
    """Whether the change only takes something away, or nothing at all."""
    if "rules" in wanted:
        return bool(wanted["rules"] == stored["rules"])
    if any(not set(wanted[key]) <= set(stored[key]) for key in ("roles", "users", "groups")):
        return False
    before = EVERYWHERE if stored["namespaces"] is None else reach_of(stored["namespaces"])
    after = EVERYWHERE if wanted["namespaces"] is None else reach_of(wanted["namespaces"])
    return before.covers(after)


def _refusal(user: User, kind: Kind, missing: list[Permission]) -> ProblemError:
    shown = ", ".join(permission.words for permission in missing[:SHOWN])
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    return ProblemError(
        HTTPStatus.FORBIDDEN,
        f"User '{user.name}' would grant more by this {kind.word} than they hold: {shown}{more}. "
        f"Ask somebody who holds it, or a member of the group {MASTERS}",
    )
