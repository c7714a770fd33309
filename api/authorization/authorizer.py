"""The one place where it is decided whether somebody may do something."""

from __future__ import annotations

from http import HTTPStatus

from api.authentication import User
from api.authorization.cache import PolicyCache
from api.authorization.needs import Need
from api.authorization.policy import Grants
from api.authorization.reach import EVERYWHERE, NOWHERE, Reach
from api.authorization.refusals import DENIED_TO_ALL, refusal
from api.problems import ProblemError
from krake.settings import Settings
from krake.store.store import Store

MASTERS = "system:masters"
"""Members of this group may do everything, also when roles and bindings have been spoilt."""


class Authorizer:
    """Decides by roles and bindings, or as the setting `authorization` says."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._mode = settings.authorization
        self.policies = PolicyCache(store)

    def is_unlimited(self, user: User) -> bool:
        """Whether the user may do everything, whatever the roles say."""
        return self._mode == "always-allow" or (self._mode == "rbac" and MASTERS in user.groups)

    @property
    def asks_roles(self) -> bool:
        """Whether roles decide."""
        return self._mode == "rbac"

    async def grants(self, user: User) -> Grants:
        """What the user holds through roles.

        Raises:
            Unavailable: the store does not answer.
        """
        return (self.policies.fresh() or await self.policies.current()).grants(user)

    async def reach(self, user: User, need: Need) -> Reach:
        """In which namespaces the user may do what is needed.

        Raises:
            Unavailable: the store does not answer.
        """
        if self.is_unlimited(user):
            return EVERYWHERE
        if self._mode == "always-deny":
            return NOWHERE
        return (await self.grants(user)).reach(need)

    async def authorize(
        self,
        user: User,
        need: Need,
        namespace: str | None = None,
        name: str | None = None,
        *,
        partly: bool = False,
    ) -> Reach:
        """Let a request pass, or refuse it.

        Args:
            user: who asks.
            need: what for.
            namespace: where; None for what is in no namespace, and for all namespaces.
            name: the resource, for the message.
            partly: whether some of all namespaces will do, because the answer is made of those only.

        Returns:
            The namespaces that the answer may speak of.

        Raises:
            ProblemError: 403, the user may not; 401, nobody has been authenticated.
            Unavailable: the store does not answer.
        """
        reach = await self.reach(user, need)
        if not _suffices(reach, namespace, partly):
            if self._mode == "always-deny":
                raise ProblemError(HTTPStatus.FORBIDDEN, DENIED_TO_ALL)
            raise refusal(user, need, namespace, name)
        return reach if namespace is None else reach.within(Reach(False, frozenset({namespace})))


def _suffices(reach: Reach, namespace: str | None, partly: bool) -> bool:
    if namespace is not None:
        return namespace in reach
    return bool(reach) if partly else reach.everywhere
