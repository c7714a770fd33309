"""`rok`, the users' command line: talks to Krake's REST API and to nothing else."""

from __future__ import annotations

import sys
from types import ModuleType

# httpx imports its own command line, which takes half of its start-up time; it does as well without one.
sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
