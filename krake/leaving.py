"""The end of a process that used Temporal's client."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once, with everything written that was to be written.

    The client's native threads may outlive the interpreter's finalisation and abort it
    ("PyGILState_Release"), which would show people a crash after a clean end.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
