"""How many requests a user may make: a bucket of tokens each, refilled steadily."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

from starlette.types import Scope

from api.problems import ProblemError
from krake.identities import ANONYMOUS
from krake.settings import Settings

REMEMBERED = 10_000
"""Users whose buckets are kept; the one not seen for longest is forgotten, with a full bucket as effect."""
UNLIMITED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What supervisors ask must not depend on how busy users are."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled: float


class RateLimit:
    """The limit for every user of this process.

    Args:
        rate: requests a second in the long run; 0 for no limit.
        burst: requests at once after a pause.
        loopback: whether requests from this machine count as well.
        clock: seconds that only go forward.
    """

    def __init__(
        self, rate: float, burst: int, *, loopback: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._loopback = loopback
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    @classmethod
    def of(cls, settings: Settings) -> RateLimit:
        """The limit that the settings ask for."""
        return cls(
            settings.api_rate_limit, settings.api_rate_burst, loopback=settings.api_rate_limit_loopback
        )

    def check(self, user: str, scope: Scope) -> None:
        """Count a request.

        Raises:
            ProblemError: 429, with the seconds after which the next one is taken.
        """
        if not self._rate or scope["path"] in UNLIMITED or not (self._loopback or _is_remote(scope)):
            return
        if user == ANONYMOUS:
            # Else one of them could keep all others out, and the hooks of all applications.
            user = f"whoever calls from {_source(scope)}"
        wait = self.take(user)
        if wait > 0:
            seconds = math.ceil(wait)
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"'{user}' makes more than {self._rate:g} requests a second. Try again in {seconds} s; watch "
                "instead of listing again and again",
                headers={"Retry-After": str(seconds)},
            )

    def check_stranger(self, scope: Scope) -> None:
        """Count a request whose credential was refused, by where it comes from: guesses cost a look into the
        store, or a question to whoever vouches for users, and an entry in the audit.

        Raises:
            ProblemError: 429, with the seconds after which the next one is taken.
        """
        self.check(f"whoever calls from {_source(scope)}", scope)

    def take(self, user: str) -> float:
        """Take a token; returns the seconds until there is one, 0 where it was taken."""
        now = self._clock()
        bucket = self._buckets.get(user)
        if bucket is None:
            bucket = self._buckets[user] = _Bucket(self._burst, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(user)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled) * self._rate)
        bucket.filled = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._rate
        bucket.tokens -= 1
        return 0.0


def _source(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "this machine"


def _is_remote(scope: Scope) -> bool:
    """Whether the request comes from another machine; without an address it comes through a local socket."""
    client = scope.get("client")
    if not client:
        return False
    try:
        return not ip_address(client[0]).is_loopback
    except ValueError:
        return False
