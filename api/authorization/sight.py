"""Which kinds somebody may see, for answers about several of them."""

from __future__ import annotations

from http import HTTPStatus

from api.authentication import ANONYMOUS, User
from api.authorization.authorizer import Authorizer
from api.authorization.needs import Need
from api.authorization.refusals import unauthenticated
from api.problems import ProblemError
from krake.models.kinds import KINDS
from krake.models.permissions import Verb


async def kinds_in_sight(authorizer: Authorizer, user: User, namespace: str, part: str) -> list[str]:
    """The kinds of which the user may get this part of each resource in the namespace.

    Raises:
        ProblemError: 403, of none; 401, nobody has been authenticated.
        Unavailable: the store does not answer.
    """
    kinds = [
        kind.name
        for kind in KINDS.values()
        if kind.namespaced
        and namespace in await authorizer.reach(user, Need(Verb.GET, kind.api, kind.plural, part))
    ]
    if kinds:
        return kinds
    if user.name == ANONYMOUS:
        raise unauthenticated()
    raise ProblemError(
        HTTPStatus.FORBIDDEN,
        f"User '{user.name}' may not get the {part} of any kind of resources in namespace '{namespace}'. "
        f"Ask for a role that allows `get` on them",
    )
