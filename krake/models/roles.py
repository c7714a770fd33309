"""Roles and their bindings: who may do what, and where.

Their fields stand beside the metadata, as upstream's do.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model
from krake.models.metadata import Metadata, Name, check_namespace
from krake.models.permissions import ANY, RESOURCES, WILDCARDS, Verb, apis_of, nearest

MANY = 1000
"""Entries of a list in a rule or binding at most."""


def _check_place(value: str) -> str:
    return value if value in WILDCARDS else check_namespace(value)


def _check_api(value: str) -> str:
    if value not in WILDCARDS and value not in RESOURCES:
        raise PydanticCustomError(
            "unknown_api",
            "Unknown API {api}. There are: {known}; * stands for all",
            {"api": repr(value[:60]), "known": ", ".join(RESOURCES)},
        )
    return value


Place = Annotated[str, AfterValidator(_check_place)]
"""A namespace, or `*` (upstream: the empty text) for all."""
Subject = Annotated[str, Field(min_length=1, max_length=255)]
"""The name of a user or group, as authentication gives it."""


class RoleRule(Model):
    """What may be done: these verbs, on these resources of this API, in these namespaces."""

    api: Annotated[str, AfterValidator(_check_api)]
    """`core`, `kubernetes` …; `*` (upstream: the empty text) for all."""
    resources: Annotated[list[str], Field(max_length=MANY)]
    """Plurals as in paths, `applications`, and subresources, `applications/status`; `*` for all."""
    namespaces: Annotated[list[Place], Field(max_length=MANY)]
    """Resources that are in no namespace are meant when a rule names them, or is for all namespaces."""
    verbs: Annotated[list[Verb], Field(max_length=MANY)]

    @field_validator("resources")
    @classmethod
    def _check_resources(cls, resources: list[str], info: ValidationInfo) -> list[str]:
        api = info.data.get("api", ANY)
        unknown = [name for name in resources if name not in WILDCARDS and not any(apis_of(name, api))]
        if unknown:
            raise PydanticCustomError(
                "unknown_resource",
                "{where} has no resource {unknown}. {near}",
                {
                    "where": "Krake" if api in WILDCARDS else f"The API {api}",
                    "unknown": ", ".join(repr(name[:100]) for name in unknown[:5]),
                    "near": nearest(unknown[0][:100], api),
                },
            )
        return resources


class RoleContent(Model):
    """What a role says."""

    rules: Annotated[list[RoleRule], Field(max_length=MANY)]
    """Each of them allows something; none takes anything away."""


class RoleBindingContent(Model):
    """What a role binding says."""

    roles: Annotated[list[Name], Field(max_length=MANY)]
    users: Annotated[list[Subject], Field(max_length=MANY)] = Field(default_factory=list)
    groups: Annotated[list[Subject], Field(max_length=MANY)] = Field(default_factory=list)
    namespaces: Annotated[list[Place], Field(max_length=MANY)] | None = None
    """The only namespaces that the roles count in here; all that the roles name where it is not given. A
    binding that names namespaces allows nothing on resources that are in none."""


class AccessStatus(Answer):
    """Roles and bindings have no status: they count from the moment they are stored."""


class Role(RoleContent):
    """A set of permissions that can be bound to users and groups."""

    api: Literal["core"] = "core"
    kind: Literal["Role"] = "Role"
    metadata: Metadata

    @property
    def spec(self) -> RoleContent:
        """What is stored of it."""
        return RoleContent(rules=self.rules)

    @property
    def status(self) -> AccessStatus:
        """Nothing."""
        return AccessStatus()


class RoleBinding(RoleBindingContent):
    """Gives roles to users and groups."""

    api: Literal["core"] = "core"
    kind: Literal["RoleBinding"] = "RoleBinding"
    metadata: Metadata

    @property
    def spec(self) -> RoleBindingContent:
        """What is stored of it."""
        return RoleBindingContent(
            roles=self.roles, users=self.users, groups=self.groups, namespaces=self.namespaces
        )

    @property
    def status(self) -> AccessStatus:
        """Nothing."""
        return AccessStatus()
