"""What running applications cost while nothing happens to them: `make idle`."""

from __future__ import annotations
