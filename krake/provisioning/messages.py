"""What the workflows and activities that make clusters say to each other."""

from __future__ import annotations

from krake.messages.base import Message, Target
from krake.provisioning.provider import Stage


class ClusterOrder(Message):
    """Something to be done about one generation of a cluster at its cloud."""

    target: Target
    generation: int = 0
    cause: str = ""
    attempt: int = 1


class ChosenCloud(Message):
    """The cloud that a cluster is made on; without one, why there is none."""

    cloud: Target | None = None
    message: str = ""


class CloudRemoval(Message):
    """Whether anything of a cluster is, or may be, at a cloud, and whether its id there is known."""

    needed: bool
    known: bool = False


class CloudAnswer(Message):
    """What a cloud says of a cluster."""

    stage: Stage
    message: str = ""
    nodes: int | None = None
    code: str = ""
    advanced: bool = False
    """Whether the look brought the cluster a step further, and the next step may be possible soon."""
    look_again: float = 10.0
    """Seconds until the next look at the cloud."""
    patience: float = 3600.0
    """Seconds that the operation may take."""


class Provisioned(Message):
    """What came of making or changing a cluster, in words, and whether there may be more to do at once."""

    words: str
    settled: bool = True


class ProvisioningFailure(Message):
    """An operation at a cloud that failed, and whether something of the cluster may be left there."""

    target: Target
    generation: int
    code: str
    message: str
    cause: str = ""
    left_behind: bool = False


class MagnumStep(Message):
    """What a Magnum cluster came to: in words, whose lifecycles have work now, and when to look again."""

    words: str
    wake: tuple[Target, ...] = ()
    pause: float = 0
    """Seconds until the next look; none is needed where it is 0."""
