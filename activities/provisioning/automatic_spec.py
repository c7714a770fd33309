"""The spec of a cluster that is made for an application, from the settings."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from activities.failures import user_error
from krake.models.cluster import ClusterSpec
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.yamlloader import KubernetesLoader
from scheduler.clouds import constraints_of_new_cluster
from scheduler.snapshot import Request

Document = dict[str, Any]


def new_cluster_spec(settings: Settings, request: Request, nodes: int) -> Document:
    """The cluster's spec: what it is made of, and its cloud has to offer what the application asks for.

    Args:
        settings: with a TOSCA template, or sizes.
        request: what the application wants.
        nodes: the number of worker nodes, where there is no template.

    Raises:
        ApplicationError: the settings do not make a cluster; says which.
    """
    made_of = _template(settings) if settings.auto_cluster_tosca_file else _machines(settings, nodes)
    document = {
        **made_of,
        "constraints": constraints_of_new_cluster(request),
        "inherit_metrics": True,
        "auto_generated": True,
    }
    try:
        return ClusterSpec.model_validate(document).model_dump(mode="json")
    except ValidationError as error:
        found = error.errors()[0]
        words = f"the settings auto_cluster_… make no cluster: {found['loc']}: {found['msg']}"
        raise user_error(ReasonCode.INVALID_RESOURCE, words) from None


def _template(settings: Settings) -> Document:
    path = settings.auto_cluster_tosca_file
    assert path is not None
    try:
        template = yaml.load(path.read_text(encoding="utf-8"), Loader=KubernetesLoader)
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        words = f"the template in auto_cluster_tosca_file cannot be read: {' '.join(str(error).split())}"
        raise user_error(ReasonCode.INVALID_RESOURCE, words) from None
    return {"tosca": template}


def _machines(settings: Settings, nodes: int) -> Document:
    given = {
        "flavor": settings.auto_cluster_flavor,
        "image": settings.auto_cluster_image,
        "template": settings.auto_cluster_template,
        "kubernetes_version": settings.auto_cluster_kubernetes_version,
    }
    return {"infrastructure": {"nodes": nodes, **{key: value for key, value in given.items() if value}}}
