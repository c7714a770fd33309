"""Encryption of what workflows carry: Temporal keeps arguments, results and failures as ciphertext.

What the Temporal UI lists runs by stays readable: names of workflows and activities, ids, search attributes,
and the summaries of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)

from krake.secrets import Cipher, SecretError
from krake.secrets.cipher import key_id_of

ENCODING = b"binary/encrypted"
"""Marks a payload as encrypted; Temporal's own examples use the same."""
KEY_ID = "encryption-key-id"
CIPHER_NAME = "encryption-cipher"
PLACE = "temporal/payload"
"""What the encryption is bound to: no stored secret decrypts as a payload, and no payload as a secret."""

_PLAIN = "krake-plain"


class Plain(str):
    """A text that stays readable in Temporal: the summary of a step. It must not hold anything secret."""

    __slots__ = ()


class _MarkingConverter(PydanticPayloadConverter):
    """Marks texts that stay readable, so that the codec knows them."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        payloads = super().to_payloads(values)
        for value, payload in zip(values, payloads, strict=True):
            if isinstance(value, Plain):
                payload.metadata[_PLAIN] = b"true"
        return payloads


class EncryptingCodec(PayloadCodec):
    """Encrypts every payload on its way to Temporal, and decrypts those that come back.

    Payloads from before the encryption was switched on are passed on as they are. The keys are those of the
    store's secrets: each payload names its own, so that histories stay readable for as long as it is kept.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    @property
    def cipher(self) -> Cipher:
        """What encrypts."""
        return self._cipher

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads encrypted, but for summaries."""
        return [payload if _PLAIN in payload.metadata else self._sealed(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The payloads decrypted.

        Raises:
            SecretError: one needs a key that is not set, or was altered.
        """
        return [
            self._opened(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _sealed(self, payload: Payload) -> Payload:
        data = self._cipher.encrypt(payload.SerializeToString(), PLACE)
        metadata = {"encoding": ENCODING, CIPHER_NAME: b"AES-256-GCM", KEY_ID: key_id_of(data).encode()}
        return Payload(metadata=metadata, data=data)

    def _opened(self, payload: Payload) -> Payload:
        try:
            return Payload.FromString(self._cipher.decrypt(payload.data, PLACE))
        except DecodeError:
            raise SecretError("A payload of Temporal was encrypted by something else than Krake") from None


def data_converter(cipher: Cipher | None) -> DataConverter:
    """How messages become payloads: encrypted with a cipher, else readable JSON."""
    if cipher is None:
        return pydantic_data_converter
    return DataConverter(
        payload_converter_class=_MarkingConverter,
        payload_codec=EncryptingCodec(cipher),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
