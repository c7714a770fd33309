"""The last word of a stream whose listener may not hear any more."""

from __future__ import annotations

from collections.abc import Callable

import orjson
from fastapi import Request

from api.deps import info, services
from api.problems import ProblemError, document_of

ERROR = "ERROR"

Ending = Callable[[ProblemError], bytes]
"""The content of the last line of a stream: `{"type": "ERROR", "object": PROBLEM}`."""


def ending_of(request: Request) -> Ending:
    """How the streams of a request say why they end."""
    base_url = services(request).settings.problem_base_url
    instance, request_id = request.url.path, info(request).id

    def ending(problem: ProblemError) -> bytes:
        document = document_of(problem, base_url=base_url, instance=instance, request_id=request_id)
        return orjson.dumps({"type": ERROR, "object": document})

    return ending
