"""Names of users and groups that mean something to Krake itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from krake.errors import KrakeError

SYSTEM = "system:"
"""How names begin that only Krake and its operators give; identity providers cannot."""
ANONYMOUS = "system:anonymous"
"""Who makes a request without any credential, where that is allowed."""
AUTHENTICATED = "system:authenticated"
"""The group of everybody whose credential was accepted."""
UNAUTHENTICATED = "system:unauthenticated"
"""The group of `system:anonymous`."""
MASTERS = "system:masters"
"""The group that may do everything."""
SERVICE_ACCOUNTS = "system:serviceaccounts"
"""The group of all service accounts."""

LONGEST_NAME = 255

_ACCOUNT = "system:serviceaccount:"
_PART = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A user that is a program, such as a worker at the edge or a hook; it belongs to a namespace."""

    namespace: str
    name: str

    @property
    def user(self) -> str:
        """The name of the user."""
        return f"{_ACCOUNT}{self.namespace}:{self.name}"

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that it is in by being a service account."""
        return SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{self.namespace}"

    @classmethod
    def parse(cls, text: str, separator: str = "/") -> ServiceAccount:
        """The service account `NAMESPACE/NAME`.

        Raises:
            KrakeError: the text is no such pair, or a part of it is no name.
        """
        namespace, _, name = text.partition(separator)
        if len(text) > LONGEST_NAME or not (_PART.fullmatch(namespace) and _PART.fullmatch(name)):
            raise KrakeError(
                f"{text!r} is no service account",
                why="Both parts are made of small letters, digits, '-' and '.'",
                fix="Write NAMESPACE/NAME, such as default/edge-1",
            )
        return cls(namespace, name)


def groups_by_name(user: str) -> tuple[str, ...]:
    """The groups that a user is in for its name alone."""
    if not user.startswith(_ACCOUNT):
        return ()
    return ServiceAccount.parse(user.removeprefix(_ACCOUNT), ":").groups


def check_name(what: str, name: str) -> None:
    """Raise KrakeError where this can be no user's or group's name, `what` saying which it is."""
    if not name or len(name) > LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise KrakeError(
            f"{name!r} is no name of a {what}",
            why=f"It has to be 1 to {LONGEST_NAME} printable characters without blanks around them",
        )
    if name in (ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED):
        raise KrakeError(
            f"{name} cannot be given to anybody",
            why="It says whether a request brought a credential at all",
            fix="Choose another name",
        )
    groups_by_name(name)
