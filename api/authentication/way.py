"""What every way to authenticate looks like."""

from __future__ import annotations

from typing import Protocol

from api.authentication.credentials import Credentials
from api.authentication.user import User


class Way(Protocol):
    """One way to authenticate."""

    async def recognise(self, given: Credentials) -> User | None:
        """Whom the credentials prove; None where they are of a kind for another way to judge.

        Raises:
            ProblemError: 401, they are of this way's kind and not valid; 503, that cannot be told now.
        """

    async def close(self) -> None:
        """Close connections, if there are any."""
