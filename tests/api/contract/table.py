"""The contract: every route, every method, every outcome, from `krake-reference.md` section 2."""

from __future__ import annotations

from api.statuses import WITH_STATUS
from krake.models.kinds import KINDS
from tests.api.contract.applications import application_rows
from tests.api.contract.clusters import cluster_rows, magnum_cluster_row
from tests.api.contract.kinds import kind_rows, status_row
from tests.api.contract.outcomes import Route
from tests.api.contract.server import (
    authorization_rows,
    guarded_rows,
    orphan_rows,
    rebalance_row,
    server_rows,
)


def rows() -> list[Route]:
    """The whole table."""
    return [
        *server_rows(),
        *(row for kind in KINDS.values() for row in kind_rows(kind)),
        *(status_row(kind) for kind in WITH_STATUS),
        *application_rows(),
        *cluster_rows(),
        magnum_cluster_row(),
        *orphan_rows(),
        *authorization_rows(),
        rebalance_row(),
        *guarded_rows(),
    ]
