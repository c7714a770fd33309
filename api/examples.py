"""One example of each kind of resources, as a client creates it; shown in the OpenAPI document."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

_DEPLOYMENT: Document = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "echo"},
    "spec": {
        "selector": {"matchLabels": {"app": "echo"}},
        "template": {
            "metadata": {"labels": {"app": "echo"}},
            "spec": {"containers": [{"name": "echo", "image": "k8s.gcr.io/echoserver:1.4"}]},
        },
    },
}

_KUBECONFIG: Document = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "berlin",
    "contexts": [{"name": "berlin", "context": {"cluster": "berlin", "user": "krake"}}],
    "users": [{"name": "krake", "user": {"token": "the token of a service account"}}],
    "clusters": [{"name": "berlin", "cluster": {"server": "https://berlin.example.org:6443"}}],
}

_METRIC: Document = {
    "min": 0,
    "max": 1,
    "allowed_values": [],
    "provider": {"name": "prometheus", "metric": "green_energy_ratio"},
}
_PROVIDER: Document = {"type": "prometheus", "prometheus": {"url": "https://prometheus.example.org"}}
_MANAGER: Document = {"type": "im", "im": {"url": "https://im.example.org", "token": "the token"}}
_CLOUD: Document = {
    "type": "openstack",
    "openstack": {
        "url": "https://keystone.example.org:5000/v3",
        "auth": {
            "type": "password",
            "password": {
                "version": "3",
                "user": {"username": "krake", "password": "the password", "domain_name": "Default"},
                "project": {"name": "krake", "domain_id": "default"},
            },
        },
        "metrics": [{"name": "green-energy", "weight": 1.0}],
        "infrastructure_provider": {"name": "im"},
    },
}

_PROJECT: Document = {
    "url": "https://keystone.example.org:5000/v3",
    "auth": {
        "type": "password",
        "password": {
            "user": {"id": "5b5c7ba1d5d94cd0b9b1e1e0c5ad5e1a", "password": "the password"},
            "project": {"id": "07b6b6d0f0b34ab1a0a7d6f3ef4a9a10"},
        },
    },
    "template": "728f024e-8a88-4971-9a78-65ed5a10a8b6",
}

EXAMPLES: dict[str, Document] = {
    "Application": {
        "metadata": {"name": "echo", "labels": {"tier": "gold"}},
        "spec": {
            "manifest": [_DEPLOYMENT],
            "constraints": {"cluster": {"labels": ["location is DE"]}, "migration": True},
        },
    },
    "Cluster": {
        "metadata": {"name": "berlin", "labels": {"location": "DE"}},
        "spec": {"kubeconfig": _KUBECONFIG, "metrics": [{"name": "green-energy", "weight": 2.0}]},
    },
    "Metric": {"metadata": {"name": "green-energy"}, "spec": _METRIC},
    "GlobalMetric": {"metadata": {"name": "green-energy"}, "spec": _METRIC},
    "MetricsProvider": {"metadata": {"name": "prometheus"}, "spec": _PROVIDER},
    "GlobalMetricsProvider": {"metadata": {"name": "prometheus"}, "spec": _PROVIDER},
    "InfrastructureProvider": {"metadata": {"name": "im"}, "spec": _MANAGER},
    "GlobalInfrastructureProvider": {"metadata": {"name": "im"}, "spec": _MANAGER},
    "Cloud": {"metadata": {"name": "openstack"}, "spec": _CLOUD},
    "GlobalCloud": {"metadata": {"name": "openstack"}, "spec": _CLOUD},
    "Project": {"metadata": {"name": "edge", "labels": {"location": "DE"}}, "spec": _PROJECT},
    "MagnumCluster": {
        "metadata": {"name": "shop"},
        "spec": {"node_count": 2, "constraints": {"project": {"labels": ["location is DE"]}}},
    },
    "Role": {
        "metadata": {"name": "operators"},
        "rules": [
            {
                "api": "kubernetes",
                "resources": ["applications"],
                "namespaces": ["testing"],
                "verbs": ["create", "list", "get", "update", "delete"],
            }
        ],
    },
    "RoleBinding": {"metadata": {"name": "operators"}, "users": ["jane"], "roles": ["operators"]},
    "ClusterBinding": {
        "cluster": {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "berlin"}
    },
    "CloudBinding": {
        "cloud": {"api": "infrastructure", "kind": "GlobalCloud", "name": "openstack"},
    },
    "MagnumClusterBinding": {
        "project": {"api": "openstack", "kind": "Project", "namespace": "testing", "name": "edge"},
        "template": "728f024e-8a88-4971-9a78-65ed5a10a8b6",
    },
    "HookCall": {"token": "the token from the container's environment"},
    "MigrationOrder": {"cluster": "berlin"},
    "RollbackRequest": {"generation": 3},
    "WhatIf": {"cordon": ["berlin"]},
    "PayloadList": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "ImhlbGxvIg=="}]},
}
"""By the name of the kind, or of the request's model."""
