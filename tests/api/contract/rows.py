"""What the rows of the contract have in common: how one is written, and outcomes that recur."""

from __future__ import annotations

from krake.models.kinds import Kind
from tests.api.contract.outcomes import Body, Call, Expected, Outcome, Place, Route, example

NOT_FOUND = "NOT_FOUND_ERROR"
UPDATE = "UPDATE_ERROR"
TRANSACTION = "TRANSACTION_ERROR"
EXISTS = "RESOURCE_ALREADY_EXISTS"

NO_NAME = "the collection is always there"
READS = "reading conflicts with nothing"
ELSEWHERE = "needs a deployed application: tests/api/test_{}.py"
UNKNOWN_PARAMETER = {"surprise": "1"}


def row(
    method: str,
    path: str,
    *,
    success: Expected | str,
    missing: Expected | str,
    conflict: Expected | str,
    invalid: Expected | str,
) -> Route:
    """A row with an outcome for each column, or why there cannot be one."""
    outcomes = (success, missing, conflict, invalid)
    return Route(method, path, dict(zip(Outcome, outcomes, strict=True)))


def made_of(kind: Kind) -> Call:
    """The creation of the example of a kind."""
    return Call("POST", kind.collection, example(kind.name))


def deletion_of(kind: Kind) -> Call:
    """Marked for deletion: with a lifecycle, and nobody to carry it out, it stays so."""
    return Call("DELETE", f"{kind.collection}/{{name}}")


def not_found(body: Body | None = None) -> Expected:
    """There is no such resource."""
    return Expected(404, NOT_FOUND, body=body)


def unknown_parameter(*before: Call, body: Body | None = None) -> Expected:
    """A query parameter that no route knows is refused."""
    return Expected(422, before=before, query=UNKNOWN_PARAMETER, body=body)


def bound_to(kind: str, name: str) -> Body:
    """A binding to the cluster or cloud of this name."""

    def body(place: Place) -> object:
        api = {"Cluster": "kubernetes"}.get(kind, "infrastructure")
        where = place.namespace if kind in ("Cluster", "Cloud") else None
        ref = {"api": api, "kind": kind, "namespace": where, "name": name}
        return {"cluster" if kind == "Cluster" else "cloud": ref}

    return body
