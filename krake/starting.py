"""The first seconds of a process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load modules without collecting garbage: there is little yet, and passes over ever more classes take a
    tenth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
