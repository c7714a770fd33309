"""Names of custom resource definitions, as clusters declare and applications demand them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_PART = r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_PART}(\.{_PART})+")
_LONGEST = 253


def check_custom_resource(name: str) -> str:
    """Return the name unchanged, or raise when it is not `<plural>.<group>`."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise PydanticCustomError(
            "custom_resource",
            "Has to be the name of a CustomResourceDefinition: <plural>.<group>, such as "
            "crontabs.stable.example.com",
        )
    return name


CustomResourceName = Annotated[str, AfterValidator(check_custom_resource)]
CustomResourceNames = list[CustomResourceName]


def missing_definitions(declared: Sequence[str], served: Sequence[str] | None) -> list[str]:
    """Declared definitions that the cluster does not have; none while nobody has asked it."""
    return [] if served is None else sorted(set(declared) - set(served))
