"""What Temporal gets is ciphertext, of every kind of payload but summaries, and old keys still open it."""

from __future__ import annotations

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError

from krake.messages.base import Target
from krake.payloads import ENCODING, KEY_ID, Plain, data_converter
from krake.secrets import Cipher, SecretError, new_key
from krake.secrets.cipher import key_id

TARGET = Target(kind="Application", namespace="shop", name="web", uid="1")


async def test_payloads_are_encrypted_and_name_their_key() -> None:
    key = new_key()
    converter = data_converter(Cipher.from_keys([key]))
    payloads = await converter.encode([TARGET, "text", None, 7])
    for payload in payloads:
        assert payload.metadata["encoding"] == ENCODING
        assert payload.metadata[KEY_ID].decode() == key_id(key)
        assert b"shop" not in payload.SerializeToString()
    assert await converter.decode(payloads, [Target, str, type(None), int]) == [TARGET, "text", None, 7]


async def test_summaries_stay_readable() -> None:
    converter = data_converter(Cipher.from_keys([new_key()]))
    [payload] = await converter.encode([Plain("wait until ready on de")])
    assert payload.data == b'"wait until ready on de"'
    assert await converter.decode([payload], [str]) == ["wait until ready on de"]


async def test_failures_are_encrypted() -> None:
    converter = data_converter(Cipher.from_keys([new_key()]))
    failure = Failure()
    await converter.encode_failure(ApplicationError("the cluster said so", "detail", type="CODE"), failure)
    assert b"cluster said" not in failure.SerializeToString()
    assert b"detail" not in failure.SerializeToString()
    back = await converter.decode_failure(failure)
    assert isinstance(back, ApplicationError)
    assert (back.message, list(back.details), back.type) == ("the cluster said so", ["detail"], "CODE")


async def test_former_keys_still_open_histories() -> None:
    old, new = new_key(), new_key()
    payloads = await data_converter(Cipher.from_keys([old])).encode([TARGET])
    rotated = data_converter(Cipher.from_keys([new, old]))
    assert await rotated.decode(payloads, [Target]) == [TARGET]
    assert (await rotated.encode([TARGET]))[0].metadata[KEY_ID].decode() == key_id(new)
    with pytest.raises(SecretError, match="key that is not set"):
        await data_converter(Cipher.from_keys([new])).decode(payloads, [Target])


async def test_payloads_from_before_the_encryption_are_read() -> None:
    plain = await pydantic_data_converter.encode([TARGET])
    converter = data_converter(Cipher.from_keys([new_key()]))
    assert await converter.decode(plain, [Target]) == [TARGET]


async def test_altered_payloads_are_noticed() -> None:
    cipher = Cipher.from_keys([new_key()])
    converter = data_converter(cipher)
    [payload] = await converter.encode([TARGET])
    payload.data = payload.data[:-1] + bytes([payload.data[-1] ^ 1])
    with pytest.raises(SecretError, match="altered"):
        await converter.decode([payload], [Target])
    payload.data = cipher.encrypt(b"x", "uid/kubeconfig")
    with pytest.raises(SecretError, match="altered or belongs elsewhere"):
        await converter.decode([payload], [Target])


def test_without_a_cipher_nothing_changes() -> None:
    assert data_converter(None) is pydantic_data_converter
