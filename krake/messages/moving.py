"""What is said while an application moves, and its data with it."""

from __future__ import annotations

from krake.messages.base import Message, Target
from krake.messages.deploying import Ready


class Move(Message):
    """A move from one cluster to another, as far as it has come.

    Without an id there is nothing to move, for the reason in `message`. Without a destination the application
    is only removed.
    """

    target: Target
    id: str = ""
    source: Target | None = None
    destination: Target | None = None
    generation: int = 0
    objects: int = 0
    readiness_timeout: int = 300
    phase: str = ""
    delete_first: bool = False
    source_answers: bool = True
    """Whether the source may be asked for anything."""
    interrupted: bool = False
    """Whether it was cancelled, or something newer came, so that it has to be undone."""
    data: bool = False
    """Whether data in volumes has to be copied before the target takes over."""
    message: str = ""


class MoveStep(Message):
    """A move and what became of one of its steps."""

    target: Target
    id: str
    phase: str = ""
    ready: Ready | None = None
    code: str = ""
    message: str = ""
    """Why it failed, or why objects were left behind."""
    cancelled: bool = False


class CopyVolumes(Message):
    """Whose volumes are copied, from which cluster to which."""

    target: Target
    source: Target
    destination: Target
    generation: int


class CopiedVolumes(Message):
    """What the volumes hold that were copied and found equal, and in how many passes."""

    volumes: int
    files: int
    bytes: int
    passes: int
