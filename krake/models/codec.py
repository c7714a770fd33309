"""Payloads as the Temporal UI and a codec server exchange them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class EncodedPayload(BaseModel):
    """One payload; all bytes are base64."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    metadata: dict[str, str] = Field(default_factory=dict)
    """How the data is encoded."""
    data: str = ""
    """The data."""


class PayloadList(BaseModel):
    """Payloads, in the order in which they were given."""

    payloads: list[EncodedPayload]


class CodecTicket(BaseModel):
    """A link that logs one browser in, once."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    path: str
    """What to open in the browser, on the API's address."""
    seconds: int
    """How long it counts."""
    ui: str
    """The address of the Temporal UI."""
