"""What only clusters are served with: those that are registered, and those of Magnum."""

from __future__ import annotations

from collections.abc import Iterator

from krake.models.kinds import CLUSTER, KINDS, MAGNUM_CLUSTER, PROJECT
from tests.api.contract.outcomes import Call, Expected, Place, Route, constant, example
from tests.api.contract.rows import (
    NOT_FOUND,
    READS,
    UPDATE,
    bound_to,
    deletion_of,
    made_of,
    not_found,
    row,
    unknown_parameter,
)


def cluster_rows() -> Iterator[Route]:
    """Cordoning, what is asked of made clusters, binding and capacity."""
    one, made, deleted = f"{CLUSTER.collection}/{{name}}", made_of(CLUSTER), deletion_of(CLUSTER)
    for action in ("cordon", "uncordon", "drain"):
        yield row(
            "PUT",
            f"{one}/{action}",
            success=Expected(200, before=(made,)),
            missing=not_found(),
            conflict=Expected(409, UPDATE, before=(made, deleted)),
            invalid=unknown_parameter(made),
        )
    for action in ("retry", "rotate-credentials"):
        yield row(
            "PUT",
            f"{one}/{action}",
            success="needs a cluster that was made: tests/api/test_made_clusters.py",
            missing=not_found(),
            conflict=Expected(409, UPDATE, before=(made,)),
            invalid=unknown_parameter(made),
        )
    cloud = Call(
        "POST", KINDS["Cloud"].collection, lambda place: example("Cloud")(Place(place.namespace, "os"))
    )
    yield row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, cloud), body=bound_to("Cloud", "os")),
        missing=not_found(bound_to("Cloud", "os")),
        conflict="a cluster may be bound at any time",
        invalid=Expected(422, before=(made,), body=bound_to("GlobalCloud", "nowhere")),
    )
    yield row(
        "GET",
        "/kubernetes/namespaces/{namespace}/capacity",
        success=Expected(200, before=(made,)),
        missing=Expected(404, NOT_FOUND, query={"cluster": "nowhere"}),
        conflict=READS,
        invalid=unknown_parameter(),
    )


def magnum_cluster_row() -> Route:
    """Binding to a project and a template."""
    one, made, deleted = (
        f"{MAGNUM_CLUSTER.collection}/{{name}}",
        made_of(MAGNUM_CLUSTER),
        deletion_of(MAGNUM_CLUSTER),
    )
    project = Call("POST", PROJECT.collection, lambda _: example("Project")(Place("", "os")))
    bound, nowhere = ({"project": {"name": name}, "template": "k8s"} for name in ("os", "nowhere"))
    return row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, project), body=constant(bound)),
        missing=Expected(404, NOT_FOUND, before=(project,), body=constant(bound)),
        conflict=Expected(409, UPDATE, before=(made, project, deleted), body=constant(bound)),
        invalid=Expected(422, before=(made,), body=constant(nowhere)),
    )
