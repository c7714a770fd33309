"""What the tests of the scheduler share."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says more about the machine than about the scheduler, which `make bench` measures.
settings.register_profile("krake", deadline=None)
settings.load_profile("krake")
