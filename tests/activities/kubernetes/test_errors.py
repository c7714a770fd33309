"""Errors of clusters become reasons, and are tried again or not."""

from __future__ import annotations

import orjson
import pytest

from activities.kubernetes.errors import from_answer, unreachable
from krake.models.reasons import ReasonCode

MALFORMED = "failed to create typed patch object (default/echo): .spec.replicas: expected numeric"


def answer(message: str) -> bytes:
    """The body of an error answer."""
    return orjson.dumps({"kind": "Status", "status": "Failure", "message": message})


@pytest.mark.parametrize(
    ("status", "code", "temporary"),
    [
        (400, ReasonCode.INVALID_RESOURCE, False),
        (401, ReasonCode.INVALID_CREDENTIALS, False),
        (403, ReasonCode.KUBERNETES_ERROR, False),
        (404, ReasonCode.INVALID_RESOURCE, False),
        (408, ReasonCode.KUBERNETES_ERROR, True),
        (409, ReasonCode.KUBERNETES_ERROR, True),
        (422, ReasonCode.INVALID_RESOURCE, False),
        (425, ReasonCode.KUBERNETES_ERROR, True),
        (429, ReasonCode.KUBERNETES_ERROR, True),
        (500, ReasonCode.KUBERNETES_ERROR, True),
        (502, ReasonCode.KUBERNETES_ERROR, True),
        (503, ReasonCode.KUBERNETES_ERROR, True),
        (504, ReasonCode.KUBERNETES_ERROR, True),
    ],
)
def test_an_answer_becomes_a_reason(status: int, code: ReasonCode, temporary: bool) -> None:
    error = from_answer("de", status, answer("because"))
    assert (error.code, error.temporary, error.status) == (code, temporary, status)
    assert error.not_found is (status == 404)


def test_an_object_that_does_not_fit_its_schema_is_the_users_error() -> None:
    error = from_answer("de", 500, answer(MALFORMED))
    assert (error.code, error.temporary) == (ReasonCode.INVALID_RESOURCE, False)
    assert error.message == MALFORMED


def test_rejected_credentials_name_the_cluster_and_not_the_answer() -> None:
    error = from_answer("de", 401, answer("token abc123 is wrong"))
    assert "cluster de" in error.message
    assert "abc123" not in error.message


@pytest.mark.parametrize("body", [b"", b"  ", b"{}", b"[]", b"null", b'{"message": ""}'])
def test_an_answer_that_says_nothing(body: bytes) -> None:
    assert from_answer("de", 500, body).message in ("no explanation given", "{}", "[]", "null")


def test_an_answer_that_is_no_json_is_shortened() -> None:
    error = from_answer("de", 502, b"<html>Bad Gateway</html>" + b"x" * 1000 + b"\xff")
    assert error.message.startswith("<html>Bad Gateway")
    assert len(error.message) <= 300


def test_no_answer_may_be_tried_again() -> None:
    error = unreachable("de", "no answer in time")
    assert (error.code, error.temporary) == (ReasonCode.CLUSTER_NOT_REACHABLE, True)
    assert str(error) == "cluster de does not answer: no answer in time"
