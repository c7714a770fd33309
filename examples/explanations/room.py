"""Room: what is free, how large the nodes are, how evenly siblings are spread."""

from __future__ import annotations

from dataclasses import replace

from examples.explanations.scenario import Scenario, cluster, deployment, labels, node, pod
from scheduler.snapshot import Spread

GPU = {"nvidia.com_gpu": "2"}

ROOM = (
    Scenario(
        "No processor left",
        "Two Pods with one processor each; others have reserved most of both clusters.",
        (cluster("de"), cluster("it", nodes=[node(), node()])),
        manifest=(deployment(2, cpu="1"),),
        reserved={"de": (("cpu", 3500),), "it": (("cpu", 7000),)},
    ),
    Scenario(
        "No memory left",
        "Three Pods with 4Gi each.",
        (cluster("de"),),
        manifest=(deployment(3, memory="4Gi"),),
        reserved={"de": (("memory", 8 * 2**30),)},
    ),
    Scenario(
        "No Pods left",
        "Every node takes 110 Pods, whatever they ask for.",
        (cluster("de"),),
        manifest=(deployment(20),),
        reserved={"de": (("pods", 100),)},
    ),
    Scenario(
        "No GPU, and none that is free",
        "The Pod asks for one GPU.",
        (cluster("de"), cluster("gpu", nodes=[node(**GPU)])),
        manifest=(pod(**{"nvidia.com_gpu": "1"}),),
        reserved={"gpu": (("nvidia.com/gpu", 2),)},
    ),
    Scenario(
        "A Pod that is larger than every node",
        "The cluster has 8 processors, but no node has 6.",
        (cluster("de", nodes=[node(), node()]),),
        manifest=(pod(cpu="6"),),
    ),
    Scenario(
        "Siblings that are spread over zones",
        "One more sibling than at the emptiest zone is allowed.",
        (cluster("a1", {"zone": "a"}), cluster("b1", {"zone": "b"}), cluster("nowhere")),
        asks=lambda request: replace(request, spread=Spread("zone", (("a", 2), ("b", 1)))),
    ),
    Scenario(
        "Several reasons at once",
        "All filters that refuse a cluster are named; the narrow table names the first.",
        (
            cluster("de", {"location": "DE"}, cordoned=True),
            cluster("it", {"location": "IT"}, state="NOTREADY"),
        ),
        wanted=labels("location is FR"),
        manifest=(pod(cpu="1"),),
        reserved={"de": (("cpu", 4000),)},
    ),
)
