"""Everything that talks to a Kubernetes cluster."""

from __future__ import annotations
