"""Writing a decision down: everything that it was made of, by columns.

A decision over 10,000 candidates with ten metrics holds half a million numbers. Written as columns they cost
a few milliseconds; `scheduler.render` makes the readable form of it, for those who ask. The record holds the
request, the facts about each candidate that filters and scores looked at, which filters refused it, and every
number of its score. Reasons are told again from the facts, by the filters themselves.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import orjson

from scheduler.columns import TRAITS, Encoded
from scheduler.decide import Outcome, Rows
from scheduler.encoding import Document, codes_of, cut, to_json
from scheduler.filters import FILTERS, NodeSize
from scheduler.scores import METRIC, STICKINESS
from scheduler.snapshot import Request

FORMAT = 2
"""Says that a document is a record by columns. Documents without it are decisions in the readable form."""

_REQUEST = tuple(field.name for field in fields(Request))
_TOLD_AGAIN = frozenset(filter_.name for filter_ in FILTERS) - {NodeSize.name}


def encode(outcome: Outcome) -> bytes:
    """The decision as JSON, ready to be stored."""
    chosen = outcome.chosen
    rows = None if len(outcome.visible) == len(outcome.snapshot) else outcome.visible
    document = {
        "format": FORMAT,
        "application": outcome.request.ref.model_dump(),
        "uid": outcome.request.uid,
        "at": outcome.now,
        "trigger": outcome.trigger,
        "chosen": chosen.ref.model_dump() if chosen else None,
        "margin": outcome.margin,
        "summary": outcome.summary,
        "stickiness": outcome.stickiness,
        "request": {name: getattr(outcome.request, name) for name in _REQUEST},
        "filters": [filter_.name for filter_ in outcome.filters],
        "candidates": _candidates(outcome, rows),
        "metrics": outcome.snapshot.metrics_json
        if rows is None
        else {name: column.document(rows) for name, column in outcome.snapshot.metrics.items()},
        "parts": _parts(outcome, rows),
        "reasons": _reasons(outcome),
    }
    return to_json(document)


def recorded(outcome: Outcome) -> Document:
    """The decision as it is read back from the store."""
    document: Document = orjson.loads(encode(outcome))
    return document


def _candidates(outcome: Outcome, rows: Rows | None) -> Document:
    snapshot, needs = outcome.snapshot, outcome.request.needs
    rank = np.zeros(len(snapshot), dtype=np.int64)
    rank[outcome.order] = np.arange(1, len(outcome.order) + 1)
    shown = snapshot.candidates if rows is None else [snapshot.candidates[row] for row in rows]
    keys = {wanted.key for wanted in outcome.request.labels}
    if outcome.request.spread is not None:
        keys.add(outcome.request.spread.key)
    document: Document = {
        "name": [one.name for one in shown],
        "uid": [one.uid for one in shown],
        "traits": {**_encoded(snapshot.traits, rows), "fields": TRAITS},
        "labels": {key: _encoded(snapshot.label(key), rows) for key in sorted(keys)},
        "failed": cut(outcome.failed, rows),
        "rank": cut(rank, rows),
        "total": cut(np.where(rank > 0, outcome.totals, np.nan), rows),
    }
    dimensions = sorted({dimension for dimension, _ in (*needs.total, *needs.per_node)})
    if dimensions or needs.pods:
        capacity = snapshot.capacity
        document["nodes"] = cut(capacity.nodes, rows)
        document["known"] = cut(capacity.known.astype(np.int8), rows)
        document["capacity"] = {
            name: {
                "offered": cut(capacity.offered[name], rows),
                "reserved": cut(capacity.offered[name] - capacity.free[name], rows),
            }
            for name in dimensions
            if name in capacity.offered
        }
    return document


def _parts(outcome: Outcome, rows: Rows | None) -> list[Document]:
    """The parts of the scores; the stickiness is the last one, and carries the sums of weights."""
    scores, current = outcome.scores, outcome.current
    ranked = np.zeros(len(outcome.snapshot), dtype=np.bool_)
    ranked[outcome.order] = True
    columns, divisors = list(scores.contributions(0.0)), scores.divisors(0.0)[0]
    if current is not None:
        for column, own in zip(columns, scores.contributions(outcome.stickiness), strict=True):
            column[current] = own[current]
        divisors[current] = scores.divisors(outcome.stickiness)[0][current]
    documents: list[Document] = []
    for part, column in zip(scores.parts, columns, strict=False):
        document: Document = {"kind": part.kind, "name": part.name, "direction": part.direction}
        if part.kind != METRIC:
            document["value"] = cut(part.values, rows)
            document["weight"] = cut(part.weights, rows)
        document["contribution"] = cut(np.where(ranked, column, np.nan), rows)
        documents.append(document)
    sticky = None if current is None else float(columns[-1][current])
    return [*documents, {"kind": STICKINESS, "contribution": sticky, "divisor": cut(divisors, rows)}]


def _reasons(outcome: Outcome) -> Document:
    """The words of filters that cannot be asked again with what is recorded."""
    found, candidates = {}, outcome.snapshot.candidates
    for bit, filter_ in enumerate(outcome.filters):
        if filter_.name in _TOLD_AGAIN:
            continue
        told = np.ones(len(outcome.visible), dtype=np.bool_)
        if filter_.name == NodeSize.name:
            told = (outcome.failed[outcome.visible] >> np.uint64(bit) & np.uint64(1)).astype(np.bool_)
        found[filter_.name] = [
            [int(at), filter_.verdict(outcome.request, candidates[outcome.visible[at]]).reason]
            for at in np.flatnonzero(told)
        ]
    return found


def _encoded(column: Encoded, rows: Rows | None) -> Document:
    return {"table": column.table, "codes": codes_of(column.codes, len(column.table), rows)}
