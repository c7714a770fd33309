"""What workflows, activities and their callers say to each other: references, decisions, small results.

Manifests, kubeconfigs and credentials never appear here: activities load them by reference, which keeps
histories small and free of secrets. Fields are only ever added, with defaults, so that old histories replay.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

TASK_QUEUE = "krake"
"""Task queue of workflows and activities that any worker can run."""

WAKE_SIGNAL = "wake"
PROGRESS_QUERY = "progress"


class Message(BaseModel):
    """Base of all messages: immutable, unknown fields of newer senders are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class WorkflowName(StrEnum):
    """Stable names of the workflows, as the Temporal UI shows them."""

    APPLICATION = "Application"
    DEPLOY_APPLICATION = "DeployApplication"
    MIGRATE_APPLICATION = "MigrateApplication"
    DELETE_APPLICATION = "DeleteApplication"
    CLUSTER = "Cluster"
    OBSERVE_CLUSTER = "ObserveCluster"
    SWEEP = "Sweep"


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


class Wake(Message):
    """Why a lifecycle should look at its resource again."""

    cause: str = ""


class Progress(Message):
    """What a workflow is doing now, in words for people."""

    operation: str
    step: str
    since: str = ""
    attempt: int = 1
    cluster: str = ""


class Retry(Message):
    """How often and how fast an operation is repeated: seconds, factor, number of retries (-1: for ever)."""

    delay: int = 1
    factor: int = 1
    limit: int = -1


class Step(StrEnum):
    """What a lifecycle does next."""

    NOTHING = "nothing"
    DEPLOY = "deploy"
    MIGRATE = "migrate"
    DELETE = "delete"
    VERIFY = "verify"
    OBSERVE = "observe"
    WAIT = "wait"


class Ask(Message):
    """The question what a lifecycle should do next. `causes` are the wake-ups since it last asked."""

    target: Target
    causes: list[str] = []


class Plan(Message):
    """The answer: the next step, for which resource and which generation of its spec."""

    step: Step
    target: Target
    generation: int = 0
    trigger: str = ""
    retry: Retry = Retry()
    message: str = ""
    migration: str = ""
    """Id of the move that is to be made or to go on."""
    interrupt: bool = False
    """Whether a move that is being made has to be undone: it was cancelled, or something newer came."""
    wait: float = 0
    """Seconds until there is something to do, for a step of waiting."""


class Deployment(Message):
    """A deployment of one generation of an application."""

    target: Target
    generation: int
    trigger: str = ""
    attempt: int = 1
    migration: str = ""
    """Id of the move, where the deployment is one to another cluster."""


class Placement(Message):
    """Where an application was placed; without a cluster, why nowhere."""

    cluster: Target | None = None
    generation: int = 0
    objects: int = 0
    readiness_timeout: int = 300
    message: str = ""
    moving: bool = False
    """Whether the application has to move instead, which was requested."""


class OnCluster(Message):
    """An application and the cluster on which something is done for it."""

    target: Target
    cluster: Target
    generation: int = 0
    readiness_timeout: int = 300


class Applied(Message):
    """What an apply did, in numbers."""

    applied: int
    pruned: int = 0


class Ready(Message):
    """That everything was ready, and at which addresses the services answer."""

    services: dict[str, str] = {}
    state: str = ""
    health: dict[str, int] = {}


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


class Removal(Message):
    """What is to be removed from a cluster; no cluster where nothing was ever placed."""

    target: Target
    cluster: Target | None = None
    objects: int = 0


class Failure(Message):
    """A failed attempt, for the status. `retry_in` is in seconds; empty when nobody tries again."""

    target: Target
    generation: int
    code: str
    message: str
    retry_in: float | None = None
    retries_left: int | None = None


class Verified(Message):
    """What was found when a cluster was reached for the first time."""

    version: str
    nodes: int
    ready_nodes: int


class Swept(Message):
    """How many resources a sweep looked at and woke."""

    unobserved: int
    woken: int
