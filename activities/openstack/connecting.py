"""The way from a cloud's spec to its services: connections of openstacksdk, used from threads."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from keystoneauth1.identity import BaseIdentityPlugin, Password, V3ApplicationCredential
from keystoneauth1.session import Session
from openstack.config import OpenStackConfig
from openstack.connection import Connection

from activities.openstack.errors import LIBRARY_ERRORS, provider_error
from activities.provisioning.specs import valid_part
from krake.models.clouds import OpenStack
from krake.models.openstack_auth import ApplicationCredentialAuth, CloudsYamlAuth, PasswordAuth
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderAccess, ProviderError

Result = TypeVar("Result")

_APPLICATION = "krake"
_SECRET_OPTIONS = ("password", "application_credential_secret", "token")
_THREADS = 4
"""Calls at once to one cloud: one that hangs holds up nothing but its own."""


class Cloud:
    """An OpenStack cloud, whose services are called from threads of its own.

    Neither the environment (`OS_*`, proxies, `.netrc`) nor any `clouds.yaml` but the operator's is read.

    Args:
        access: whose `cloud` is of the type `openstack`.

    Raises:
        ProviderError: the spec does not fit, or names what the operator's `clouds.yaml` has not.
    """

    def __init__(self, access: ProviderAccess) -> None:
        spec = _spec_of(access.cloud)
        self._certificate = _written(spec.ca_certificate) if spec.ca_certificate else None
        try:
            self._connection = _connection(spec, access, self._certificate)
        except ProviderError:
            self._forget_certificate()
            raise
        self.secrets = _secrets_of(spec, self._connection)
        """What must not be in any message."""
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="openstack")

    async def run(
        self,
        call: Callable[[Connection], Result],
        *,
        missing: ReasonCode = ReasonCode.INVALID_RESOURCE,
    ) -> Result:
        """The result of a function that uses the connection; each of its requests is limited in time.

        Args:
            call: runs in a thread.
            missing: the reason when the cloud does not know something (404) or does not accept it (400).

        Raises:
            ProviderError: the cloud failed, refused or did not answer.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call, self._connection)
        except LIBRARY_ERRORS as error:
            raise provider_error(error, missing=missing, secrets=self.secrets) from None

    async def close(self) -> None:
        """Close the connections."""
        # Without waiting: what still runs ends by its own time limit.
        self._threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._connection.close)
        self._forget_certificate()

    def _forget_certificate(self) -> None:
        if self._certificate:
            self._certificate.unlink(missing_ok=True)


def _spec_of(cloud: Mapping[str, Any]) -> OpenStack:
    if cloud.get("type") != "openstack":
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE,
            f"The infrastructure provider needs a cloud of the type openstack, not {cloud.get('type')}",
            temporary=False,
        )
    return valid_part(OpenStack, cloud["openstack"], "The cloud")


def _secrets_of(spec: OpenStack, connection: Connection) -> tuple[str, ...]:
    if isinstance(spec.auth, PasswordAuth):
        return (spec.auth.password.user.password,)
    if isinstance(spec.auth, ApplicationCredentialAuth):
        return (spec.auth.application_credential.secret,)
    known: Mapping[str, Any] = connection.config.config.get("auth") or {}
    return tuple(str(known[name]) for name in _SECRET_OPTIONS if known.get(name))


def _connection(spec: OpenStack, access: ProviderAccess, certificate: Path | None) -> Connection:
    verify = str(certificate) if certificate else None
    if isinstance(spec.auth, CloudsYamlAuth):
        connection = _from_file(spec, spec.auth.clouds_yaml.cloud, access, verify)
    else:
        session = Session(
            auth=_plugin(spec), verify=verify or True, timeout=access.timeout, app_name=_APPLICATION
        )
        connection = Connection(session=session, region_name=spec.region, app_name=_APPLICATION)
    # Neither proxies nor credentials in `.netrc` are the cloud's.
    connection.session.session.trust_env = False
    return connection


def _plugin(spec: OpenStack) -> BaseIdentityPlugin:
    if isinstance(spec.auth, PasswordAuth):
        user, project = spec.auth.password.user, spec.auth.password.project
        return Password(
            auth_url=spec.url or "",
            user_id=user.id,
            username=user.username,
            password=user.password,
            # Ids are in no domain.
            user_domain_name=None if user.id else user.domain_name,
            project_id=project.id,
            project_name=project.name,
            project_domain_id=None if project.id else project.domain_id,
        )
    assert isinstance(spec.auth, ApplicationCredentialAuth), spec.auth.type
    credential = spec.auth.application_credential
    return V3ApplicationCredential(
        auth_url=_version_3(spec.url or ""),
        application_credential_id=credential.id,
        application_credential_secret=credential.secret,
    )


def _version_3(url: str) -> str:
    """Keystone's address with the version that application credentials need."""
    bare = url.rstrip("/")
    return bare if bare.endswith("/v3") else f"{bare}/v3"


def _from_file(spec: OpenStack, cloud: str, access: ProviderAccess, verify: str | None) -> Connection:
    """A connection by an entry of the operator's file; a `secure.yaml` beside it is read, too."""
    if not access.clouds_file:
        raise _no_entry("the operator keeps none")
    file = Path(access.clouds_file)
    if not file.is_file():
        raise _no_entry("the file is not there")
    changes: dict[str, Any] = {"region_name": spec.region, "cacert": verify}
    changes = {name: value for name, value in changes.items() if value}
    try:
        config = OpenStackConfig(
            config_files=[str(file)],
            secure_files=[str(file.with_name("secure.yaml"))],
            vendor_files=[],
            load_envvars=False,
            app_name=_APPLICATION,
        )
        # A file that is no YAML is skipped with a warning.
        if cloud not in config.get_cloud_names():
            raise _no_entry(f"it has no entry {cloud}, or is no YAML")
        region = config.get_one(cloud, api_timeout=access.timeout, **changes)
        # Now, so that what is wrong with the entry shows here.
        region.get_session()
        return Connection(config=region)
    except LIBRARY_ERRORS as error:
        raise _no_entry(f"the entry {cloud} is not usable ({error})") from None


def _no_entry(message: str) -> ProviderError:
    why = " ".join(message.split())
    return ProviderError(
        ReasonCode.INVALID_CREDENTIALS, f"The operator's clouds.yaml cannot be used: {why}", temporary=False
    )


def _written(certificate: str) -> Path:
    """The authority's certificate as the file that requests wants, for as long as the connection lives."""
    try:
        ssl.create_default_context(cadata=certificate)
    except (ssl.SSLError, ValueError):
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE, "The cloud's ca_certificate is no PEM certificate", temporary=False
        ) from None
    with tempfile.NamedTemporaryFile("w", prefix="krake-ca-", suffix=".pem", delete=False) as file:
        file.write(certificate)
    return Path(file.name)
