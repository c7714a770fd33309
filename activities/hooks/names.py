"""Names of the objects that hooks add to an application, as upstream has them, within Kubernetes' limits."""

from __future__ import annotations

import hashlib
import re

from krake.models.hooks import HookName

_OBJECT_LENGTH = 253
_VOLUME_LENGTH = 63
_DIGEST_LENGTH = 8
_OBJECT = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def token_secret_name(application: str, hook: HookName) -> str:
    """Name of the Secret with token and URL."""
    return _fitting(application, f"-krake-{hook}-secret-token", _OBJECT, _OBJECT_LENGTH)


def certificate_secret_name(application: str, hook: HookName) -> str:
    """Name of the Secret with the certificates."""
    return _fitting(application, f"-krake-{hook}-secret-certs", _OBJECT, _OBJECT_LENGTH)


def volume_name(application: str, hook: HookName) -> str:
    """Name of the volume of the certificates inside of Pods."""
    return _fitting(application, f"-krake-{hook}-volume", _LABEL, _VOLUME_LENGTH)


def _fitting(application: str, suffix: str, valid: re.Pattern[str], longest: int) -> str:
    """The application's name and the suffix; a name that Kubernetes would refuse is cut down, and a digest
    of it keeps two such names apart."""
    name = application + suffix
    if len(name) <= longest and valid.fullmatch(name):
        return name
    digest = hashlib.sha256(application.encode()).hexdigest()[:_DIGEST_LENGTH]
    room = longest - len(suffix) - _DIGEST_LENGTH - 1
    words = re.sub(r"[^a-z0-9]+", "-", application.lower()).strip("-")[:room].rstrip("-")
    return f"{words}-{digest}{suffix}" if words else f"{digest}{suffix}"
