"""The contract: every route, every method, every outcome, from `krake-reference.md` section 2."""

from __future__ import annotations

from collections.abc import Iterator

from api.statuses import WITH_STATUS
from krake.models.kinds import APPLICATION, CLUSTER, KINDS, MAGNUM_CLUSTER, PROJECT, Kind
from tests.api.contract.outcomes import Body, Call, Expected, Outcome, Place, Route, constant, example

NOT_FOUND = "NOT_FOUND_ERROR"
UPDATE = "UPDATE_ERROR"
TRANSACTION = "TRANSACTION_ERROR"
EXISTS = "RESOURCE_ALREADY_EXISTS"

NO_NAME = "the collection is always there"
READS = "reading conflicts with nothing"
ELSEWHERE = "needs a deployed application: tests/api/test_{}.py"
UNKNOWN_PARAMETER = {"surprise": "1"}


def rows() -> list[Route]:
    """The whole table."""
    return [
        *_server(),
        *(row for kind in KINDS.values() for row in _kind(kind)),
        *(_status(kind) for kind in WITH_STATUS),
        *_application(),
        *_cluster(),
        _magnum_cluster(),
        *_orphans(),
        *_authorization(),
        _rebalance(),
        *_guarded(),
    ]


def _row(
    method: str,
    path: str,
    *,
    success: Expected | str,
    missing: Expected | str,
    conflict: Expected | str,
    invalid: Expected | str,
) -> Route:
    outcomes = (success, missing, conflict, invalid)
    return Route(method, path, dict(zip(Outcome, outcomes, strict=True)))


def _made(kind: Kind) -> Call:
    return Call("POST", kind.collection, example(kind.name))


def _deleted(kind: Kind) -> Call:
    """Marked for deletion: with a lifecycle, and nobody to carry it out, it stays so."""
    return Call("DELETE", f"{kind.collection}/{{name}}")


def _missing(body: Body | None = None) -> Expected:
    return Expected(404, NOT_FOUND, body=body)


def _unknown_parameter(*before: Call, body: Body | None = None) -> Expected:
    return Expected(422, before=before, query=UNKNOWN_PARAMETER, body=body)


def _kind(kind: Kind) -> Iterator[Route]:
    yield from _collections(kind)
    yield from _one(kind)
    yield from _history(kind)


def _collections(kind: Kind) -> Iterator[Route]:
    body, made = example(kind.name), _made(kind)
    yield _row(
        "POST",
        kind.collection,
        success=Expected(201, body=body),
        missing="a namespace is there as soon as it is named",
        conflict=Expected(409, EXISTS, before=(made,), body=body),
        invalid=Expected(422, body=example(kind.name, surprise=1)),
    )
    for path in dict.fromkeys((kind.collection, kind.everything)):
        yield _row(
            "GET",
            path,
            success=Expected(200, before=(made,), query={"label_selector": "!nothing", "limit": "1"}),
            missing=NO_NAME,
            conflict=Expected(410, query={"watch": "", "since": "9999999"}),
            invalid=Expected(422, query={"field_selector": "spec.surprise=1"}),
        )


def _one(kind: Kind) -> Iterator[Route]:
    one, made, body = f"{kind.collection}/{{name}}", _made(kind), example(kind.name)
    outdated = {"If-Match": '"0"'}
    yield _row(
        "GET",
        one,
        success=Expected(200, before=(made,)),
        missing=_missing(),
        conflict=READS,
        invalid=_unknown_parameter(made),
    )
    yield _row(
        "PUT",
        one,
        success=Expected(200, before=(made,), body=body),
        missing=_missing(body),
        conflict=Expected(412, TRANSACTION, before=(made,), body=body, headers=outdated),
        invalid=Expected(422, before=(made,), body=example(kind.name, surprise=1)),
    )
    yield _row(
        "DELETE",
        one,
        success=Expected(200, before=(made,)),
        missing=_missing(),
        conflict=Expected(412, TRANSACTION, before=(made,), headers=outdated),
        invalid=Expected(422, before=(made,), query={"dry_run": "perhaps"}),
    )


def _history(kind: Kind) -> Iterator[Route]:
    one, made = f"{kind.collection}/{{name}}", _made(kind)
    paths = ["events"]
    if kind.lifecycle:
        paths.append("decisions")
        yield _row(
            "GET",
            f"{one}/operations",
            success=Expected(503, before=(made,)),
            missing=_missing(),
            conflict=READS,
            invalid=_unknown_parameter(made),
        )
        yield _row(
            "GET",
            f"{one}/decisions/{{number}}",
            success="needs a decision: tests/api/test_operations.py",
            missing=Expected(404, NOT_FOUND, before=(made,)),
            conflict=READS,
            invalid=_unknown_parameter(made),
        )
    for path in paths:
        yield _row(
            "GET",
            f"{one}/{path}",
            success=Expected(200, before=(made,)),
            missing=_missing(),
            conflict=READS,
            invalid=Expected(422, before=(made,), query={"limit": "0"}),
        )


def _with_status(kind: Kind, **status: object) -> Body:
    body = example(kind.name)
    return lambda place: {**body(place), "status": status}


def _status(kind: Kind) -> Route:
    made = _made(kind)
    at_work = Expected(409, UPDATE, before=(made,), body=_with_status(kind, message="seen"))
    return _row(
        "PUT",
        f"{kind.collection}/{{name}}/status",
        success=Expected(200, before=(made,), body=_with_status(kind)),
        missing=_missing(_with_status(kind)),
        conflict=at_work if kind.lifecycle else "nobody is at work on it",
        invalid=Expected(422, before=(made,), body=_with_status(kind, state="SURPRISED")),
    )


def _bound(kind: str, name: str) -> Body:
    def body(place: Place) -> object:
        api = {"Cluster": "kubernetes"}.get(kind, "infrastructure")
        where = place.namespace if kind in ("Cluster", "Cloud") else None
        ref = {"api": api, "kind": kind, "namespace": where, "name": name}
        return {"cluster" if kind == "Cluster" else "cloud": ref}

    return body


def _application() -> Iterator[Route]:
    one, made, deleted = f"{APPLICATION.collection}/{{name}}", _made(APPLICATION), _deleted(APPLICATION)
    cluster = Call("POST", CLUSTER.collection, lambda _: example("Cluster")(Place("", "berlin")))
    yield _row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, cluster), body=_bound("Cluster", "berlin")),
        missing=Expected(404, NOT_FOUND, before=(cluster,), body=_bound("Cluster", "berlin")),
        conflict=Expected(409, UPDATE, before=(made, cluster, deleted), body=_bound("Cluster", "berlin")),
        invalid=Expected(422, before=(made,), body=_bound("Cluster", "nowhere")),
    )
    for hook in ("complete", "shutdown"):
        yield _row(
            "PUT",
            f"{one}/{hook}",
            success="needs a token: tests/api/test_hooks.py",
            missing=Expected(401, body=constant({"token": "x"})),
            conflict=Expected(401, before=(made,), body=constant({"token": "x"})),
            invalid=Expected(422, before=(made,), body=constant([])),
        )
    yield _row(
        "PUT",
        f"{one}/retry",
        success=ELSEWHERE.format("hooks"),
        missing=_missing(),
        conflict=Expected(400, UPDATE, before=(made,)),
        invalid=_unknown_parameter(made),
    )
    yield _row(
        "PUT",
        f"{one}/migration",
        success=ELSEWHERE.format("migration"),
        missing=_missing(constant({})),
        conflict=Expected(409, UPDATE, before=(made,), body=constant({})),
        invalid=Expected(422, before=(made,), body=constant({"cluster": "nowhere"})),
    )
    yield _row(
        "DELETE",
        f"{one}/migration",
        success=ELSEWHERE.format("migration"),
        missing=_missing(),
        conflict=Expected(409, UPDATE, before=(made,)),
        invalid=_unknown_parameter(made),
    )
    yield from _application_reads(one, made)


def _application_reads(one: str, made: Call) -> Iterator[Route]:
    for path in ("history", "history/{generation}"):
        yield _row(
            "GET",
            f"{one}/{path}",
            success=Expected(200, before=(made,)),
            missing=_missing(),
            conflict=READS,
            invalid=_unknown_parameter(made),
        )
    yield _row(
        "PUT",
        f"{one}/rollback",
        success="needs an earlier generation: tests/api/test_generations.py",
        missing=_missing(constant({})),
        conflict=Expected(409, UPDATE, before=(made,), body=constant({})),
        invalid=Expected(422, before=(made,), body=constant({"generation": "first"})),
    )
    yield _row(
        "GET",
        f"{one}/diff",
        success=ELSEWHERE.format("diff"),
        missing=_missing(),
        conflict=Expected(409, before=(made,)),
        invalid=_unknown_parameter(made),
    )
    yield _row(
        "POST",
        f"{one}/decisions",
        success=Expected(200, before=(made,), body=constant({})),
        missing=_missing(constant({})),
        conflict=READS,
        invalid=Expected(422, before=(made,), body=constant({"surprise": 1})),
    )


def _cluster() -> Iterator[Route]:
    one, made, deleted = f"{CLUSTER.collection}/{{name}}", _made(CLUSTER), _deleted(CLUSTER)
    for action in ("cordon", "uncordon", "drain"):
        yield _row(
            "PUT",
            f"{one}/{action}",
            success=Expected(200, before=(made,)),
            missing=_missing(),
            conflict=Expected(409, UPDATE, before=(made, deleted)),
            invalid=_unknown_parameter(made),
        )
    for action in ("retry", "rotate-credentials"):
        yield _row(
            "PUT",
            f"{one}/{action}",
            success="needs a cluster that was made: tests/api/test_made_clusters.py",
            missing=_missing(),
            conflict=Expected(409, UPDATE, before=(made,)),
            invalid=_unknown_parameter(made),
        )
    cloud = Call(
        "POST", KINDS["Cloud"].collection, lambda place: example("Cloud")(Place(place.namespace, "os"))
    )
    yield _row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, cloud), body=_bound("Cloud", "os")),
        missing=_missing(_bound("Cloud", "os")),
        conflict="a cluster may be bound at any time",
        invalid=Expected(422, before=(made,), body=_bound("GlobalCloud", "nowhere")),
    )
    yield _row(
        "GET",
        "/kubernetes/namespaces/{namespace}/capacity",
        success=Expected(200, before=(made,)),
        missing=Expected(404, NOT_FOUND, query={"cluster": "nowhere"}),
        conflict=READS,
        invalid=_unknown_parameter(),
    )


def _magnum_cluster() -> Route:
    one, made, deleted = (
        f"{MAGNUM_CLUSTER.collection}/{{name}}",
        _made(MAGNUM_CLUSTER),
        _deleted(MAGNUM_CLUSTER),
    )
    project = Call("POST", PROJECT.collection, lambda _: example("Project")(Place("", "os")))
    bound, nowhere = ({"project": {"name": name}, "template": "k8s"} for name in ("os", "nowhere"))
    return _row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, project), body=constant(bound)),
        missing=Expected(404, NOT_FOUND, before=(project,), body=constant(bound)),
        conflict=Expected(409, UPDATE, before=(made, project, deleted), body=constant(bound)),
        invalid=Expected(422, before=(made,), body=constant(nowhere)),
    )


def _orphans() -> Iterator[Route]:
    for path in ("/core/orphans", "/core/namespaces/{namespace}/orphans"):
        yield _row(
            "GET",
            path,
            success=Expected(200),
            missing=NO_NAME,
            conflict=READS,
            invalid=_unknown_parameter(),
        )
        yield _row(
            "PUT",
            f"{path}/collect",
            success=Expected(202),
            missing=Expected(404, NOT_FOUND, query={"cluster": "nowhere"})
            if "namespaces" in path
            else "clusters of all namespaces are meant",
            conflict="collecting twice does no harm",
            invalid=_unknown_parameter(),
        )


def _server() -> Iterator[Route]:
    statuses = {"/": 200, "/release": 202, "/me": 200, "/healthz": 200, "/readyz": 503}
    for path, status in statuses.items():
        words = "it says what the server is"
        yield _row("GET", path, success=Expected(status), missing=words, conflict=words, invalid=words)


def _authorization() -> Iterator[Route]:
    own = "everybody may ask about themselves"
    asked = {"verb": "get", "resource": "applications"}
    questions = {"can-i": asked, "permissions": {}}
    for path, query in questions.items():
        yield _row(
            "GET",
            f"/authorization/{path}",
            success=Expected(200, query=query),
            missing=own,
            conflict=own,
            invalid=Expected(422, query={**query, **UNKNOWN_PARAMETER}),
        )


def _rebalance() -> Route:
    return _row(
        "POST",
        "/kubernetes/rebalance",
        success=Expected(503, query={"dry_run": "True"}),
        missing="all applications are meant",
        conflict="looking twice does no harm",
        invalid=_unknown_parameter(),
    )


def _guarded() -> Iterator[Route]:
    yield _row(
        "GET",
        "/core/audit",
        success=Expected(200),
        missing="the record is always there",
        conflict=READS,
        invalid=_unknown_parameter(),
    )
    for action in ("encode", "decode"):
        yield _row(
            "POST",
            f"/temporal/codec/{action}",
            success=Expected(200, body=constant({"payloads": []})),
            missing="there is nothing to find",
            conflict="nothing is stored",
            invalid=Expected(422, body=constant([])),
        )
    yield _row(
        "GET",
        "/core/namespaces/{namespace}/events",
        success=Expected(200, query={"last": "5"}),
        missing="a namespace is there as soon as it is named",
        conflict=READS,
        invalid=Expected(422, query={"limit": "0"}),
    )
    yield _row(
        "POST",
        "/temporal/codec/ticket",
        success="needs a token: tests/api/test_codec_login.py",
        missing="there is nothing to find",
        conflict=Expected(409, UPDATE),
        invalid=_unknown_parameter(),
    )
    yield _row(
        "GET",
        "/temporal/codec/login",
        success="needs a ticket: tests/api/test_codec_login.py",
        missing="there is nothing to find",
        conflict=Expected(401, query={"ticket": "used"}),
        invalid=_unknown_parameter(),
    )
