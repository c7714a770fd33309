"""Whether somebody still may what they were allowed, asked again and again by answers that go on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import Request

from api.authorization.needs import Need
from api.authorization.reach import Reach
from api.deps import info, services
from api.problems import ProblemError

RECHECK = 2.0
"""Seconds after which the credential of an open stream is looked at again."""
GRACE = 60.0
"""Seconds that a credential counts on while nobody can tell whether it is still valid."""

_log = structlog.get_logger("api.authorization")


class Standing:
    """The right of one request, from its beginning to the end of its answer.

    Roles are asked at each call, the credential every `RECHECK` seconds: a token that is revoked or expires,
    a certificate that expires, and a user whose groups change, count for what is open already.
    """

    def __init__(self, request: Request, need: Need, path: Mapping[str, str], *, partly: bool) -> None:
        self._services = services(request)
        self._scope = request.scope
        self._user = info(request).user
        self._need = need
        self._namespace, self._name = path.get("namespace"), path.get("name")
        self._partly = partly
        self._asked = self._confirmed = time.monotonic()

    async def __call__(self) -> Reach:
        """The namespaces that the answer may speak of now.

        Raises:
            ProblemError: 401, the credential is not valid any more; 403, the user may not any more; 503,
                nobody has been able to tell for too long.
            Unavailable: the store does not answer.
        """
        if time.monotonic() - self._asked >= RECHECK:
            await self._authenticate()
        return await self._services.authorizer.authorize(
            self._user, self._need, self._namespace, self._name, partly=self._partly
        )

    async def _authenticate(self) -> None:
        self._asked = time.monotonic()
        try:
            self._user = await self._services.authenticate(self._scope)
        except ProblemError as problem:
            passing = problem.status is HTTPStatus.SERVICE_UNAVAILABLE
            if not passing or self._asked - self._confirmed > GRACE:
                raise
            _log.info("a stream goes on unconfirmed", user=self._user.name, why=problem.detail)
        else:
            self._confirmed = self._asked
