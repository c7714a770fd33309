"""How a credential is refused: 401 with what is wrong, and what would be taken."""

from __future__ import annotations

from http import HTTPStatus

from api.problems import ProblemError, Title

CHALLENGE = 'Bearer realm="krake"'


def missing(detail: str) -> ProblemError:
    """The problem of a request that brings no credential."""
    return ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": CHALLENGE})


def refusal(detail: str, title: Title | None = None) -> ProblemError:
    """The problem of a credential that is not accepted; the detail never repeats it."""
    headers = {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
    return ProblemError(HTTPStatus.UNAUTHORIZED, detail, title=title, headers=headers)


def undecided(who: str) -> ProblemError:
    """The problem of a credential that can be neither accepted nor refused: who vouches for it is away."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        f"{who} does not answer, so that it is not known whether the credential is valid. Try again",
        headers={"Retry-After": "5"},
    )
