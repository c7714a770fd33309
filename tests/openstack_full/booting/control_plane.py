"""The control plane that k3s would start on its first server, of the user data's authorities."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from krake.embedded import control_plane as parts
from krake.embedded.binaries import CONTROL_PLANE, ensure
from krake.embedded.control_plane import ControlPlane
from krake.embedded.credentials import HOST, write_private
from krake.tls.authority import Authority
from krake.tls.pair import Pair
from tests.openstack_full.booting.api import Api
from tests.openstack_full.booting.user_data import Boot
from tests.support.waiting import until

PORT = 6443
SERVERS = (parts.ETCD, parts.APISERVER, parts.CONTROLLER_MANAGER, parts.SCHEDULER)
USERS = {
    parts.CONTROLLER_MANAGER: "system:kube-controller-manager",
    parts.SCHEDULER: "system:kube-scheduler",
}
ADMINISTRATOR = ("machine-room", ("system:masters",))
SILENT_SECONDS = 16
"""After that a node whose lease is not renewed is not ready; Kubernetes' default is 50."""
_READY_SECONDS = 120.0
_DAYS = 30
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Metadata", "verbs": ["create", "delete"], "users": ["krake-admin"]},
        {"level": "None"},
    ],
}


@dataclass(frozen=True)
class K3sControlPlane(ControlPlane):
    """The parts of one server: etcd in place of k3s's SQLite, else as k3s starts them."""

    boot: Boot
    address: str
    """Where its API listens."""

    @property
    def tls(self) -> Path:
        """What is `/var/lib/rancher/k3s/server/tls` on the server."""
        return self.directory / "tls"

    @property
    def audit_log(self) -> Path:
        """What Krake had made and deleted, a JSON document a line."""
        return self.directory / "audit.log"

    @cached_property
    def _clients(self) -> Authority:
        return self._authority("client-ca")

    def prepare(self) -> None:
        """Writes the files of the user data, and the certificates that k3s issues with them."""
        for name in ("run", "logs", "etcd", "clients"):
            (self.directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in self.boot.tls.items():
            path = self.tls / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, content.encode())
        hosts = ["localhost", "kubernetes.default.svc", *self.boot.config["tls-san"]]
        self._authority("server-ca").issue_server("kube-apiserver", hosts, _DAYS)
        for part, user in USERS.items():
            write_private(self._client(part), self.kubeconfig(user).encode())
        (self.directory / "audit.yaml").write_text(yaml.safe_dump(_AUDIT))

    def identity(self, user: str, groups: tuple[str, ...] = ()) -> Pair:
        """A client certificate of the cluster's client authority, as k3s issues them."""
        pair = Pair.of(self.tls, user)
        return pair if pair.key.exists() else self._clients.issue_client(user, groups, _DAYS)

    def kubeconfig(self, user: str, groups: tuple[str, ...] = ()) -> str:
        """A kubeconfig of such a user."""
        pair = self.identity(user, groups)
        cluster = {
            "server": f"https://{self.address}:{PORT}",
            "certificate-authority": f"{self.tls / 'server-ca.crt'}",
        }
        keys = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "k3s", "cluster": cluster}],
            "users": [{"name": user, "user": keys}],
            "contexts": [{"name": "k3s", "context": {"cluster": "k3s", "user": user}}],
            "current-context": "k3s",
        }
        return yaml.safe_dump(document)

    def api(self, user: str = ADMINISTRATOR[0], groups: tuple[str, ...] = ADMINISTRATOR[1]) -> Api:
        """A client of its API, to be entered as a context."""
        pair = self.identity(user, groups)
        return Api(f"https://{self.address}:{PORT}", self.tls / "server-ca.crt", pair)

    async def run(self) -> Mapping[str, Path]:
        """Start all parts, and wait until the API is ready; the programs by name."""
        programs = await asyncio.to_thread(ensure, CONTROL_PLANE)
        self.prepare()
        for part in (parts.ETCD, parts.APISERVER):
            self.start(part, programs)
        async with self.api() as api:

            async def ready() -> bool:
                process = self.process(parts.APISERVER)
                assert process.find() is not None, f"it ended: {process.last_lines(20)}"
                return await api.answers("/readyz")

            await until("the API server is ready", ready, _READY_SECONDS)
        for part in USERS:
            self.start(part, programs)
        return programs

    async def end(self) -> None:
        """Ends all parts as a loss of power does."""
        await asyncio.gather(*(self.process(part).stop(0) for part in reversed(SERVERS)))

    def _authority(self, name: str) -> Authority:
        pair = Pair.of(self.tls, name)
        key = load_pem_private_key(pair.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return Authority(self.tls, x509.load_pem_x509_certificate(pair.certificate.read_bytes()), key)

    def _apiserver(self) -> list[str]:
        tls = self.tls
        serving = Pair.of(tls, "kube-apiserver")
        return [
            f"--etcd-servers=http://{HOST}:{self.ports.etcd}",
            f"--bind-address={self.address}",
            f"--advertise-address={self.address}",
            f"--secure-port={PORT}",
            f"--tls-cert-file={serving.certificate}",
            f"--tls-private-key-file={serving.key}",
            f"--client-ca-file={tls / 'client-ca.crt'}",
            f"--requestheader-client-ca-file={tls / 'request-header-ca.crt'}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={tls / 'service.key'}",
            f"--service-account-signing-key-file={tls / 'service.key'}",
            "--service-cluster-ip-range=10.43.0.0/16",
            f"--audit-policy-file={self.directory / 'audit.yaml'}",
            f"--audit-log-path={self.audit_log}",
            "--profiling=false",
            "--shutdown-delay-duration=0s",
        ]

    def _controller_manager(self) -> list[str]:
        return [
            # The last one of a flag counts.
            *super()._controller_manager(),
            f"--root-ca-file={self.tls / 'server-ca.crt'}",
            f"--service-account-private-key-file={self.tls / 'service.key'}",
            "--use-service-account-credentials",
            "--node-monitor-period=1s",
            f"--node-monitor-grace-period={SILENT_SECONDS}s",
        ]
