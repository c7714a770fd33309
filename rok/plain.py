"""Text of others for a terminal: what a cluster or another user wrote must not steer it."""

from __future__ import annotations

_STEERING = {
    code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"
} | {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def plain(text: str) -> str:
    """The text with control characters spelled out, but for the ends of lines."""
    return text if text.isprintable() else text.translate(_STEERING)
