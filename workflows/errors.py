"""Reading the cause out of Temporal's nested failures."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.exceptions import ApplicationError, FailureError, TimeoutError

from krake.models.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an operation failed: a reason code, a sentence, and whether only the user can mend it."""

    code: str
    message: str
    final: bool


def cause_of(error: BaseException) -> Cause:
    """The innermost cause that says something to people."""
    current: BaseException | None = error
    while current is not None:
        if isinstance(current, ApplicationError):
            known = current.type in ReasonCode.__members__
            code = current.type if known and current.type else ReasonCode.INTERNAL_ERROR.value
            return Cause(code, current.message, current.non_retryable)
        if isinstance(current, TimeoutError) and not isinstance(current.cause, FailureError):
            return Cause(ReasonCode.INTERNAL_ERROR.value, "no worker finished the step in time", False)
        current = current.__cause__
    return Cause(ReasonCode.INTERNAL_ERROR.value, str(error), False)
