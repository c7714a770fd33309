"""The YAML dialect of Kubernetes: dates stay the texts that they are written as."""

from __future__ import annotations

import yaml

_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class KubernetesLoader(yaml.SafeLoader):
    """Loads plain data; unlike YAML 1.1, `2026-01-01` is a text, as it is for Kubernetes."""


KubernetesLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
