"""A series and a date to what stands before and after it: the regressors of an interrupted series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.noise import Array
from detente.turning_points.timeline import Timeline

Model = Literal["level", "level_and_slope"]
LEAST_BEFORE, LEAST_AFTER = 5, 2
FIRST_DAYS = 0.02
"""An event within this share of a period from its start counts for all of it: a week of a year, no day of a month."""


@dataclass(frozen=True, slots=True)
class Design:
    """Values split at an event.

    Attributes:
        y: Values used, the period of transition left out; `positions`: where they stand.
        after: Which of them come after the event.
        x: Level, step, and where asked trend and change of slope.
        contrast: What of the coefficients is the average change.
    """

    y: Array
    positions: tuple[int, ...]
    after: np.ndarray[tuple[int], np.dtype[np.bool_]]
    x: Array
    contrast: Array
    transition: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a method makes of a design: effect, low, high and p; step; slope; projection; expected without the event."""

    effect: tuple[float, float, float, float]
    step: float
    slope: tuple[float, float, float] | None
    projected: tuple[float, float, float] | None
    without: Array


def design(timeline: Timeline, at: date, model: Model) -> Design:
    """Split a timeline at a date; the period that contains it is neither before nor after, save on its first days.

    Raises:
        SeriesError: The date is outside the data, or too few values stand on a side of it.
    """
    period = timeline.period_of(at)
    start, end = timeline.starts[period], timeline.ends[period]
    opens = (at - start).days <= FIRST_DAYS * ((end - start).days + 1)
    where = np.asarray(timeline.positions)
    used = np.ones(len(where), dtype=bool) if opens else where != period
    after = where[used] >= period
    _refuse_few(timeline, at, int((~after).sum()), int(after.sum()), LEAST_AFTER + (model == "level_and_slope"))
    first_after = period if opens else period + 1
    y, positions = timeline.values[used], where[used]
    trend, since = positions - positions.mean(), np.maximum(positions - first_after, 0).astype(float)
    level = np.ones(len(y))
    if model == "level":
        x, contrast = np.column_stack([level, after]), np.array([0.0, 1.0])
    else:
        x = np.column_stack([level, after, trend, since])
        contrast = np.array([0.0, 1.0, 0.0, since[after].mean()])
    _refuse_noiseless(timeline, x, y)
    label = "" if used.all() else timeline.label(period)
    return Design(y, tuple(int(at) for at in positions), after, x.astype(float), contrast, label)


def _refuse_few(timeline: Timeline, at: date, before: int, after: int, least_after: int) -> None:
    if before < LEAST_BEFORE or after < least_after:
        raise SeriesError(
            f"{timeline.name} has {before} values before {at} and {after} after it; "
            f"{LEAST_BEFORE} and {least_after} are needed",
            hint=f"the data span {timeline.span}: take an event well inside, or a finer frequency",
        )


def _refuse_noiseless(timeline: Timeline, x: Array, y: Array) -> None:
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    if (residuals**2).sum() <= 1e-20 * max((y**2).sum(), 1e-300):
        raise SeriesError(
            f"the values of {timeline.name} do not vary beside the event, so its uncertainty cannot be known",
            hint="describe the values instead, or take a finer frequency",
        )
