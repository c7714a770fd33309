"""The process that translates: one order on standard input, one outcome on standard output.

It works on what strangers wrote, so it has no settings, no secrets and little memory.
"""

from __future__ import annotations

import math
import os
import resource
import sys
from contextlib import suppress

from activities.tosca.order import Limits, Order

_MEMORY = 1024 * 1024 * 1024
_LARGEST_FILE = 4 * 1024 * 1024
"""It writes no files but Python's caches of compiled modules."""


def _limit(limits: Limits) -> None:
    """Give up what is not needed. A system that does not know a limit goes without it."""
    seconds = math.ceil(limits.seconds)
    for kind, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def main() -> None:
    """Translate, and answer. What the TOSCA parser prints meanwhile is nobody's answer."""
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    order = Order.model_validate_json(sys.stdin.buffer.read())
    _limit(order.limits)
    from activities.tosca.translate import translate

    outcome = translate(order)
    with os.fdopen(answers, "wb") as pipe:
        pipe.write(outcome.model_dump_json().encode())


if __name__ == "__main__":
    main()
