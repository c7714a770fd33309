"""The header in which the Infrastructure Manager is given the credentials of itself and of a cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from krake.models.clouds import OpenStack
from krake.models.infrastructure import InfrastructureManager
from krake.models.openstack_auth import ApplicationCredentialAuth, PasswordAuth
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

_LINE_END = "\\n"
"""The lines are separated by these two characters: a header has no line ends."""


def authorization(manager: InfrastructureManager, cloud: Mapping[str, Any]) -> str:
    """The value of the header `Authorization`: a line for the manager, and one for the cloud.

    Raises:
        ProviderError: the manager cannot sign in to such a cloud, or cannot be told these credentials.
    """
    return _LINE_END.join((_line(_manager(manager)), _line(_cloud(cloud))))


def _manager(manager: InfrastructureManager) -> dict[str, str]:
    known = {"id": "im", "type": "InfrastructureManager"}
    if manager.token:
        return {**known, "token": manager.token}
    return {**known, "username": manager.username or "", "password": manager.password or ""}


def _cloud(cloud: Mapping[str, Any]) -> dict[str, str]:
    if cloud.get("type") != "openstack":
        return _other(cloud)
    try:
        spec = OpenStack.model_validate(cloud["openstack"])
    except ValidationError:
        raise _unusable("the cloud's spec is not valid") from None
    known = {"id": "cloud", "type": "OpenStack", "host": spec.url or ""}
    if spec.region:
        known["service_region"] = spec.region
    if isinstance(spec.auth, ApplicationCredentialAuth):
        credential = spec.auth.application_credential
        signing = {"username": credential.id, "password": credential.secret, "tenant": "none"}
        return {**known, "auth_version": "3.x_appcred", **signing}
    if not isinstance(spec.auth, PasswordAuth):
        raise _unusable(
            "it cannot read the operator's clouds.yaml: give a password or an application credential"
        )
    user, project = spec.auth.password.user, spec.auth.password.project
    if user.username is None or project.name is None:
        raise _unusable("it needs the names of the user and the project: their ids are not enough")
    return {
        **known,
        "auth_version": "3.x_password",
        "username": user.username,
        "password": user.password,
        "tenant": project.name,
        "domain": user.domain_name,
        "tenant_domain_id": project.domain_id,
    }


def _other(cloud: Mapping[str, Any]) -> dict[str, str]:
    """A cloud of another type that the manager knows: its options say which, and what to sign in with."""
    custom = cloud.get("custom") or {}
    options = {str(name): str(value) for name, value in (custom.get("options") or {}).items()}
    if "type" not in options:
        raise _unusable("the cloud's options do not say its type, such as EC2 or Dummy")
    known = {"id": "cloud", **options}
    if custom.get("url"):
        known["host"] = str(custom["url"])
    if custom.get("token"):
        known["token"] = str(custom["token"])
    return known


def _line(fields: Mapping[str, str]) -> str:
    return "; ".join(f"{name} = {_quoted(value)}" for name, value in fields.items())


def _quoted(value: str) -> str:
    """A value between quotes that are not in it.

    Raises:
        ProviderError: there is no way to write it: the format knows no escapes, takes a backslash and an n
            for the end of the line, and `file(…)` for the name of a file at the manager's.
    """
    quote = next((one for one in ("'", '"') if one not in value), None)
    written = quote is not None and value.isascii() and value.isprintable()
    if not written or _LINE_END in value or value.strip().startswith("file("):
        raise _unusable(
            "its header holds no value with both kinds of quotes, other letters than ASCII's, \\n or file(…)"
        )
    # Other words are clearer without.
    return value if value.isalnum() else f"{quote}{value}{quote}"


def _unusable(why: str) -> ProviderError:
    return ProviderError(
        ReasonCode.INVALID_CREDENTIALS,
        f"The Infrastructure Manager cannot use the cloud: {why}",
        temporary=False,
    )
