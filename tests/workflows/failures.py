"""Failures of clusters as workflows see them."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError

UNREACHABLE = "CLUSTER_NOT_REACHABLE"


def unreachable(times: int) -> list[ApplicationError]:
    """What a cluster's silence looks like for as many attempts of the operation.

    An operation gives up when its activity failed four times in a row: so often lost connections are tried
    again at once.
    """
    return [ApplicationError("cluster de does not answer", type=UNREACHABLE) for _ in range(4 * times)]


def refused(code: str = "INVALID_RESOURCE") -> ApplicationError:
    """An error that only the user can mend."""
    return ApplicationError("ConfigMap/settings: invalid", type=code, non_retryable=True)
