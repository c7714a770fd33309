"""Reading the part of a cloud's or an infrastructure provider's spec that a provider needs."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

Part = TypeVar("Part", bound=BaseModel)


def valid_part(model: type[Part], document: Any, whose: str) -> Part:
    """The document as the model.

    Args:
        model: what it should be.
        document: what was stored.
        whose: whose spec it is, in words.

    Raises:
        ProviderError: it does not fit; the fields are named, without what stands in them.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        places = ", ".join(".".join(str(part) for part in entry["loc"]) for entry in error.errors())
        words = f"{whose}'s spec is not valid" + (f" at {places}" if places else "")
        raise ProviderError(ReasonCode.INVALID_RESOURCE, words, temporary=False) from None
