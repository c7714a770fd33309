"""A driver of Magnum that makes clusters of Krake's sandboxes instead of machines: ours, and only for tests.

Everything else of Magnum is upstream's: the API with its checks, quotas and certificates, the conductor, the
database and the states. The control planes are real, their nodes simulated by kwok. Labels make it fail:
`krake_failure` is the reason with which a creation ends. It runs in the environment of OpenStack's services.
"""

from __future__ import annotations

import ipaddress
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from magnum.conductor.handlers.common import cert_manager
from magnum.drivers.common import driver

FAILURE = "krake_failure"
VERSION = "kube_tag"

_looking = threading.Lock()
_jobs: dict[str, subprocess.Popen[str]] = {}
"""What is done for a cluster at present, by its UUID: one process serves Magnum's API and does its work."""


class SandboxDriver(driver.Driver):
    """Chosen by images whose property `os_distro` is `sandbox`."""

    needs_trust = False

    @property
    def provides(self) -> list[dict[str, str]]:
        """What kind of cluster it makes."""
        return [{"server_type": "vm", "os": "sandbox", "coe": "kubernetes"}]

    def create_cluster(self, context: Any, cluster: Any, cluster_create_timeout: int) -> None:
        """Begin to make a cluster."""
        cluster.stack_id = cluster.uuid
        cluster.coe_version = cluster.labels.get(VERSION)
        if FAILURE not in cluster.labels:
            _give_certificates(context, cluster)
            _begin(cluster, "create", str(cluster.default_ng_worker.node_count))

    def update_cluster_status(self, context: Any, cluster: Any, use_admin_ctx: bool = False) -> None:
        """Say how what was begun has come along."""
        # Looks at several clusters, and at the same one, overlap.
        with _looking:
            cluster.refresh()
            if cluster.status.endswith("_IN_PROGRESS"):
                _look(cluster)

    def resize_cluster(
        self,
        context: Any,
        cluster: Any,
        resize_manager: Any,
        node_count: int,
        nodes_to_remove: list[str],
        nodegroup: Any = None,
    ) -> None:
        """Begin to change the number of nodes."""
        _begin(cluster, "scale", str(node_count))

    def upgrade_cluster(
        self,
        context: Any,
        cluster: Any,
        cluster_template: Any,
        max_batch_size: int,
        nodegroup: Any,
        scale_manager: Any = None,
        rollback: bool = False,
    ) -> None:
        """Follow the template; the servers stay what they are."""
        cluster.cluster_template_id = cluster_template.uuid
        cluster.labels = {**cluster.labels, **cluster_template.labels}
        cluster.coe_version = cluster.labels.get(VERSION)

    def delete_cluster(self, context: Any, cluster: Any) -> None:
        """Begin to remove a cluster, in whatever state it is."""
        job = _jobs.pop(cluster.uuid, None)
        if job is not None:
            job.wait()
        if (_folder(cluster) / "sandbox.json").exists():
            _begin(cluster, "delete")

    def update_cluster(
        self, context: Any, cluster: Any, scale_manager: Any = None, rollback: bool = False
    ) -> None:
        """Not what Krake asks for."""
        raise NotImplementedError

    def create_nodegroup(self, context: Any, cluster: Any, nodegroup: Any) -> None:
        """Not what Krake asks for."""
        raise NotImplementedError

    update_nodegroup = delete_nodegroup = create_nodegroup

    def create_federation(self, context: Any, federation: Any) -> None:
        """Not what Krake asks for."""
        raise NotImplementedError

    update_federation = delete_federation = create_federation


def _look(cluster: Any) -> None:
    what = cluster.status.partition("_")[0]
    job = _jobs.get(cluster.uuid)
    if what == "CREATE" and FAILURE in cluster.labels:
        _end(cluster, "CREATE_FAILED", cluster.labels[FAILURE])
    elif job is None:
        # An upgrade, or the removal of what never was; a creation has not begun yet.
        if what != "CREATE":
            _end(cluster, f"{what}_COMPLETE", None)
    elif job.poll() is not None:
        output, errors = job.communicate()
        if job.returncode == 0 and what == "CREATE":
            cluster.api_address = output.split()[-1]
        _end(
            cluster,
            f"{what}_{'FAILED' if job.returncode else 'COMPLETE'}",
            errors[-200:] if job.returncode else None,
        )
        del _jobs[cluster.uuid]


def _folder(cluster: Any) -> Path:
    return Path(os.environ["KRAKE_CLUSTERS"], str(cluster.uuid))


def _begin(cluster: Any, *words: str) -> None:
    """Run a command of `tests.openstack.machines` in Krake's environment, without waiting for it."""
    command, *rest = words
    _jobs[cluster.uuid] = subprocess.Popen(
        [os.environ["KRAKE_PYTHON"], "-m", "tests.openstack.machines", command, str(_folder(cluster)), *rest],
        cwd=os.environ["KRAKE_SOURCE"],
        # Not this environment's packages.
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _end(cluster: Any, status: str, reason: str | None) -> None:
    for group in cluster.nodegroups:
        group.status = status
        group.save()
    cluster.status, cluster.status_reason = status, reason
    cluster.save()


def _give_certificates(context: Any, cluster: Any) -> None:
    """The server's key and certificate, and the authority's, as Magnum has them made for this cluster."""
    given = _folder(cluster) / "given"
    given.mkdir(mode=0o700, parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = request.public_bytes(Encoding.PEM).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    authority = cert_manager.get_cluster_ca_certificate(cluster, context=context)
    certificate = cert_manager.sign_node_certificate(cluster, text, context=context)
    for name, content in (
        ("server.key", private),
        ("server.crt", certificate),
        ("ca.crt", authority.get_certificate()),
    ):
        (given / name).write_bytes(content.encode() if isinstance(content, str) else content)
