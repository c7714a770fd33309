"""Starts the servers Krake needs on one machine: Temporal's, and whole Kubernetes control planes."""

from __future__ import annotations
