"""What clusters are, and where the application may go at all."""

from __future__ import annotations

from dataclasses import replace

from examples.explanations.scenario import Scenario, cluster, labels

STANDING = (
    Scenario(
        "No cluster of the namespace",
        "There is one in another namespace, which belongs to somebody else: it is not even named.",
        (cluster("secret", namespace="other"),),
    ),
    Scenario(
        "A cluster that does not answer",
        "`de` is OFFLINE.",
        (cluster("de", state="OFFLINE", offline_since="2026-01-01T11:48:03.5+00:00"), cluster("it")),
    ),
    Scenario(
        "A cluster that nobody vouches for",
        "Its last good state is too old to be believed.",
        (cluster("de", state="UNKNOWN"),),
    ),
    Scenario(
        "A cluster that is being deleted",
        "`rok kube cluster delete de` has begun.",
        (cluster("de", deleted="2026-01-01T11:00:00+00:00"), cluster("it")),
    ),
    Scenario(
        "A cordoned cluster",
        "`rok kube cluster cordon de`: who is there may stay, `shop` is not.",
        (cluster("de", cordoned=True),),
    ),
    Scenario(
        "An application that may not migrate",
        "The labels of its cluster have changed, another one would fit.",
        (cluster("de", {"location": "DE"}), cluster("it", {"location": "IT"})),
        wanted={**labels("location is IT"), "migration": False},
        on="de",
    ),
    Scenario(
        "An application whose cluster does not answer",
        "An update alone is no reason to give a cluster up that may be back in a moment.",
        (cluster("de", state="OFFLINE", offline_since="2026-01-01T11:59:30+00:00"), cluster("it")),
        on="de",
    ),
    Scenario(
        "An application that rests after a failed move",
        "It stays where it is until the cool-down is over.",
        (cluster("de", {"location": "DE"}), cluster("it", {"location": "IT"})),
        wanted=labels("location is IT"),
        on="de",
        held_back="migration to it failed: NOT_READY; next attempt at 12:05:00 UTC",
    ),
    Scenario(
        "A move that was asked for",
        "Only the target counts, and the source is left.",
        (cluster("de"), cluster("fr"), cluster("it", cordoned=True)),
        on="de",
        asks=lambda request: replace(request, target="uid-it", excluded=frozenset({"uid-de"})),
    ),
)
