"""What a cluster has from the cloud that it runs on, where it says that it inherits."""

from __future__ import annotations

from dataclasses import replace

from scheduler.snapshot import Candidate


def inherit(cluster: Candidate, cloud: Candidate, *, labels: bool, metrics: bool) -> Candidate:
    """The cluster with what it inherits, each entry marked.

    The cloud's labels win over the cluster's own, the cluster's own metrics win over the cloud's, as in the
    original Krake.

    Args:
        cluster: the cluster as it is by itself.
        cloud: its cloud.
        labels: whether it inherits labels (`metadata.inherit_labels`).
        metrics: whether it inherits metrics (`spec.inherit_metrics`).
    """
    if labels:
        cluster = replace(
            cluster,
            labels={**cluster.labels, **cloud.labels},
            inherited_labels=cluster.inherited_labels | frozenset(cloud.labels),
        )
    if metrics:
        inherited = {name: sample._replace(inherited=True) for name, sample in cloud.metrics.items()}
        cluster = replace(cluster, metrics={**inherited, **cluster.metrics})
    return cluster
