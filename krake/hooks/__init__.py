"""What hooks need on both sides, the API that hears them and the activities that hand them out: tokens,
certificates, addresses, and how far a shutdown has come."""

from __future__ import annotations
