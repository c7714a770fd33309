"""From the record of a decision to its readable form. Nothing is decided here: numbers and verdicts are as
recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from krake.models.metadata import ResourceRef
from scheduler.amounts import Amounts, larger
from scheduler.decision import Considered, Decision, FilterVerdict, ScorePart
from scheduler.encoding import Document
from scheduler.filters import FILTERS, Filter
from scheduler.record import FORMAT
from scheduler.samples import Limits, Sample
from scheduler.snapshot import Candidate, Request

_FILTERS: Mapping[str, Filter] = {filter_.name: filter_ for filter_ in FILTERS}


def is_record(document: Mapping[str, Any]) -> bool:
    """Whether the document is a record by columns, as this release writes them."""
    return document.get("format") == FORMAT


def readable(document: Document) -> Document:
    """What the API shows of a stored decision: a record in its readable form, anything else as it is."""
    return render(document).model_dump(mode="json") if is_record(document) else document


def render(document: Document) -> Decision:
    """The recorded decision, every candidate with every verdict and every part of its score."""
    reader = _Reader(document)
    considered = [reader.considered(at) for at in range(reader.size)]
    ranked = sorted((one for one in considered if one.rank), key=lambda one: one.rank or 0)
    others = [one for one in considered if not one.rank]
    return Decision(
        id=document.get("id"),
        application=ResourceRef.model_validate(document["application"]),
        uid=document["uid"],
        at=document["at"],
        trigger=document["trigger"],
        candidates=[*ranked, *(one for one in others if one.fits), *(one for one in others if not one.fits)],
        chosen=None if document["chosen"] is None else ResourceRef.model_validate(document["chosen"]),
        margin=document["margin"],
        summary=document["summary"],
        stickiness=document["stickiness"],
    )


class _Reader:
    """The columns of a record, put together again by candidate."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._columns: Document = document["candidates"]
        self._metrics: Mapping[str, _Metric] = {
            name: _Metric(column) for name, column in document["metrics"].items()
        }
        *self._parts, self._sticky = document["parts"]
        self._reasons = {name: dict(reasons) for name, reasons in document["reasons"].items()}
        self._request: Request = _requests().validate_python(document["request"])
        traits = self._columns["traits"]
        self._examples = [
            _candidates().validate_python({**dict(zip(traits["fields"], values, strict=True)), **_UNNAMED})
            for values in traits["table"]
        ]
        self.size = len(self._columns["name"])

    def considered(self, at: int) -> Considered:
        """One candidate."""
        columns = self._columns
        candidate = self._candidate(at)
        rank = columns["rank"][at] or None
        return Considered(
            cluster=candidate.ref,
            uid=candidate.uid,
            verdicts=self._verdicts(candidate, at),
            scores=self._scores(candidate, at, ranked=rank is not None),
            divisor=self._sticky["divisor"][at] if rank else None,
            total=columns["total"][at],
            rank=rank,
        )

    def _candidate(self, at: int) -> Candidate:
        columns = self._columns
        labels = {key: _value(column, at) for key, column in columns["labels"].items()}
        samples = {name: metric.sample(at) for name, metric in self._metrics.items()}
        candidate = replace(
            self._examples[_code(columns["traits"], at)],
            name=columns["name"][at],
            uid=columns["uid"][at],
            labels={key: value for key, value in labels.items() if value is not None},
            metrics={name: sample for name, sample in samples.items() if sample is not None},
        )
        if "nodes" not in columns:
            return candidate
        offered, reserved = (self._amounts(field, at) for field in ("offered", "reserved"))
        # What each node offers is not recorded: these have room, and who had none has its words recorded.
        nodes = (larger(*self._request.needs.pods),) * columns["nodes"][at]
        known = bool(columns["known"][at])
        return replace(candidate, allocatable=offered if known else None, reserved=reserved, nodes=nodes)

    def _amounts(self, field: str, at: int) -> Amounts:
        """What is offered or reserved, in the dimensions that are offered."""
        capacity = self._columns["capacity"].items()
        return tuple((name, column[field][at]) for name, column in capacity if column["offered"][at] >= 0)

    def _verdicts(self, candidate: Candidate, at: int) -> list[FilterVerdict]:
        failed = self._columns["failed"][at]
        verdicts = []
        for bit, name in enumerate(self._document["filters"]):
            reason = self._reasons.get(name, {}).get(at)
            if reason is None and name in _FILTERS:
                reason = _FILTERS[name].verdict(self._request, candidate).reason
            verdicts.append(FilterVerdict(filter=name, passed=not failed >> bit & 1, reason=reason or ""))
        return verdicts

    def _scores(self, candidate: Candidate, at: int, *, ranked: bool) -> list[ScorePart]:
        parts = [self._part(part, at) for part in self._parts]
        found = [part for part in parts if part is not None]
        if ranked:
            found.append(self._stickiness(candidate))
        return found

    def _part(self, part: Document, at: int) -> ScorePart | None:
        metric = self._metrics.get(part["name"]) if part["kind"] != "scorer" else None
        sample = metric.sample(at) if metric else None
        own = part["kind"] == "metric"
        if own and (metric is None or sample is None):
            return None
        return ScorePart(
            kind=part["kind"],
            name=part["name"],
            direction=part["direction"],
            value=metric.normalised(at) if own and metric else part["value"][at],
            weight=sample.weight if own and sample else part["weight"][at],
            contribution=part["contribution"][at],
            raw=sample.raw if sample else None,
            age=sample.age if sample else None,
            inherited=sample.inherited if sample else False,
        )

    def _stickiness(self, candidate: Candidate) -> ScorePart:
        if candidate.uid != self._request.current:
            return ScorePart(name="stickiness", value=0.0, weight=0.0, contribution=0.0)
        weight = self._document["stickiness"]
        return ScorePart(
            name="stickiness", value=1.0, weight=weight, contribution=self._sticky["contribution"]
        )


class _Metric:
    """The columns of one metric."""

    def __init__(self, column: Document) -> None:
        self._column = column
        self._absent = frozenset(column["absent"])
        self._failing = dict(column["failing"])
        self._inherited = frozenset(column["inherited"])
        self._limits = [_limits(values) for values in column["limits"]["table"]]

    def sample(self, at: int) -> Sample | None:
        """The sample of one candidate; None where it has no such metric."""
        if at in self._absent:
            return None
        column = self._column
        return Sample(
            raw=column["raw"][at],
            age=column["age"][at],
            weight=column["weight"][at],
            limits=self._limits[_code(column["limits"], at)],
            failing=self._failing.get(at),
            inherited=at in self._inherited,
        )

    def normalised(self, at: int) -> float | None:
        """The value between 0 and 1; None where it cannot be used."""
        value: float | None = self._column["normalised"][at]
        return value


_UNNAMED = {"name": "", "uid": ""}


@cache
def _requests() -> TypeAdapter[Request]:
    return TypeAdapter(Request)


@cache
def _candidates() -> TypeAdapter[Candidate]:
    return TypeAdapter(Candidate)


def _code(column: Document, at: int) -> int:
    codes = column["codes"]
    return 0 if codes is None else int(codes[at])


def _value(column: Document, at: int) -> Any:
    return column["table"][_code(column, at)]


def _limits(values: Sequence[Any]) -> Limits:
    minimum, maximum, allowed, max_age = values
    return Limits(minimum, maximum, tuple(allowed), float("inf") if max_age is None else max_age)
