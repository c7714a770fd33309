"""The character NUL in a request: nothing has it in its name, and PostgreSQL cannot even look for it."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import Scope

from api.problems import ProblemError, Title, invalid_field


def refuse_nul(scope: Scope) -> None:
    """Let requests pass whose path and parameters can be looked for.

    Raises:
        ProblemError: 404, NUL is in the path; 422, it is in a parameter.
    """
    if "\0" in scope["path"]:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            "Nothing has a name with the character NUL in it",
            title=Title.NOT_FOUND_ERROR,
        )
    if b"%00" in scope["query_string"]:
        raise invalid_field("parameters", "The character NUL is in one of them")
