"""Which reasons OpenStack's errors stand for."""

from __future__ import annotations

import json

import pytest
import requests
from keystoneauth1 import exceptions as auth_errors
from openstack import exceptions as sdk_errors

from activities.openstack.errors import provider_error
from activities.openstack.magnum_states import progress_of, require_changeable
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import Progress, ProviderError, Stage


def answered(status: int, message: str) -> Exception:
    """The exception for an error of Magnum, as openstacksdk raises it."""
    response = requests.Response()
    response.status_code, response.reason = status, "what HTTP calls it"
    response.headers["Content-Type"] = "application/json"
    response._content = json.dumps({"errors": [{"status": status, "title": "T", "detail": message}]}).encode()
    with pytest.raises(sdk_errors.HttpException) as caught:
        sdk_errors.raise_from_response(response)
    return caught.value


@pytest.mark.parametrize(
    ("status", "message", "code", "temporary"),
    [
        (400, "Unable to find flavor huge.", ReasonCode.INVALID_RESOURCE, False),
        (401, "The request you have made requires authentication.", ReasonCode.INVALID_CREDENTIALS, False),
        (403, "Quota exceeded for instances: Requested 1, used 10", ReasonCode.QUOTA_EXCEEDED, False),
        (403, "Resource limit exceeded: You have reached the maximum", ReasonCode.QUOTA_EXCEEDED, False),
        (413, "Quota exceeded for cores", ReasonCode.QUOTA_EXCEEDED, False),
        (403, "Policy does not allow this", ReasonCode.OPENSTACK_ERROR, False),
        (404, "Image nothing could not be found.", ReasonCode.INVALID_RESOURCE, False),
        (409, "Another one is just being made", ReasonCode.OPENSTACK_ERROR, True),
        (429, "Too many requests", ReasonCode.OPENSTACK_ERROR, True),
        (500, "Something is broken", ReasonCode.OPENSTACK_ERROR, True),
        (503, "Later", ReasonCode.CLOUD_NOT_REACHABLE, True),
    ],
)
def test_what_services_answer(status: int, message: str, code: ReasonCode, temporary: bool) -> None:
    error = provider_error(answered(status, message))
    assert (error.code, error.temporary) == (code, temporary)
    assert error.message.endswith(f"{message} (HTTP {status})")


def test_what_is_missing_has_the_callers_reason() -> None:
    missing = ReasonCode.INVALID_CLUSTER_TEMPLATE
    for error in (answered(404, "none"), sdk_errors.NotFoundException("No ClusterTemplate found for x")):
        assert provider_error(error, missing=missing).code is missing


def test_what_happens_while_signing_in() -> None:
    gone = auth_errors.NotFound("Could not find Application Credential: 1234")
    assert provider_error(gone).code is ReasonCode.INVALID_CREDENTIALS
    assert provider_error(auth_errors.Unauthorized("no")).code is ReasonCode.INVALID_CREDENTIALS
    assert provider_error(auth_errors.ConnectTimeout("slow")).code is ReasonCode.CLOUD_NOT_REACHABLE
    assert provider_error(auth_errors.EndpointNotFound("none")).code is ReasonCode.OPENSTACK_ERROR


def test_credentials_are_hidden_and_sentences_are_one_line() -> None:
    error = provider_error(answered(500, "who are you,\n hush-hush?" + " or" * 500), secrets=["hush-hush"])
    assert error.message.startswith("who are you, …? or")
    assert len(error.message) < 450


@pytest.mark.parametrize(
    ("status", "reason", "progress"),
    [
        ("CREATE_IN_PROGRESS", None, Progress(Stage.WORKING, "Magnum: CREATE_IN_PROGRESS", 2)),
        ("UPDATE_COMPLETE", None, Progress(Stage.READY, "", 2)),
        ("DELETE_IN_PROGRESS", None, Progress(Stage.DELETING, "Magnum: DELETE_IN_PROGRESS", 2)),
        ("DELETE_COMPLETE", None, Progress(Stage.GONE)),
        (
            "UPDATE_FAILED",
            "Timeout",
            Progress(Stage.FAILED, "Magnum: UPDATE_FAILED: Timeout", 2, ReasonCode.RECONCILE_FAILED),
        ),
        ("DELETE_FAILED", "", Progress(Stage.FAILED, "Magnum: DELETE_FAILED", 2, ReasonCode.DELETE_FAILED)),
    ],
)
def test_what_magnum_says_of_a_cluster(status: str, reason: str | None, progress: Progress) -> None:
    faults = {"default-worker": "None"}
    assert (
        progress_of({"status": status, "status_reason": reason, "node_count": 2, "faults": faults})
        == progress
    )


def test_only_a_cluster_that_rests_is_changed() -> None:
    for status, temporary in (("UPDATE_IN_PROGRESS", True), ("CREATE_FAILED", False)):
        with pytest.raises(ProviderError, match=status) as caught:
            require_changeable({"status": status}, "be scaled")
        assert caught.value.temporary is temporary
    assert require_changeable({"status": "UPDATE_FAILED"}, "be scaled")
