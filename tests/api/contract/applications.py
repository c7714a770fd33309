"""What only applications are served with."""

from __future__ import annotations

from collections.abc import Iterator

from krake.models.kinds import APPLICATION, CLUSTER
from tests.api.contract.outcomes import Call, Expected, Place, Route, constant, example
from tests.api.contract.rows import (
    ELSEWHERE,
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


def application_rows() -> Iterator[Route]:
    """Binding, hooks, moves, generations and decisions."""
    one, made, deleted = f"{APPLICATION.collection}/{{name}}", made_of(APPLICATION), deletion_of(APPLICATION)
    cluster = Call("POST", CLUSTER.collection, lambda _: example("Cluster")(Place("", "berlin")))
    yield row(
        "PUT",
        f"{one}/binding",
        success=Expected(200, before=(made, cluster), body=bound_to("Cluster", "berlin")),
        missing=Expected(404, NOT_FOUND, before=(cluster,), body=bound_to("Cluster", "berlin")),
        conflict=Expected(409, UPDATE, before=(made, cluster, deleted), body=bound_to("Cluster", "berlin")),
        invalid=Expected(422, before=(made,), body=bound_to("Cluster", "nowhere")),
    )
    for hook in ("complete", "shutdown"):
        yield row(
            "PUT",
            f"{one}/{hook}",
            success="needs a token: tests/api/test_hooks.py",
            missing=Expected(401, body=constant({"token": "x"})),
            conflict=Expected(401, before=(made,), body=constant({"token": "x"})),
            invalid=Expected(422, before=(made,), body=constant([])),
        )
    yield row(
        "PUT",
        f"{one}/retry",
        success=ELSEWHERE.format("hooks"),
        missing=not_found(),
        conflict=Expected(400, UPDATE, before=(made,)),
        invalid=unknown_parameter(made),
    )
    yield row(
        "PUT",
        f"{one}/migration",
        success=ELSEWHERE.format("migration"),
        missing=not_found(constant({})),
        conflict=Expected(409, UPDATE, before=(made,), body=constant({})),
        invalid=Expected(422, before=(made,), body=constant({"cluster": "nowhere"})),
    )
    yield row(
        "DELETE",
        f"{one}/migration",
        success=ELSEWHERE.format("migration"),
        missing=not_found(),
        conflict=Expected(409, UPDATE, before=(made,)),
        invalid=unknown_parameter(made),
    )
    yield from _application_reads(one, made)


def _application_reads(one: str, made: Call) -> Iterator[Route]:
    for path in ("history", "history/{generation}"):
        yield row(
            "GET",
            f"{one}/{path}",
            success=Expected(200, before=(made,)),
            missing=not_found(),
            conflict=READS,
            invalid=unknown_parameter(made),
        )
    yield row(
        "PUT",
        f"{one}/rollback",
        success="needs an earlier generation: tests/api/test_generations.py",
        missing=not_found(constant({})),
        conflict=Expected(409, UPDATE, before=(made,), body=constant({})),
        invalid=Expected(422, before=(made,), body=constant({"generation": "first"})),
    )
    yield row(
        "GET",
        f"{one}/diff",
        success=ELSEWHERE.format("diff"),
        missing=not_found(),
        conflict=Expected(409, before=(made,)),
        invalid=unknown_parameter(made),
    )
    yield row(
        "POST",
        f"{one}/decisions",
        success=Expected(200, before=(made,), body=constant({})),
        missing=not_found(constant({})),
        conflict=READS,
        invalid=Expected(422, before=(made,), body=constant({"surprise": 1})),
    )
