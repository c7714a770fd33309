"""What can go wrong between Krake and a cluster, as the closed list of reasons."""

from __future__ import annotations

import orjson

from krake.models.reasons import ReasonCode

_MALFORMED = "failed to create typed patch object"
"""What API servers say, with status 500, of an applied object that does not fit its schema."""
_TEMPORARY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class ClusterError(Exception):
    """A request to a cluster failed.

    Args:
        code: the reason as users see it.
        message: one sentence for people; free of credentials.
        temporary: whether the same request may succeed later.
        status: the HTTP status, 0 where the cluster did not answer.
    """

    def __init__(self, code: ReasonCode, message: str, *, temporary: bool, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.temporary = temporary
        self.status = status

    @property
    def not_found(self) -> bool:
        """Whether the cluster answered that the object, or its namespace, is not there."""
        return self.status == 404

    @property
    def not_served(self) -> bool:
        """Whether the cluster does not serve the kind at all."""
        return self.code in (ReasonCode.UNSUPPORTED_RESOURCE, ReasonCode.INVALID_CUSTOM_RESOURCE)


def unreachable(cluster: str, why: str) -> ClusterError:
    """The cluster gave no answer."""
    return ClusterError(
        ReasonCode.CLUSTER_NOT_REACHABLE, f"cluster {cluster} does not answer: {why}", temporary=True
    )


def from_answer(cluster: str, status: int, body: bytes) -> ClusterError:
    """Translate an error answer of the Kubernetes API server."""
    message = _message(body)
    if status == 401:
        return ClusterError(
            ReasonCode.INVALID_CREDENTIALS,
            f"cluster {cluster} rejects the credentials of its kubeconfig",
            temporary=False,
            status=status,
        )
    if status == 403:
        return ClusterError(ReasonCode.KUBERNETES_ERROR, message, temporary=False, status=status)
    if _MALFORMED in message:
        return ClusterError(ReasonCode.INVALID_RESOURCE, message, temporary=False, status=400)
    if status in _TEMPORARY:
        return ClusterError(ReasonCode.KUBERNETES_ERROR, message, temporary=True, status=status)
    return ClusterError(ReasonCode.INVALID_RESOURCE, message, temporary=False, status=status)


def _message(body: bytes) -> str:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:300].decode(errors="replace").strip() or "no explanation given"
    message = document.get("message") if isinstance(document, dict) else None
    return str(message or "no explanation given")
