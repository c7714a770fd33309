"""Having all applications looked at for somebody who waits for the answer."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from api.deps import RequestInfo, Services
from api.problems import ProblemError
from krake.models.rebalance import RebalanceReport
from krake.passes import look_now

DEADLINE = 15.0
"""Seconds that the caller is kept waiting at most."""


async def rebalance(services: Services, info: RequestInfo, *, dry_run: bool) -> RebalanceReport:
    """Look at all applications, and unless it is a dry run have done what is due.

    Raises:
        ProblemError: 503, no worker came to an end in time, or Temporal does not answer.
    """
    cause = f"asked for by {info.user.name} (request {info.id})"
    try:
        async with asyncio.timeout(DEADLINE):
            return await look_now(services.temporal, DEADLINE, cause, dry_run=dry_run)
    except TimeoutError as error:
        more = "" if dry_run else "; what was begun goes on without you"
        raise _silent(f"No worker looked at all applications within {DEADLINE:g} s{more}") from error
    except WorkflowFailureError as error:
        raise _silent("Looking at all applications failed; the log of the worker says why") from error
    except (RPCError, RuntimeError) as error:
        raise _silent("Temporal, which runs the rebalancing, does not answer at the moment") from error


def _silent(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})
