"""A series and a date to what stands before and after it: the regressors of an interrupted series.

The columns of a design come in the order level, what the event did, trend, season; `Design.event` names those of the
event, so that a method can take them away again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np

from detente.errors import SeriesError, unknown_name
from detente.turning_points.noise import Array
from detente.turning_points.timeline import Timeline

Model = Literal["level", "slope", "level_and_slope", "pulse", "gradual"]
Season = Literal["auto"] | int | None
LEAST_BEFORE, LEAST_AFTER = 5, 2
FIRST_DAYS = 0.02
"""An event within this share of a period from its start counts for all of it: a week of a year, no day of a month."""
SHAPES = {
    "level": "the level moves at once and stays",
    "slope": "the line bends after the last period before",
    "level_and_slope": "the level moves at once and the slope changes",
    "pulse": "the level moves for the first {over} and returns",
    "gradual": "the level moves over the first {over}, evenly, and stays",
}
_CYCLES = {"month": 12, "quarter": 4, "week": 52, "day": 7}
_PAIRS = 2


@dataclass(frozen=True, slots=True)
class Design:
    """Values split at an event.

    Attributes:
        y: Values used, the period of transition left out; `positions`: where they stand.
        after: Which of them come after the event.
        x: Level, what the event did, and where asked trend and change of slope.
        contrast: What of the coefficients is the average change over the values after the event.
        opening: What of the coefficients is the change in the first period after the event.
        event: Columns of `x` that the event caused.
        slope: The column of `x` that holds the change of slope; None where the shape has none.
        trended: Whether `x` holds a trend.
        season: Regressors of the season, one row a value; no columns where there is none.
        shape: What is assumed of the change, in words.
    """

    y: Array
    positions: tuple[int, ...]
    after: np.ndarray[tuple[int], np.dtype[np.bool_]]
    x: Array
    contrast: Array
    transition: str
    opening: Array
    event: tuple[int, ...]
    slope: int | None
    trended: bool
    season: Array
    shape: str

    @property
    def trend(self) -> Array:
        """The number of the period, centred."""
        where = np.asarray(self.positions, dtype=float)
        return np.asarray(where - where.mean())


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a method makes of a design.

    Attributes:
        effect: Average change, its low and high end, and p.
        step: Change in the first period after the event.
        slope: Change of the slope with its interval; None where the shape has none.
        projected: Average change without an assumed shape, with its interval; None where the method does not give it.
        without: Expected without the event, for each value.
        caused: What the event did to each value; None: the average change after it.
    """

    effect: tuple[float, float, float, float]
    step: float
    slope: tuple[float, float, float] | None
    projected: tuple[float, float, float] | None
    without: Array
    caused: Array | None = field(default=None)


def design(timeline: Timeline, at: date, model: Model, *, over: int | None = None, season: Season = None) -> Design:
    """Split a timeline at a date; the period that contains it is neither before nor after, save on its first days.

    Under "pulse" it is always the first period after: leaving it out would leave out the pulse.

    Args:
        timeline: The values.
        at: Day of the event.
        model: Shape of the change.
        over: For how many periods a pulse lasts (1 where not said) or a gradual change grows (a quarter of the periods
            after, at least 2).
        season: Periods in a cycle; "auto" takes it from the frequency where two cycles are there.

    Raises:
        SeriesError: The date is outside the data, or too few values stand on a side of it.
    """
    if model not in SHAPES:
        raise unknown_name("shape", model, SHAPES)
    period = timeline.period_of(at)
    start, end = timeline.starts[period], timeline.ends[period]
    opens = model == "pulse" or (at - start).days <= FIRST_DAYS * ((end - start).days + 1)
    where = np.asarray(timeline.positions)
    used = np.ones(len(where), dtype=bool) if opens else where != period
    after = where[used] >= period
    _refuse_few(timeline, at, int((~after).sum()), int(after.sum()), LEAST_AFTER + ("slope" in model))
    y, positions = timeline.values[used], where[used]
    begins = period if opens else period + 1
    length = _length(model, over, int(positions[-1]) - begins + 1)
    caused = _caused(model, positions - begins, length)
    trended = "slope" in model
    parts = [np.ones(len(y)), caused[:, 0], *([positions - positions.mean()] if trended else []), *caused[:, 1:].T]
    x = np.column_stack(parts)
    event = (1, 3)[: caused.shape[1]]
    _refuse_empty(timeline, x, event)
    _refuse_noiseless(timeline, x, y)
    return Design(
        y=y,
        positions=tuple(int(at) for at in positions),
        after=after,
        x=x,
        contrast=_spread_out(caused[after].mean(axis=0), event, x.shape[1]),
        transition="" if used.all() else timeline.label(period),
        opening=_spread_out(_caused(model, np.zeros(1, dtype=int), length)[0], event, x.shape[1]),
        event=event,
        slope=event[-1] if trended else None,
        trended=trended,
        season=seasonal(positions, cycle(timeline, season)),
        shape=SHAPES[model].format(over="period" if length == 1 else f"{length} periods"),
    )


def _length(model: Model, over: int | None, after: int) -> int:
    if over is not None and (over < 1 or model not in ("pulse", "gradual")):
        raise SeriesError(
            f"a change of shape {model!r} cannot last {over} periods",
            hint="`over` is a number from 1 on, for the shapes pulse and gradual",
        )
    return over or (1 if model == "pulse" else max(2, round(after / 4)))


def _caused(model: Model, since: np.ndarray[tuple[int], np.dtype[np.integer]], length: int) -> Array:
    """What the event does to a period *since* periods from the first one after it, a column for each coefficient."""
    after = since >= 0
    ramp = np.maximum(since + 1, 0)
    columns = {
        "level": [after],
        "slope": [ramp],
        "level_and_slope": [after, np.maximum(since, 0)],
        "pulse": [after & (since < length)],
        "gradual": [np.minimum(ramp / length, 1.0)],
    }
    return np.column_stack(columns[model]).astype(float)


def _spread_out(part: Array, event: tuple[int, ...], width: int) -> Array:
    contrast = np.zeros(width)
    contrast[list(event)] = part
    return contrast


def cycle(timeline: Timeline, season: Season) -> int:
    """How many periods a season has; 0 where there is none, or "auto" finds fewer than two cycles.

    Raises:
        SeriesError: A cycle is asked for that the series is too short for.
    """
    asked = _CYCLES.get(timeline.frequency, 0) if season == "auto" else season or 0
    needed = max(2 * asked, 3 * len(_waves(asked)) + 6)
    if asked and len(timeline.positions) >= needed and asked >= 2:
        return int(asked)
    if season == "auto" or not asked:
        return 0
    raise SeriesError(
        f"{timeline.name} has {len(timeline.positions)} values; a season of {asked} periods cannot be told from them",
        hint=f"leave the season out, or give at least {needed} values and a season of two periods or more",
    )


def seasonal(positions: np.ndarray[tuple[int], np.dtype[np.integer]], length: int) -> Array:
    """Two pairs of harmonics of a cycle; for cycles of up to five periods all there are, which is one mean a period."""
    angle = 2 * np.pi * positions / max(length, 1)
    pairs = [wave(multiple * angle) for multiple, wave in _waves(length)]
    return np.column_stack(pairs) if pairs else np.zeros((len(positions), 0))


def _waves(length: int) -> list[tuple[int, np.ufunc]]:
    """Multiples of the base frequency with sine and cosine; the highest of an even cycle has no sine."""
    multiples = range(1, min(_PAIRS, length // 2) + 1)
    return [(m, wave) for m in multiples for wave in (np.sin, np.cos) if 2 * m < length or wave is np.cos]


def _refuse_few(timeline: Timeline, at: date, before: int, after: int, least_after: int) -> None:
    if before < LEAST_BEFORE or after < least_after:
        raise SeriesError(
            f"{timeline.name} has {before} values before {at} and {after} after it; "
            f"{LEAST_BEFORE} and {least_after} are needed",
            hint=f"the data span {timeline.span}: take an event well inside, or a finer frequency",
        )


def _refuse_empty(timeline: Timeline, x: Array, event: tuple[int, ...]) -> None:
    if not x[:, list(event)].any(axis=0).all():
        raise SeriesError(
            f"{timeline.name} has no value in the periods that the event is said to have changed",
            hint="take a longer pulse, or the shape level",
        )


def _refuse_noiseless(timeline: Timeline, x: Array, y: Array) -> None:
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    if (residuals**2).sum() <= 1e-20 * max((y**2).sum(), 1e-300):
        raise SeriesError(
            f"the values of {timeline.name} do not vary beside the event, so its uncertainty cannot be known",
            hint="describe the values instead, or take a finer frequency",
        )
