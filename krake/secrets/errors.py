"""What can go wrong with keys and encrypted values."""

from __future__ import annotations

from krake.errors import KrakeError


class SecretError(KrakeError):
    """A key or an encrypted value cannot be used. Neither is ever part of the message."""
