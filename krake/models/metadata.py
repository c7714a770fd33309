"""Names, labels and the metadata block that every resource carries."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from krake.models.base import Model, OnlyFalse, Timestamp

NAME = re.compile(r"\w([\w\-.:]{0,253}\w)?", re.ASCII)
LABEL_PART = re.compile(r"\w([\w\-.]*\w)?", re.ASCII)

MAX_LABEL_PREFIX = 253
MAX_LABEL_NAME = 63


def check_name(value: str) -> str:
    """Return the name unchanged, or raise when it is not 1 to 255 letters, digits, `_`, `-`, `.` or `:`."""
    if not NAME.fullmatch(value):
        raise PydanticCustomError("resource_name", "Invalid character in resource name.")
    return value


def check_namespace(value: str) -> str:
    """Return the namespace unchanged, or raise when it breaks the rules for names."""
    if not NAME.fullmatch(value):
        raise PydanticCustomError("resource_namespace", "Invalid character in resource namespace.")
    return value


def _is_label_part(value: str, longest: int) -> bool:
    return 0 < len(value) <= longest and LABEL_PART.fullmatch(value) is not None


def is_label_key(key: str) -> bool:
    """Whether the text is a label key: an optional prefix of 253 and a name of 63 characters at most."""
    prefix, slash, name = key.rpartition("/")
    if slash and not _is_label_part(prefix, MAX_LABEL_PREFIX):
        return False
    return _is_label_part(name, MAX_LABEL_NAME)


def is_label_value(value: str) -> bool:
    """Whether the text is a label value: 1 to 63 characters, alphanumeric at both ends."""
    return _is_label_part(value, MAX_LABEL_NAME)


def check_labels(labels: dict[str, str]) -> dict[str, str]:
    """Return the labels unchanged, or raise naming every offending key and value."""
    wrong = [f"key {key!r}" for key in labels if not is_label_key(key)]
    wrong += [f"value {value!r} of {key!r}" for key, value in labels.items() if not is_label_value(value)]
    if wrong:
        raise PydanticCustomError(
            "labels",
            "Invalid labels: {offending}. Letters, digits and _ at both ends, - and . inside, 63 at most",
            {"offending": ", ".join(wrong)},
        )
    return labels


class ResourceRef(Model):
    """A reference to another resource by its address."""

    api: str
    kind: str
    name: str
    namespace: str | None = None

    def __hash__(self) -> int:
        return hash((self.api, self.kind, self.namespace, self.name))


Name = Annotated[str, AfterValidator(check_name)]
Namespace = Annotated[str, AfterValidator(check_namespace)]
Finalizer = Annotated[str, Field(min_length=1, max_length=255)]
Labels = Annotated[dict[str, str], AfterValidator(check_labels)]


class Metadata(Model):
    """Identity, labels and server-kept times of a resource.

    `uid`, `created`, `modified`, `deleted`, `generation` and `revision` belong to the server: they are
    accepted in requests, so that a client can send back what it got, and ignored.
    """

    name: Name
    namespace: Namespace | None = None
    labels: Labels = Field(default_factory=dict)
    inherit_labels: OnlyFalse = False
    finalizers: list[Finalizer] = Field(default_factory=list)
    """Who has to agree before the deleted resource is forgotten; while it is being deleted they can only be
    taken away."""
    owners: list[ResourceRef] = Field(default_factory=list)
    """The resources that it goes with: when one of them is deleted, it is deleted first. The cluster that an
    application was placed on is added in answers."""
    uid: str | None = None
    created: Timestamp | None = None
    modified: Timestamp | None = None
    deleted: Timestamp | None = None
    generation: int = 0
    """Counts the changes of what is desired: spec and labels."""
    revision: int = 0
    """Counts every write of the whole store; the ETag of the resource."""


def manifest_name(item: Any) -> str:
    """The name a manifest object gives itself, for messages; `?` where it has none."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    return str(metadata.get("name", "?")) if isinstance(metadata, dict) else "?"
