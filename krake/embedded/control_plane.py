"""The servers of a sandbox: a whole Kubernetes control plane, tuned to start fast and stay small."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from krake.embedded.credentials import HOST, Credentials, User, write_private
from krake.embedded.process import ManagedProcess

SERVICE_RANGE = "10.96.0.0/16"
POD_RANGE = "10.128.0.1/9"
NODE_LEASE_SECONDS = 40
STAGES = Path(__file__).with_name("kwok-stages.yaml")

ETCD = "etcd"
APISERVER = "kube-apiserver"
CONTROLLER_MANAGER = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
KWOK = "kwok"
PARTS = (ETCD, APISERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK)

CLIENTS = {CONTROLLER_MANAGER: User.CONTROLLER_MANAGER, SCHEDULER: User.SCHEDULER, KWOK: User.KWOK}

# What only makes sense with a cloud, real kubelets or real volumes to attach.
UNNEEDED_CONTROLLERS = (
    "certificatesigningrequest-approving-controller",
    "certificatesigningrequest-cleaner-controller",
    "certificatesigningrequest-signing-controller",
    "cloud-node-lifecycle-controller",
    "node-ipam-controller",
    "node-route-controller",
    "persistentvolume-attach-detach-controller",
    "persistentvolume-expander-controller",
    "service-lb-controller",
)


@dataclass(frozen=True)
class Ports:
    """Where a sandbox listens; kept, so that its kubeconfig stays true."""

    api: int
    etcd: int
    etcd_peer: int


@dataclass(frozen=True)
class ControlPlane:
    """The servers of one sandbox and the folder they work in."""

    directory: Path
    ports: Ports

    @property
    def credentials(self) -> Credentials:
        """The sandbox's certificates and tokens."""
        return Credentials(self.directory / "pki")

    def prepare(self) -> None:
        """Makes the folders, the credentials and the kubeconfigs of the parts."""
        for name in ("run", "logs", "etcd", "clients"):
            (self.directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.credentials.make()
        for part, user in CLIENTS.items():
            content = self.credentials.kubeconfig(part, self.ports.api, user)
            write_private(self._client(part), content.encode())

    def process(self, part: str) -> ManagedProcess:
        """The process of one part, running or not."""
        return ManagedProcess(
            part, self.directory / "run" / f"{part}.pid", self.directory / "logs" / f"{part}.log"
        )

    def start(self, part: str, programs: Mapping[str, Path]) -> None:
        """Starts one part unless it runs.

        Raises:
            KrakeError: its program cannot be run.
        """
        process = self.process(part)
        if process.find() is None:
            flags = {
                ETCD: self._etcd,
                APISERVER: self._apiserver,
                CONTROLLER_MANAGER: self._controller_manager,
                SCHEDULER: self._scheduler,
                KWOK: self._kwok,
            }[part]()
            # The heap may grow further between collections: less work for a little more memory.
            process.start([programs[part], *flags], environment=os.environ | {"GOGC": "200"})

    def _etcd(self) -> list[str]:
        client, peer = f"http://{HOST}:{self.ports.etcd}", f"http://{HOST}:{self.ports.etcd_peer}"
        return [
            "--name=sandbox",
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=sandbox={peer}",
            "--unsafe-no-fsync",
            "--snapshot-count=10000",
            "--auto-compaction-retention=5m",
            "--log-level=warn",
        ]

    def _apiserver(self) -> list[str]:
        secrets = self.credentials
        return [
            f"--etcd-servers=http://{HOST}:{self.ports.etcd}",
            f"--bind-address={HOST}",
            f"--advertise-address={HOST}",
            f"--secure-port={self.ports.api}",
            f"--tls-cert-file={secrets.certificate}",
            f"--tls-private-key-file={secrets.key}",
            f"--token-auth-file={secrets.tokens}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={secrets.service_account_public_key}",
            f"--service-account-signing-key-file={secrets.service_account_key}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            # A loopback address cannot be an endpoint of the service `kubernetes`.
            "--endpoint-reconciler-type=none",
            "--enable-priority-and-fairness=false",
            "--max-requests-inflight=2000",
            "--max-mutating-requests-inflight=1000",
            "--profiling=false",
            "--shutdown-delay-duration=0s",
        ]

    def _controller_manager(self) -> list[str]:
        secrets = self.credentials
        syncs = ("deployment", "replicaset", "endpoint", "service-endpoint", "namespace", "gc")
        return [
            f"--kubeconfig={self._client(CONTROLLER_MANAGER)}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--controllers=*,{','.join(f'-{name}' for name in UNNEEDED_CONTROLLERS)}",
            f"--root-ca-file={secrets.certificate}",
            f"--service-account-private-key-file={secrets.service_account_key}",
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
            *(f"--concurrent-{name}-syncs=20" for name in syncs),
            "--profiling=false",
        ]

    def _scheduler(self) -> list[str]:
        return [
            f"--kubeconfig={self._client(SCHEDULER)}",
            "--leader-elect=false",
            "--secure-port=0",
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
            "--profiling=false",
        ]

    def _kwok(self) -> list[str]:
        return [
            f"--kubeconfig={self._client(KWOK)}",
            f"--config={STAGES}",
            "--manage-all-nodes",
            f"--node-lease-duration-seconds={NODE_LEASE_SECONDS}",
            f"--cidr={POD_RANGE}",
        ]

    def _client(self, part: str) -> Path:
        return self.directory / "clients" / f"{part}.kubeconfig"
