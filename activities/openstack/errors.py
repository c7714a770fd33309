"""What OpenStack's libraries raise, as reasons for people: one sentence each, without credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable

from keystoneauth1 import exceptions as auth_errors
from openstack import exceptions as sdk_errors
from requests.exceptions import RequestException

from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

LIBRARY_ERRORS = (sdk_errors.SDKException, auth_errors.ClientException, RequestException)
"""Everything that a call through openstacksdk raises when the cloud, or the way to it, is the cause."""

_NO_ANSWER = (RequestException, sdk_errors.ServiceDiscoveryException, sdk_errors.EndpointNotFound)
_LONGEST = 400
_HIDDEN = "…"
_SHORTEST_SECRET = 4
_POOL = re.compile(r":? HTTPS?ConnectionPool\(")
_CAUSE = re.compile(
    r"(?:\[Errno -?\d+\] |\d+ )?(Connection refused|[A-Z][\w ]+ not known|No route to host|[Nn]ame resolution"
    r"|certificate verify failed[^\"'()]*|wrong version number|[Rr]ead timed out|timed out)"
)
_QUOTA = re.compile(
    r"quota|limits? (?:is |was |has been )?(?:exceeded|reached)|reached the maximum|exceeds .*limit",
    re.IGNORECASE,
)
_QUOTA_STATUSES = (400, 403, 409, 413)
_BUSY_STATUSES = (408, 409, 429)


def provider_error(
    error: Exception, *, missing: ReasonCode = ReasonCode.INVALID_RESOURCE, secrets: Iterable[str] = ()
) -> ProviderError:
    """The reason that an exception of `LIBRARY_ERRORS` stands for.

    Args:
        missing: the reason when the cloud does not know something (404) or does not accept it (400).
        secrets: what must not be in the sentence, should the cloud repeat it.
    """
    # Some calls of openstacksdk wrap what happened while signing in.
    if isinstance(error.__context__, auth_errors.ClientException):
        error = error.__context__
    status = _status_of(error)
    if isinstance(error, auth_errors.ClientException):
        found = _signing_in(error, status)
    elif status is not None:
        found = _answered(error, status, missing)
    elif isinstance(error, _NO_ANSWER):
        found = _unreachable(error)
    elif isinstance(error, sdk_errors.DuplicateResource):
        found = ProviderError(missing, _words(error), temporary=False)
    else:
        found = ProviderError(ReasonCode.OPENSTACK_ERROR, _words(error), temporary=True)
    return ProviderError(found.code, _without(found.message, secrets), temporary=found.temporary)


def is_quota(message: str) -> bool:
    """Whether a cloud's words say that a quota is used up."""
    return bool(_QUOTA.search(message))


def _signing_in(error: auth_errors.ClientException, status: int | None) -> ProviderError:
    """A failure between Krake and Keystone, or on the way to any service."""
    # Keystone answers 404 for an application credential that was deleted.
    if status == 401 or (status == 404 and "credential" in str(error).lower()):
        return ProviderError(
            ReasonCode.INVALID_CREDENTIALS,
            f"OpenStack does not accept the credentials: {_words(error)}",
            temporary=False,
        )
    if status == 403:
        return ProviderError(ReasonCode.OPENSTACK_ERROR, _words(error), temporary=False)
    if isinstance(error, auth_errors.CatalogException):
        return ProviderError(
            ReasonCode.OPENSTACK_ERROR,
            f"The cloud does not offer what is needed: {_words(error)}",
            temporary=True,
        )
    return _unreachable(error)


def _answered(error: Exception, status: int, missing: ReasonCode) -> ProviderError:
    """An error that a service answered with."""
    words = _words(error)
    message = words if f"HTTP {status}" in words else f"{words} (HTTP {status})"
    if status == 401:
        return ProviderError(
            ReasonCode.INVALID_CREDENTIALS,
            f"OpenStack does not accept the credentials: {message}",
            temporary=False,
        )
    if status in _QUOTA_STATUSES and is_quota(words):
        return ProviderError(ReasonCode.QUOTA_EXCEEDED, message, temporary=False)
    if status in (400, 404):
        return ProviderError(missing, message, temporary=False)
    if status in (502, 503, 504):
        return ProviderError(ReasonCode.CLOUD_NOT_REACHABLE, message, temporary=True)
    return ProviderError(
        ReasonCode.OPENSTACK_ERROR, message, temporary=status >= 500 or status in _BUSY_STATUSES
    )


def _unreachable(error: Exception) -> ProviderError:
    return ProviderError(
        ReasonCode.CLOUD_NOT_REACHABLE, f"The cloud does not answer: {_words(error)}", temporary=True
    )


def _status_of(error: Exception) -> int | None:
    if isinstance(error, sdk_errors.NotFoundException):
        # Also what openstacksdk did not find in a list.
        return 404
    if isinstance(error, sdk_errors.HttpException):
        return error.status_code
    return error.http_status if isinstance(error, auth_errors.HttpError) else None


def _words(error: Exception) -> str:
    """The cloud's own sentence where there is one, else the library's, on one line."""
    text = _details(error) or str(getattr(error, "message", None) or error)
    line = _brief(" ".join(text.split())) or type(error).__name__
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + _HIDDEN


def _details(error: Exception) -> str:
    """What the service said. Magnum and others have a list of errors, which openstacksdk does not read."""
    if isinstance(error, sdk_errors.HttpException) and error.response is not None:
        try:
            answer = error.response.json()
            return "; ".join(str(one["detail"] or one["title"]) for one in answer["errors"])
        except (ValueError, LookupError, TypeError):
            pass
    return str(getattr(error, "details", None) or "")


def _brief(text: str) -> str:
    """Without the insides of the HTTP library, of which only the cause says something to people."""
    if (pool := _POOL.search(text)) is None:
        return text
    cause = _CAUSE.search(text)
    return f"{text[: pool.start()]} ({cause.group(1).strip()})" if cause else text[: pool.start()]


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, _HIDDEN) if len(secret) >= _SHORTEST_SECRET else text
    return text
