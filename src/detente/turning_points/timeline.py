"""A series to the numbers a method works on: what was observed, and where in time it stood."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError
from detente.records import NUMBERED, Series, Spacing
from detente.results import Check

FIRST_DAYS = 0.02
"""An event within this share of a period from its start counts for all of it: a week of a year, no day of a month."""


def opens_with(day: date, start: date, end: date) -> bool:
    """Whether an event on a day of a period counts for all of it; otherwise the period is one of transition."""
    return (day - start).days <= FIRST_DAYS * ((end - start).days + 1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The observed values of a series and the periods they stand in.

    Attributes:
        values: Observed values, in time order.
        positions: For each value the number of its period, 0 for the first observed one.
        starts: First day of every period from the first to the last observed one, gaps included.
        ends: Last day of each of them.
        partial: How many incomplete periods were left out.
        fingerprint: Hash of values and periods.
    """

    name: str
    frequency: Spacing
    values: NDArray[np.float64]
    positions: tuple[int, ...]
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    partial: int
    fingerprint: str

    @property
    def gaps(self) -> int:
        """Periods between the first and the last observed one without a value."""
        return len(self.starts) - len(self.positions)

    @property
    def constant(self) -> bool:
        """Whether every value is the same, up to rounding."""
        return bool(np.ptp(self.values) <= 1e-12 * max(1e-300, float(np.abs(self.values).max())))

    @property
    def span(self) -> str:
        """First and last observed period, in words."""
        return f"{self.label(0)} to {self.label(len(self.starts) - 1)}"

    def label(self, period: int) -> str:
        """What to call a period in a sentence."""
        start, end = self.starts[period], self.ends[period]
        named = {
            "year": f"{start.year}",
            "fiscal_year": f"FY{end.year}",
            "quarter": f"{start.year} Q{(start.month + 2) // 3}",
            "month": f"{start:%Y-%m}",
            "number": f"{(start - NUMBERED).days}",
        }
        return named.get(self.frequency, start.isoformat())

    def period_of(self, day: date) -> int:
        """The number of the period that contains a day.

        Raises:
            SeriesError: The day is before the first or after the last observed period.
        """
        if not self.starts[0] <= day <= self.ends[-1]:
            raise SeriesError(
                f"{day} is outside the data of {self.name}",
                hint=f"choose a date from {self.starts[0]} to {self.ends[-1]}",
            )
        return next(number for number, end in enumerate(self.ends) if day <= end)


def observed(series: Series, *, least: int) -> Timeline:
    """Take the known values of complete periods out of a series.

    Args:
        series: The series; it is not changed.
        least: Fewest values the method can work with.

    Raises:
        SeriesError: Periods out of order or double, infinite values, or fewer than *least* values.
    """
    frame = series.frame
    starts = [stamp.date() for stamp in frame["period_start"]]
    ends = [stamp.date() for stamp in frame["period_end"]]
    values = frame["value"].to_numpy(dtype=float, na_value=np.nan).copy()
    _refuse_disorder(series, starts, values)
    incomplete = np.array([start in series.partial for start in starts], dtype=bool)
    values[incomplete] = np.nan
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < least:
        raise SeriesError(
            f"{series.name} has {len(known)} known value{'' if len(known) == 1 else 's'} in complete periods; "
            f"{least} are needed",
            hint="take a longer period, a finer frequency, or another measure",
        )
    whole = slice(int(known[0]), int(known[-1]) + 1)
    return Timeline(
        name=series.name,
        frequency=series.frequency,
        values=values[known],
        positions=tuple(int(at) for at in known - known[0]),
        starts=tuple(starts[whole]),
        ends=tuple(ends[whole]),
        partial=int(incomplete.sum()),
        fingerprint=_fingerprint(starts, values),
    )


def _refuse_disorder(series: Series, starts: list[date], values: NDArray[np.float64]) -> None:
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise SeriesError(
            f"{series.name} has periods out of order or twice", hint="sort by period_start, one row per period"
        )
    if np.isinf(values).any():
        raise SeriesError(f"{series.name} has infinite values", hint="mark unknown values as NaN")


def _fingerprint(starts: list[date], values: NDArray[Any]) -> str:
    digest = hashlib.sha256(",".join(start.isoformat() for start in starts).encode())
    digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()[:16]


FEW = 10
"""With fewer periods before the event than that, no method can know how a series moves by itself."""


def side_checks(before: int, after: int) -> tuple[Check, Check]:
    """Whether there are enough values before an event, and after it."""
    few = "with fewer than ten no method can know how the series moves by itself"
    return (
        Check("enough periods before", before >= FEW, f"{before} before the event; {few}"),
        Check("enough periods after", after >= 3, f"{after} after the event; fewer than three may be a passing shock"),
    )


def number(value: float) -> str:
    """A number as a sentence holds it: three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def gap_check(timeline: Timeline) -> Check:
    """How many periods are unknown: left out, never filled."""
    partial = f"; {timeline.partial} incomplete left out" if timeline.partial else ""
    detail = f"{timeline.gaps} of {len(timeline.starts)} periods without a value{partial}"
    return Check("gaps", None if timeline.gaps <= len(timeline.starts) / 4 else False, detail)


def spread_check(residuals: NDArray[Any]) -> Check:
    """Whether values scatter as widely late as early: where they do not, the wide end may pass for a new level."""
    from scipy.stats import spearmanr

    size = np.abs(residuals)
    if np.ptp(size) <= 1e-12 * max(float(size.max()), 1e-300):
        return Check("even spread", None, "no scatter around the fit to judge by")
    p = float(spearmanr(size, np.arange(len(size))).pvalue)
    return Check("even spread", p >= 0.01, f"size of the residuals against time: rank correlation p {p:.3f}")


def outlier_check(residuals: NDArray[Any]) -> Check:
    """Whether single values stand far outside the others: then no interval that assumes Gaussian noise holds."""
    middle = np.median(residuals)
    spread = 1.4826 * np.median(np.abs(residuals - middle))
    far = int((np.abs(residuals - middle) > 4 * spread).sum())
    detail = f"{far} of {len(residuals)} values lie more than four robust standard deviations from the fit"
    return Check("outliers", far == 0, detail)
