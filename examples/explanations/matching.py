"""What users say of their clusters: labels, metrics, custom resources, taints, architectures."""

from __future__ import annotations

from examples.explanations.scenario import Scenario, cluster, labels, node, pod, ref, value

TAINT = {"key": "gpu", "value": "a100", "effect": "NoSchedule"}
TOLERANT = {"key": "edge", "operator": "Exists", "effect": "NoSchedule"}
CRONTABS = "crontabs.example.org"


def _tolerant() -> dict[str, object]:
    found = pod()
    found["spec"]["tolerations"] = [TOLERANT]
    return found


MATCHING = (
    Scenario(
        "A label with another value",
        "`-L 'location in (DE, NL)'`",
        (cluster("paris", {"location": "FR"}), cluster("rome", {"location": "IT"})),
        wanted=labels("location in (DE, NL)"),
    ),
    Scenario(
        "Labels that are missing, or should be",
        "`-L 'tier is gold' -L 'gpu not exists' -L 'zone != a'`",
        (cluster("de", {"gpu": "a100", "zone": "a"}),),
        wanted=labels("tier is gold", "gpu not exists", "zone != a"),
    ),
    Scenario(
        "A metric that is too high, and one that is missing",
        "`-M 'load < 0.8'`",
        (cluster("de", metrics=[ref("load")]), cluster("it")),
        wanted={"cluster": {"metrics": ["load < 0.8"]}},
        metrics={"load": value(0.91)},
    ),
    Scenario(
        "A value that is too old",
        "The provider has not answered for a while.",
        (cluster("de", metrics=[ref("load")]),),
        metrics={"load": value(0.5, age=400)},
    ),
    Scenario(
        "A provider that does not answer",
        "The metric is also one that the application asks for.",
        (cluster("de", metrics=[ref("load")]),),
        wanted={"cluster": {"metrics": ["load < 0.8"]}},
        metrics={"load": value(0.5, code="UNREACHABLE_METRICS_PROVIDER")},
    ),
    Scenario(
        "Values that cannot be used",
        "One is out of the metric's range, the other is none.",
        (cluster("de", metrics=[ref("load")]), cluster("it", metrics=[ref("cost")])),
        metrics={"load": value(7), "cost": value(None, code="INVALID_METRIC")},
    ),
    Scenario(
        "Metrics and providers that do not exist",
        "`de` refers to a metric that was deleted, `it` to one whose provider was.",
        (cluster("de", metrics=[ref("gone")]), cluster("it", metrics=[ref("load")])),
        metrics={"load": value(None, code="UNKNOWN_METRICS_PROVIDER")},
    ),
    Scenario(
        "Custom resources",
        f"`-R {CRONTABS}`: what was seen on a cluster counts more than what its user declared.",
        (
            cluster("declared", custom_resources=[CRONTABS]),
            cluster("promised", custom_resources=[CRONTABS], served=[]),
            cluster("silent"),
            cluster("without", served=["backups.example.org"]),
        ),
        wanted={"cluster": {"custom_resources": [CRONTABS]}},
    ),
    Scenario(
        "A taint",
        "`rok kube cluster taint de gpu=a100:NoSchedule`; the Pods tolerate something else.",
        (cluster("de", taints=[TAINT]),),
        manifest=(_tolerant(),),
    ),
    Scenario(
        "An architecture",
        "The Pods select `kubernetes.io/arch: arm64`.",
        (cluster("de"), cluster("edge", nodes=[node("arm64")])),
        manifest=(pod({"kubernetes.io/arch": "arm64"}),),
    ),
)
