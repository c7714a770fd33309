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
    SHUTDOWN_APPLICATION = "ShutdownApplication"
    CLUSTER = "Cluster"
    MAGNUM_CLUSTER = "MagnumCluster"
    PROVISION_CLUSTER = "ProvisionCluster"
    SCALE_CLUSTER = "ScaleCluster"
    DEPROVISION_CLUSTER = "DeprovisionCluster"
    OBSERVE_CLOUDS = "ObserveClouds"
    OBSERVE_CLUSTER = "ObserveCluster"
    CLEAR_CLUSTER = "ClearCluster"
    COLLECT_ORPHANS = "CollectOrphans"
    SWEEP = "Sweep"
    SAMPLE_METRICS = "SampleMetrics"
    COMPARE_APPLICATION = "CompareApplication"
    REBALANCE = "Rebalance"


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
    deadline: str = ""
    """When the step ends at the latest, whatever happens."""


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
    PROVISION = "provision"
    SCALE = "scale"
    ROTATE = "rotate"
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
    cause: str = ""
    """What led to the step, for the events: a request id, or what was observed."""
    translate: bool = False
    """Whether the manifest has to be made from a TOSCA template or a CSAR archive first."""
    clear: bool = False
    """Whether the cluster's applications have to leave it meanwhile."""
    orphans: int = 0
    """Objects that are still owed to the cluster and are collected before it goes."""
    shutdown_hook: bool = False
    """Whether the application has to be asked to shut down before it is removed from a cluster."""
    deprovision: bool = False
    """Whether something of the cluster is, or may be, at a cloud and has to be removed there."""


class Deployment(Message):
    """A deployment of one generation of an application."""

    target: Target
    generation: int
    trigger: str = ""
    attempt: int = 1
    migration: str = ""
    """Id of the move, where the deployment is one to another cluster."""
    cause: str = ""
    translate: bool = False
    shutdown_hook: bool = False


class Translated(Message):
    """What a translation came to: the number of objects; they themselves are in the store."""

    generation: int = 0
    objects: int = 0


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
    cause: str = ""


class Applied(Message):
    """What an apply did, in numbers."""

    applied: int
    pruned: int = 0


class Ready(Message):
    """That everything was ready, and at which addresses the services answer."""

    services: dict[str, str] = {}
    state: str = ""
    health: dict[str, int] = {}
    pruned: int = 0


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


class Removal(Message):
    """What is to be removed from a cluster; no cluster where nothing was ever placed."""

    target: Target
    cluster: Target | None = None
    objects: int = 0


class Leftover(Message):
    """Objects that could not be removed from a cluster, and why not, after so many attempts."""

    target: Target
    cluster: Target
    attempt: int = 1
    message: str = ""


class Collection(Message):
    """Orphans to be collected from a cluster; `predecessors` also those left on a cluster of the same name
    that is not registered any more."""

    cluster: Target
    predecessors: bool = False


class Collected(Message):
    """What became of orphans: removed or gone, still needed by their application, and still there."""

    removed: int = 0
    kept: int = 0
    remaining: int = 0
    message: str = ""


class Failure(Message):
    """A failed attempt, for the status. `retry_in` is in seconds; empty when nobody tries again."""

    target: Target
    generation: int
    code: str
    message: str
    retry_in: float | None = None
    retries_left: int | None = None
    cause: str = ""


class Verified(Message):
    """What was found when a cluster was reached for the first time."""

    version: str
    nodes: int
    ready_nodes: int


class Swept(Message):
    """How many resources a sweep looked at and woke."""

    unobserved: int
    woken: int


class Sampled(Message):
    """How many metrics were sampled, and how many clusters have failing ones."""

    metrics: int = 0
    failing: int = 0


class ObservedClouds(Message):
    """How many clouds were looked at, how many answered, and how many clusters there are in trouble."""

    clouds: int = 0
    reachable: int = 0
    troubled: int = 0


class PassOrder(Message):
    """One look at all applications: who is to be placed or moved."""

    dry_run: bool = False
    """Only say what would be done."""
    settle: float = 0
    """Seconds to wait for further changes before looking."""
    only_news: bool = False
    """Whether it may be left out where nothing can have changed since the last look."""
    shown: int = 20
    """Entries of each list of the report, which the history keeps."""


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
