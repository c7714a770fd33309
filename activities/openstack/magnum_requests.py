"""What Krake asks of Magnum: its words for a wanted cluster, and what it cannot be asked."""

from __future__ import annotations

from openstack.container_infrastructure_management.v1.cluster_template import ClusterTemplate

from activities.openstack.magnum_api import Document
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError, WantedCluster

TAG_LABEL = "krake"
"""Magnum has no tags: the cluster's own is among its labels, which drivers leave alone."""
VERSION_LABEL = "kube_tag"
"""The label by which Magnum's drivers choose the version of Kubernetes."""


def described(wanted: WantedCluster) -> ClusterInfrastructure:
    """The plain description of a cluster.

    Raises:
        ProviderError: there is none, or it says what Magnum does not let choose.
    """
    if wanted.infrastructure is None:
        raise invalid("Magnum makes clusters by a plain description, not by a TOSCA template")
    if wanted.infrastructure.image:
        raise invalid(
            "Magnum takes the image from the cluster template: leave it out, or name another template"
        )
    return wanted.infrastructure


def checked(template: ClusterTemplate) -> ClusterTemplate:
    """The template, if Krake can use its clusters.

    Raises:
        ProviderError: it cannot.
    """
    if template.coe != "kubernetes":
        raise bad_template(f"The cluster template {template.name} is for {template.coe}, not for kubernetes")
    if template.is_tls_disabled:
        raise bad_template(
            f"The cluster template {template.name} has TLS disabled: anybody could be administrator"
        )
    return template


def creation(
    wanted: WantedCluster, infrastructure: ClusterInfrastructure, template: ClusterTemplate, minutes: int
) -> Document:
    """The body of the request that makes a cluster; Magnum gives it up after so many minutes."""
    # Labels that are given replace the template's, unless the release knows `merge_labels`.
    labels = {**(template.labels or {}), TAG_LABEL: wanted.tag}
    if infrastructure.kubernetes_version:
        labels[VERSION_LABEL] = version_label(infrastructure.kubernetes_version)
    flavor = infrastructure.flavor
    body = {
        "name": _name_of(wanted),
        # Not `id`: that is the name where it was found by its name.
        "cluster_template_id": template.uuid,
        "node_count": infrastructure.nodes,
        "master_count": infrastructure.control_plane_nodes,
        "flavor_id": flavor,
        "master_flavor_id": infrastructure.control_plane_flavor or flavor,
        "create_timeout": minutes,
        "labels": labels,
    }
    return {name: value for name, value in body.items() if value is not None}


def follows(cluster: Document, template: ClusterTemplate, version: str | None) -> bool:
    """Whether a cluster follows the template already, so that nothing is to be upgraded.

    Raises:
        ProviderError: the version that is wanted is not the template's, by which alone Magnum upgrades.
    """
    offered = (template.labels or {}).get(VERSION_LABEL)
    follows = bool(cluster["cluster_template_id"] == template.uuid)
    known = [offered]
    if follows:
        known += [(cluster.get("labels") or {}).get(VERSION_LABEL), cluster.get("coe_version")]
    versions = {version_label(str(one)) for one in known if one}
    if version and version_label(version) not in versions and (follows or versions):
        raise bad_template(
            f"Magnum upgrades by a template of the new version: {template.name} has "
            f"{offered or 'none'}, not {version_label(version)}"
        )
    return follows


def version_label(text: str) -> str:
    """A version of Kubernetes as Magnum's labels have it."""
    return text if text.startswith("v") else f"v{text}"


def invalid(message: str) -> ProviderError:
    """What is asked for cannot be had."""
    return ProviderError(ReasonCode.INVALID_RESOURCE, message, temporary=False)


def bad_template(message: str) -> ProviderError:
    """The cluster template cannot be used for it."""
    return ProviderError(ReasonCode.INVALID_CLUSTER_TEMPLATE, message, temporary=False)


def _name_of(wanted: WantedCluster) -> str:
    """The cluster's name, which has to begin with a letter."""
    name = wanted.cloud_name
    return name if name[0].isalpha() else f"c-{name}"
