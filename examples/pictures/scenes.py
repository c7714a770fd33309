"""What the pictures show: a few clusters and applications, one of which fits nowhere."""

from __future__ import annotations

from dataclasses import dataclass

CLUSTERS = {"berlin": "DE", "milan": "IT"}

METRICS = """\
api: core
kind: MetricsProvider
metadata: {name: lab}
spec: {type: static, static: {metrics: {energy: 0.7, latency: 0.2}}}
---
api: core
kind: Metric
metadata: {name: energy}
spec: {min: 0, max: 1, provider: {name: lab, metric: energy}}
---
api: core
kind: Metric
metadata: {name: latency}
spec: {min: 0, max: 1, provider: {name: lab, metric: latency}}
"""


def application(
    name: str, constraint: str, *, replicas: int = 2, labels: str = "", annotations: str = "{}"
) -> str:
    """The file of one application: a Deployment and a Service."""
    return f"""\
api: kubernetes
kind: Application
metadata: {{name: {name}, labels: {{{labels}}}}}
spec:
  constraints: {{cluster: {{labels: ['{constraint}']}}}}
  manifest:
    - apiVersion: apps/v1
      kind: Deployment
      metadata: {{name: {name}}}
      spec:
        replicas: {replicas}
        selector: {{matchLabels: {{app: {name}}}}}
        template:
          metadata: {{labels: {{app: {name}}}, annotations: {annotations}}}
          spec:
            containers:
              - name: web
                image: registry.example.org/{name}:1.4
                resources: {{requests: {{cpu: 500m, memory: 128Mi}}}}
    - apiVersion: v1
      kind: Service
      metadata: {{name: {name}}}
      spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
"""


FILES = {
    "metrics.yaml": METRICS,
    "shop.yaml": application("shop", "location in (DE, IT)", labels="team: web"),
    "shop-new.yaml": application("shop", "location is DE", replicas=4, labels="team: web"),
    "blog.yaml": application("blog", "location is FR", labels="team: press"),
    "search.yaml": application(
        "search", "location is IT", annotations="{sandbox.krake/state: image-pull-backoff}"
    ),
    "broken.yaml": application("sh op", "location es DE"),
}
"""Files that the commands use, by name."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture: its file, its title, and the commands that it shows."""

    file: str
    title: str
    commands: tuple[str, ...]


SCENES = (
    Scene("rok-get", "Clusters and applications", ("rok get clusters,apps",)),
    Scene("rok-app", "One application", ("rok kube app get shop",)),
    Scene("rok-cluster", "One cluster", ("rok kube cluster get berlin",)),
    Scene("rok-describe", "The story of an application", ("rok describe app search",)),
    Scene("rok-explain", "Why an application is where it is", ("rok kube app explain shop",)),
    Scene("rok-nowhere", "Why an application is nowhere", ("rok kube app explain blog",)),
    Scene("rok-tree", "What belongs to what", ("rok tree", "rok tree app shop")),
    Scene("rok-events", "What happened", ("rok events app shop", "rok kube app operations shop")),
    Scene("rok-top", "Room on the clusters", ("rok kube cluster top",)),
    Scene(
        "rok-apply",
        "Files",
        (
            "rok apply -f shop.yaml -f blog.yaml",
            "rok diff -f shop-new.yaml",
            "rok apply -f shop-new.yaml --dry-run",
        ),
    ),
    Scene("rok-schema", "What a field means", ("rok explain app.spec.constraints.cluster",)),
    Scene(
        "rok-errors",
        "Errors",
        (
            "rok kube app get shpo",
            "rok apply -f broken.yaml",
            "rok kube app create -f missing.yaml shop",
            "rok wait app blog --for running --timeout 1s",
            "rok kube app list --config away.yaml",
        ),
    ),
)
"""All pictures."""
