"""An effect to what the same procedure finds where nothing happened: at other dates, in other units and outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check
from detente.turning_points.effects.designs import LEAST_BEFORE
from detente.turning_points.effects.every_date import at_every_date
from detente.turning_points.effects.interventions import InterventionEffect, intervention
from detente.turning_points.timeline import observed, opens_with

LEAST_AFTER = 3
ENOUGH = 8
"""Fewer placebos than this say nothing about a rate of one in twenty."""
TOLERATED = 0.1
"""A false-alarm rate above this is more than chance and neighbourhood make of one in twenty."""


@dataclass(frozen=True, slots=True)
class Placebo:
    """What the procedure says where nothing happened: `where` is a period, a unit or an outcome."""

    where: str
    effect: float
    p: float


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """How often the very procedure cries wolf on this very series.

    Attributes:
        placebos: One for each date at which nothing happened.
        confidence: Of the interval that decides.
    """

    placebos: tuple[Placebo, ...]
    confidence: float

    @property
    def tried(self) -> int:
        """Number of dates."""
        return len(self.placebos)

    @property
    def rate(self) -> float | None:
        """The share of dates at which an effect is claimed; None where too few could be tried."""
        alarms = sum(one.p < 1 - self.confidence for one in self.placebos)
        return alarms / self.tried if self.tried >= ENOUGH else None

    def as_sure(self, p: float) -> float | None:
        """The share of dates, the event among them, whose p is as small as *p*: a p-value by placebo."""
        return (1 + sum(one.p <= p for one in self.placebos)) / (1 + self.tried) if self.tried >= ENOUGH else None

    def check(self) -> Check:
        """Whether the procedure is quiet where nothing happened."""
        if self.rate is None:
            few = f"{self.tried} dates could be tried; {ENOUGH} are needed"
            return Check("placebo in time", None, few)
        alarms = round(self.rate * self.tried)
        detail = f"an effect is claimed at {alarms} of {self.tried} dates where nothing happened ({self.rate:.0%})"
        return Check("placebo in time", self.rate <= TOLERATED, detail)


def in_time(
    series: Series, at: date, *, avoid: Iterable[tuple[date, date]] = (), confidence: float = 0.95
) -> FalseAlarms:
    """Move the event to dates where nothing happened, within the data before it and within those after it.

    Question: how often does this procedure claim an effect on this series when there is none? Assumes that the series
    behaves as it did; neighbouring dates share most of their data, so the rate is rougher than its count suggests.

    Args:
        series: The measure.
        at: Day of the event; no placebo sees data from both sides of it.
        avoid: First and last days within which something else happened: rivals, shocks.
        confidence: Of the interval that decides.

    References:
        Heckman and Hotz (1989), Journal of the American Statistical Association 84, for pre-programme tests.
    """
    spans = list(avoid)
    found = [one for part in halves(series, at) for one in _moved(part, spans)]
    return FalseAlarms(tuple(found), confidence)


def _moved(part: Series, spans: Sequence[tuple[date, date]]) -> Iterator[Placebo]:
    """The event at the start of every period with enough known values on both sides."""
    try:
        timeline = observed(part, least=LEAST_BEFORE + LEAST_AFTER)
    except SeriesError:
        return
    scale = 0.0 if timeline.constant else float(timeline.values.std())
    first_new = np.arange(LEAST_BEFORE, len(timeline.values) - LEAST_AFTER + 1)
    days = [timeline.starts[timeline.positions[first]] for first in first_new]
    quiet = np.array([not any(start <= day <= end for start, end in spans) for day in days], dtype=bool)
    if not scale or not quiet.any():
        return
    known = at_every_date(timeline.positions, (timeline.values - timeline.values.mean()) / scale, first_new[quiet])
    for first, effect, p in zip(first_new[quiet], known.quantile(0.5) * scale, known.tail(), strict=True):
        yield Placebo(timeline.label(timeline.positions[first]), float(effect), float(p))


def halves(series: Series, at: date) -> tuple[Series, Series]:
    """The periods that end before an event, and those that begin after it."""
    import pandas as pd

    frame, day = series.frame, pd.Timestamp(at)
    opens = _opens(series, at)
    before, after = frame["period_end"] < day, frame["period_start"] >= (day if not opens else pd.Timestamp(opens))
    parts = [frame[part].reset_index(drop=True) for part in (before, after)]
    return replace(series, frame=parts[0]), replace(series, frame=parts[1])


def _opens(series: Series, at: date) -> date | None:
    """The start of the period that contains a day on its first days: such an event counts for all of it."""
    for start, end in zip(series.frame["period_start"], series.frame["period_end"], strict=True):
        first, last = start.date(), end.date()
        if first <= at <= last:
            return first if opens_with(at, first, last) else None
    return None


def _placebo(series: Series, at: date, where: str, confidence: float) -> Placebo | None:
    found = measured(series, at, confidence=confidence)
    return None if found is None else Placebo(where, found.effect, found.p)


def measured(series: Series, at: date, *, confidence: float = 0.95) -> InterventionEffect | None:
    """The effect, or None where the data cannot give one."""
    try:
        return intervention(series, at, confidence=confidence)
    except SeriesError:
        return None


def in_space(others: Sequence[Series], at: date, effect: float, *, confidence: float = 0.95) -> Check:
    """Whether units that did not have the event stood still.

    Passed where at most one in ten moved the same way by an interval that leaves out zero; with fewer than eight it is
    told, not judged. Movements of opposite sign are no rival explanation and are told only.
    """
    found = [one for other in others if (one := _placebo(other, at, other.name, confidence))]
    if not found:
        none = "no comparison units with data" if others else "no comparison units, or no effect to compare"
        return Check("placebo in space", None, none)
    moved = [one for one in found if one.p < 1 - confidence]
    alike = [one.where for one in moved if one.effect * effect > 0]
    detail = (
        f"{len(alike)} of {len(found)} units without the event moved the same way ({_named(alike)}), "
        f"{len(moved) - len(alike)} the other way"
    )
    return Check("placebo in space", len(alike) <= TOLERATED * len(found) if len(found) >= ENOUGH else None, detail)


def in_outcomes(outcomes: Sequence[Series], at: date, *, confidence: float = 0.95) -> Check:
    """Whether outcomes that the event cannot have touched stood still."""
    found = [one for outcome in outcomes if (one := _placebo(outcome, at, outcome.name, confidence))]
    if not found:
        none = "no outcome with data" if outcomes else "none was named, or no effect to compare"
        return Check("outcomes that should not move", None, none)
    moved = [one.where for one in found if one.p < (1 - confidence) / len(found)]
    detail = f"{len(moved)} of {len(found)} moved ({_named(moved)}), allowing for their number"
    return Check("outcomes that should not move", not moved, detail)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return (", ".join(names[:4]) or "none") + more
