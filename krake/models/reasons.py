"""The closed list of reasons why something is not as desired."""

from __future__ import annotations

from enum import StrEnum

from krake.models.base import Answer


class ReasonCode(StrEnum):
    """Machine-readable causes, named and numbered as in the original Krake."""

    INTERNAL_ERROR = "INTERNAL_ERROR"
    INVALID_RESOURCE = "INVALID_RESOURCE"
    UNSUPPORTED_RESOURCE = "UNSUPPORTED_RESOURCE"
    INVALID_CUSTOM_RESOURCE = "INVALID_CUSTOM_RESOURCE"
    INVALID_TOSCA_MANIFEST = "INVALID_TOSCA_MANIFEST"
    CLUSTER_NOT_REACHABLE = "CLUSTER_NOT_REACHABLE"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    NO_SUITABLE_RESOURCE = "NO_SUITABLE_RESOURCE"
    KUBERNETES_ERROR = "KUBERNETES_ERROR"
    INVALID_METRIC = "INVALID_METRIC"
    UNREACHABLE_METRICS_PROVIDER = "UNREACHABLE_METRICS_PROVIDER"
    UNKNOWN_METRIC = "UNKNOWN_METRIC"
    UNKNOWN_METRICS_PROVIDER = "UNKNOWN_METRICS_PROVIDER"
    NOT_READY = "NOT_READY"
    DELETE_FAILED = "DELETE_FAILED"
    MIGRATION_FAILED = "MIGRATION_FAILED"
    SHUTDOWN_FAILED = "SHUTDOWN_FAILED"

    @property
    def number(self) -> int:
        """The number the original Krake gives this code; codes that it lacks are above 1000."""
        return _NUMBERS[self]


_NUMBERS = {
    ReasonCode.INTERNAL_ERROR: 1,
    ReasonCode.INVALID_RESOURCE: 10,
    ReasonCode.UNSUPPORTED_RESOURCE: 11,
    ReasonCode.INVALID_CUSTOM_RESOURCE: 12,
    ReasonCode.INVALID_TOSCA_MANIFEST: 13,
    ReasonCode.CLUSTER_NOT_REACHABLE: 20,
    ReasonCode.NO_SUITABLE_RESOURCE: 50,
    ReasonCode.KUBERNETES_ERROR: 60,
    ReasonCode.DELETE_FAILED: 73,
    ReasonCode.INVALID_METRIC: 91,
    ReasonCode.UNREACHABLE_METRICS_PROVIDER: 92,
    ReasonCode.UNKNOWN_METRIC: 93,
    ReasonCode.UNKNOWN_METRICS_PROVIDER: 94,
    ReasonCode.INVALID_CREDENTIALS: 1001,
    ReasonCode.NOT_READY: 1002,
    ReasonCode.MIGRATION_FAILED: 1010,
    ReasonCode.SHUTDOWN_FAILED: 1020,
}


class Reason(Answer):
    """Why a resource is in its state: a code for machines, a sentence for people."""

    code: ReasonCode
    message: str
