"""One metric on all candidates, judged at once as `Sample.trouble` judges one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from krake.models.reasons import ReasonCode
from scheduler.encoding import Document, Rows, codes_of, cut
from scheduler.samples import Limits, Sample

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """Values are NaN, and weights 0, where a candidate has no such metric."""

    present: NDArray[np.bool_]
    """Where the candidate has the metric."""
    usable: NDArray[np.bool_]
    """Where its value can be believed."""
    raw: NDArray[np.float64]
    age: NDArray[np.float64]
    weight: NDArray[np.float64]
    normalised: NDArray[np.float64]
    """Between 0 and 1; NaN where the value is not usable."""
    limits: tuple[Limits, ...]
    """The different limits that there are."""
    limits_of: NDArray[np.int32]
    """For each row which of them."""
    failing: dict[int, ReasonCode]
    """Codes that came with the sample, by row."""
    inherited: tuple[int, ...]
    """Rows that have the metric from their cloud."""

    @classmethod
    def of(cls, samples: Sequence[Sample | None]) -> MetricColumn:
        """The column of these samples, one for each candidate."""
        present = np.array([sample is not None for sample in samples], dtype=np.bool_)
        rows = np.flatnonzero(present)
        found = [sample for sample in samples if sample is not None]
        # One transposition in C instead of a loop over the fields of every sample.
        raws, ages, weights, limits, failing, inherited = zip(*found, strict=True) if found else ((),) * 6
        table, codes = _distinct(limits)
        raw, age = np.array(raws, dtype=np.float64), np.array(ages, dtype=np.float64)
        usable = _within(raw, age, table, codes)
        codes_of_failing: dict[int, ReasonCode] = {}
        if failing.count(None) < len(failing):
            codes_of_failing = {int(rows[at]): code for at, code in enumerate(failing) if code is not None}
            usable &= np.array([code is None for code in failing], dtype=np.bool_)
        normalised = np.where(usable, _normalised(raw, table, codes), np.nan)
        return cls(
            present=present,
            usable=_placed(usable, rows, present, False),
            raw=_placed(raw, rows, present, np.nan),
            age=_placed(age, rows, present, np.nan),
            weight=_placed(np.array(weights, dtype=np.float64), rows, present, 0.0),
            normalised=_placed(normalised, rows, present, np.nan),
            limits=table,
            limits_of=_placed(codes, rows, present, 0),
            failing=codes_of_failing,
            inherited=tuple(int(rows[at]) for at, is_so in enumerate(inherited) if is_so)
            if True in inherited
            else (),
        )

    def document(self, rows: Rows | None) -> Document:
        """The column as decisions record it, of these rows (None for all)."""
        missing = dict.fromkeys(np.flatnonzero(~self.present).tolist())
        return {
            "raw": cut(self.raw, rows),
            "age": cut(self.age, rows),
            "weight": cut(self.weight, rows),
            "normalised": cut(self.normalised, rows),
            "limits": {"table": self.limits, "codes": codes_of(self.limits_of, len(self.limits), rows)},
            "absent": [at for _, at in _places(rows, missing)],
            "failing": [[at, self.failing[row]] for row, at in _places(rows, self.failing)],
            "inherited": [at for _, at in _places(rows, dict.fromkeys(self.inherited))],
        }


def _places(rows: Rows | None, wanted: Mapping[int, object]) -> list[tuple[int, int]]:
    """Rows of the column and where they are among those that are recorded."""
    if not wanted:
        return []
    if rows is None:
        return [(row, row) for row in sorted(wanted)]
    return [(int(row), at) for at, row in enumerate(rows) if int(row) in wanted]


def _placed(
    values: NDArray[Kind], rows: NDArray[np.intp], present: NDArray[np.bool_], missing: float
) -> NDArray[Kind]:
    """The values in the rows that have one, `missing` in the others."""
    if len(values) == len(present):
        return values
    column = np.full(len(present), missing, dtype=values.dtype)
    column[rows] = values
    return column


def _distinct(limits: Sequence[Limits]) -> tuple[tuple[Limits, ...], NDArray[np.int32]]:
    # Candidates with the same metric usually share the object: comparing identities first saves hashing each.
    if len(set(map(id, limits))) == 1:
        return (limits[0],), np.zeros(len(limits), dtype=np.int32)
    table: dict[Limits, int] = {}
    codes = [table.setdefault(one, len(table)) for one in limits]
    return tuple(table), np.array(codes, dtype=np.int32)


def _within(
    raw: NDArray[np.float64],
    age: NDArray[np.float64],
    table: Sequence[Limits],
    codes: NDArray[np.int32],
) -> NDArray[np.bool_]:
    if not table:
        return np.zeros(0, dtype=np.bool_)
    least, most, oldest = (
        np.array(bounds, dtype=np.float64)[codes]
        for bounds in zip(*((one.minimum, one.maximum, one.max_age) for one in table), strict=True)
    )
    within = (raw >= least) & (raw <= most) & (least < most) & (age <= oldest)
    for code, one in enumerate(table):
        if one.allowed:
            within &= (codes != code) | np.isin(raw, one.allowed)
    return within


def _normalised(
    raw: NDArray[np.float64], table: Sequence[Limits], codes: NDArray[np.int32]
) -> NDArray[np.float64]:
    least = np.array([one.minimum for one in table], dtype=np.float64)
    span = np.array([one.maximum - one.minimum for one in table], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (raw - least[codes]) / span[codes] if len(table) else raw
