"""How clouds are asked, and what clusters Krake makes there by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from krake.setting_groups.base import SettingGroup


class CloudSettings(SettingGroup):
    """How clouds are asked, and what clusters Krake makes there by itself."""

    openstack_clouds_file: Path | None = None
    """The operator's `clouds.yaml`, whose entries global clouds may name; empty: there is none."""
    cloud_timeout: Annotated[float, Field(gt=0, le=300)] = 30.0
    """Seconds that one request to a cloud may take."""
    cloud_interval: Annotated[float, Field(gt=0)] = 60.0
    """Seconds between two looks at every cloud and at the clusters that were made there."""
    credentials_renewal_days: Annotated[float, Field(ge=0)] = 14.0
    """Days before their end that the credentials of clusters that Krake made are renewed; 0 never does."""
    provisioning_interval: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two looks at a cluster that is being made, changed or removed; later up to 60."""
    provisioning_timeout: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds that making or changing a cluster may take before it is given up."""
    auto_cluster_tosca_file: Path | None = None
    """TOSCA template of the clusters that are made for applications; empty: they are made of plain nodes."""
    auto_cluster_nodes: Annotated[int, Field(ge=1, le=1000)] = 1
    """Fewest worker nodes of a cluster that is made for applications."""
    auto_cluster_max_nodes: Annotated[int, Field(ge=1, le=1000)] = 10
    """Most worker nodes that such a cluster gets where the application needs more than the fewest."""
    auto_cluster_flavor: str = ""
    """Size of the nodes of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_image: str = ""
    """Image that the nodes of such a cluster boot; empty leaves it to the infrastructure provider."""
    auto_cluster_template: str = ""
    """Magnum's template of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_kubernetes_version: str = ""
    """Kubernetes version of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_timeout: Annotated[float, Field(gt=0)] = 1800.0
    """Seconds after which applications give up waiting for such a cluster, and it is removed."""
    auto_cluster_retry: Annotated[float, Field(gt=0)] = 300.0
    """Seconds before another attempt to make a cluster for an application."""
    auto_cluster_retention: Annotated[float, Field(ge=0)] = 600.0
    """Seconds that such a cluster is kept while no application needs it."""
