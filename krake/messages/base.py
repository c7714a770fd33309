"""What every message is, and the reference to a resource that most carry."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of all messages: immutable, unknown fields of newer senders are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Target(Message):
    """The resource a workflow works for. `uid` tells a resource from a later one of the same name."""

    kind: str
    namespace: str
    name: str
    uid: str = ""

    @property
    def workflow_id(self) -> str:
        """Id of the lifecycle workflow: its uniqueness is the resource's lock."""
        return f"{self.kind.lower()}/{self.namespace}/{self.name}"
