"""How a failure becomes something Temporal retries, or reports to the user at once."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

from krake.models.reasons import ReasonCode


def user_error(code: ReasonCode, message: str) -> ApplicationError:
    """A failure that only the user can mend: it is reported and never retried."""
    return ApplicationError(message, type=code.value, non_retryable=True)


def passing_error(code: ReasonCode, message: str) -> ApplicationError:
    """A failure that may be gone at the next attempt."""
    return ApplicationError(message, type=code.value)
