"""Measures Krake against the floor: the same work done directly with the Kubernetes client."""

from __future__ import annotations
