"""All roles and bindings of a moment, and what each user holds through them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from api.authentication import ANONYMOUS, User
from api.authorization.needs import Need
from api.authorization.reach import Reach, union
from api.authorization.rules import Rule, reach_of, read_rules
from krake.store.records import Record

AUTHENTICATED = "system:authenticated"
"""The group that everyone with a name belongs to."""
UNAUTHENTICATED = "system:unauthenticated"
MOST_KEPT = 10_000
"""Users, and needs of one user, whose answers are remembered."""


@dataclass(slots=True)
class Grants:
    """What one user holds."""

    roles: frozenset[str] = frozenset()
    """The names of the roles that are bound to the user, also of those that do not exist."""
    rules: tuple[Rule, ...] = ()
    _known: dict[Need, Reach] = field(default_factory=dict)

    def reach(self, need: Need) -> Reach:
        """In which namespaces the need is met."""
        known = self._known.get(need)
        if known is None:
            known = union(rule.allows(need) for rule in self.rules)
            if len(self._known) >= MOST_KEPT:
                self._known.clear()
            self._known[need] = known
        return known


@dataclass(frozen=True, slots=True)
class Binding:
    """What one role binding gives to whoever it names."""

    roles: tuple[str, ...]
    limit: Reach | None
    """The only namespaces in which it counts; None where it does not say."""


class Policy:
    """The roles and bindings of one moment."""

    def __init__(self, roles: Iterable[Record], bindings: Iterable[Record]) -> None:
        self._rules = {role.name: role.spec["rules"] for role in roles}
        self._of_users: dict[str, list[Binding]] = {}
        self._of_groups: dict[str, list[Binding]] = {}
        self._grants: dict[User, Grants] = {}
        for record in bindings:
            self._add(record)

    def _add(self, record: Record) -> None:
        spec = record.spec
        namespaces = spec.get("namespaces")
        binding = Binding(tuple(spec["roles"]), None if namespaces is None else reach_of(namespaces))
        for name in spec.get("users", ()):
            self._of_users.setdefault(name, []).append(binding)
        for name in spec.get("groups", ()):
            self._of_groups.setdefault(name, []).append(binding)

    def grants(self, user: User) -> Grants:
        """What the user holds, by name and by groups."""
        found = self._grants.get(user)
        if found is None:
            if len(self._grants) >= MOST_KEPT:
                self._grants.clear()
            found = self._grants[user] = self._collect(user)
        return found

    def rules_of(self, binding: Binding) -> tuple[Rule, ...]:
        """The rules that a binding gives; roles that do not exist give none."""
        documents = (self._rules.get(name, ()) for name in binding.roles)
        return tuple(rule for found in documents for rule in read_rules(found, binding.limit))

    def lacks(self, roles: Iterable[str]) -> list[str]:
        """Those of the roles that do not exist."""
        return sorted(set(roles) - self._rules.keys())

    def _collect(self, user: User) -> Grants:
        bindings = list(self._of_users.get(user.name, ()))
        everybody = UNAUTHENTICATED if user.name == ANONYMOUS else AUTHENTICATED
        for group in {*user.groups, everybody}:
            bindings += self._of_groups.get(group, ())
        rules = {rule: None for binding in bindings for rule in self.rules_of(binding)}
        return Grants(frozenset(name for binding in bindings for name in binding.roles), tuple(rules))
