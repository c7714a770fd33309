"""What can be wrong with a template, an archive or a download."""

from __future__ import annotations


class ToscaError(Exception):
    """Why a template cannot be translated, in a sentence that may be shown to its author."""

    passing = False
    """Whether it may be gone at the next attempt."""


class PassingError(ToscaError):
    """A download that may succeed later: the server is away, busy or slow."""

    passing = True


def in_words(error: BaseException) -> str:
    """The message of an exception on one line; that of a KeyError without the quotes around it."""
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(text).split())[:500]
