"""Does it rise or fall, swing more, or move with something else?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from detente.claims.bench import Asked, Data, Scale
from detente.claims.changes import SIGNS
from detente.claims.claim import Finding, Quantity
from detente.claims.robust import Estimate, coefficient
from detente.claims.wording import change, counted, interval, listed, number, source
from detente.errors import SeriesError
from detente.protocol import Day, Frozen
from detente.results import Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

PERIODS_A_YEAR = {"month": 12, "quarter": 4}
Values = dict[int, float]
"""Month in which a period ends, counted from year 0 → value."""


class Trend(Frozen):
    """Parameters of `trend`."""

    scale: Scale = "level"
    least: int = Field(default=8, ge=6, description="Fewest periods")
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def trend(asked: Asked) -> Finding:
    """Find out whether a series rises (falls) over a window.

    Question: is there a steady movement, and not only drift? Assumes a linear trend and noise that is AR(1) plus a
    random walk. Rule: supported or contradicted where the interval of the slope leaves zero out, mixed where a single
    step at a rival date takes a supported slope to the other side of zero, otherwise inconclusive.

    References:
        Harvey (1989), Forecasting, Structural Time Series Models and the Kalman Filter, for trend and random walk.
    """
    params: Trend = asked.params
    data = asked.data(scale=params.scale)
    if data.n < params.least:
        raise SeriesError(
            f"{data.series.name} has {data.n} complete periods; {params.least} are needed for a trend",
            hint="wider window",
        )
    years = np.asarray(data.positions, dtype=float) / PERIODS_A_YEAR.get(data.series.frequency, 1)
    slope = coefficient(data.values, [years], data.positions, confidence=params.confidence)
    outcome = _signed(slope, asked)
    rival, turned = _with_steps(asked, data, years, slope)
    if outcome == "supported" and turned:
        outcome = "mixed"
    evidence, counts = asked.evidence((data, list(range(data.n))))
    unit = asked.data().unit
    because = (
        f"{outcome.capitalize()}: {data.series.name} changed by {change(slope.value, unit, params.scale)} a year "
        f"({interval(slope.low, slope.high, params.confidence, unit, params.scale)}; {data.span}, {data.n} periods; "
        f"{source(data, asked.panel)})."
    )
    numbers = {
        "slope_a_year": slope.value, "low": slope.low, "high": slope.high, "confidence": params.confidence,
        "first": float(data.values[0]), "last": float(data.values[-1]), "unit": unit, "scale": params.scale,
        "n": data.n, **counts,
    }  # fmt: skip
    return Finding(outcome, because, numbers, rival, evidence)


def _signed(found: Estimate, asked: Asked) -> Outcome:
    held = found.sign * SIGNS[asked.direction]
    return "supported" if held > 0 else ("contradicted" if held < 0 else "inconclusive")


def _with_steps(asked: Asked, data: Data, years: NDArray[np.float64], slope: Estimate) -> tuple[str, bool]:
    """The slope beside a step at each rival date that has three periods on either side, and whether one turns it."""
    tried, turned = [], False
    for name, day in [*asked.rivals, asked.at]:
        step = np.array([float(start >= day) for start in data.starts])
        if 3 <= step.sum() <= data.n - 3:
            beside = coefficient(data.values, [years, step], data.positions)
            turned = turned or beside.value * slope.value < 0
            unit = asked.data().unit
            tried.append(f"{name} {change(beside.value, unit, asked.params.scale)}")
    if not tried:
        return "No rival date lies far enough inside the window to try a step instead of a trend.", False
    return f"Slope a year beside a single step at a rival date: {'; '.join(tried)}.", turned


class Volatility(Frozen):
    """Parameters of `volatility`."""

    at: Day | None = None
    scale: Scale = "level"
    least_before: int = Field(default=10, ge=6)
    least_after: int = Field(default=6, ge=4)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def volatility(asked: Asked) -> Finding:
    """Find out whether a series swings more (less) after a date.

    Question: did the size of the changes from period to period change? Assumes that the size of a change has one level
    before and one after. The measure is the distance of each first difference from its side's median. Rule: supported
    or contradicted where the interval of the change leaves zero out, otherwise inconclusive.

    References:
        Brown and Forsythe (1974), Journal of the American Statistical Association 69, for the distances from medians.
    """
    params: Volatility = asked.params
    data = asked.data(scale=params.scale)
    day = asked.at[1]
    steps = np.diff(data.values) / np.diff(np.asarray(data.positions))
    late = np.array([start >= day for start in data.starts[1:]])
    early = np.array([end < day for end in data.ends[1:]])
    if early.sum() < params.least_before or late.sum() < params.least_after:
        raise SeriesError(
            f"{data.series.name} has {int(early.sum())} changes before {day} and {int(late.sum())} after; "
            f"{params.least_before} and {params.least_after} are needed",
            hint="newer data, or a finer frequency",
        )
    used = early | late
    size = np.where(late, np.abs(steps - np.median(steps[late])), np.abs(steps - np.median(steps[early])))[used]
    positions = tuple(np.asarray(data.positions)[1:][used].tolist())
    found = coefficient(size, [late[used].astype(float)], positions, confidence=params.confidence)
    outcome = _signed(found, asked)
    before, after = float(size[~late[used]].mean()), float(size[late[used]].mean())
    placebo = _placebo_ratios(steps, early, after)
    evidence, counts = asked.evidence((data, list(range(data.n))))
    unit = " on the logarithmic scale" if params.scale != "level" else f" {asked.data().unit}"
    because = (
        f"{outcome.capitalize()}: from one period to the next {data.series.name} strayed from its usual move by "
        f"{number(before)}{unit} on average before {day} and by {number(after)}{unit} after (difference, allowing for "
        f"drift, {number(found.value)}, "
        f"{params.confidence:.0%} interval {number(found.low)} to {number(found.high)}; {int(early.sum())} and "
        f"{int(late.sum())} changes, {data.span}; {source(data, asked.panel)})."
    )
    numbers = {
        "before": before, "after": after, "difference": found.value, "low": found.low, "high": found.high,
        "confidence": params.confidence, "n_before": int(early.sum()), "n_after": int(late.sum()),
        "unit": asked.data().unit, "scale": params.scale, **counts,
    }  # fmt: skip
    return Finding(outcome, because, numbers, placebo, evidence)


def _placebo_ratios(steps: NDArray[np.float64], early: NDArray[np.bool_], after: float) -> str:
    """How often a stretch as long as the time after swung as much within the time before."""
    old = steps[early]
    length = min(len(steps) - len(old), len(old) // 2)
    if length < 3:
        return "The time before is too short to look for a stretch like the time after."
    stretches = [old[at : at + length] for at in range(len(old) - length + 1)]
    sizes = [float(np.abs(part - np.median(part)).mean()) for part in stretches]
    larger = sum(size >= after for size in sizes)
    return f"Of {len(sizes)} stretches of {length} periods before the date, {larger} swung as much as the time after."


class Association(Frozen):
    """Parameters of `association`."""

    other: Quantity = Field(description="What it is said to move with, or after")
    lag: int = Field(default=0, ge=0, description="Periods by which the other comes first")
    scale: Scale = "level"
    other_scale: Scale = "level"
    yearly: bool = Field(default=False, description="Bring both to calendar years (means) first")
    least: int = Field(default=12, ge=8, description="Fewest pairs of changes")
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def association(asked: Asked) -> Finding:
    """Find out whether two series move together from period to period.

    Question: do changes of one go with changes of the other? Assumes a linear relation between first differences, which
    have no trends; the interval allows for autocorrelation. That they move together does not say that one moves the
    other. Rule: supported or contradicted where the interval leaves zero out; mixed where a supported association
    holds with time reversed as well (the other coming later); otherwise inconclusive.

    References:
        Granger and Newbold (1974), Journal of Econometrics 2(2), for why differences.
    """
    params: Association = asked.params
    mine, theirs = _values(asked, asked.quantity, params.scale), _values(asked, params.other, params.other_scale)
    found = _together(mine, theirs, params.lag, params)
    outcome = _signed(found, asked)
    placebo = _shifted(mine, theirs, params)
    rival = f"The same pairs with the other series shifted in time: {placebo:.0%} of the shifts look as strong."
    if params.lag:
        reversed_ = _together(mine, theirs, -params.lag, params)
        rival += (
            f" With time reversed (the other {counted(params.lag, 'period')} later) it is {number(reversed_.value)} "
            f"({params.confidence:.0%} interval {number(reversed_.low)} to {number(reversed_.high)})."
        )
        if outcome == "supported" and reversed_.sign == found.sign:
            outcome = "mixed"
    data, other = asked.data(), asked.data(params.other)
    evidence, counts = asked.evidence((data, list(range(data.n))), (other, list(range(other.n))))
    origins = listed(list(dict.fromkeys((source(data, asked.panel), source(other, asked.panel)))))
    lagged = f", {params.lag} period{'s' if params.lag > 1 else ''} later" if params.lag else ""
    because = (
        f"{outcome.capitalize()}: when {other.series.name} changes by one standard deviation, {data.series.name} "
        f"changes by {number(found.value)} of its own standard deviation{lagged} ({params.confidence:.0%} interval "
        f"{number(found.low)} to {number(found.high)}; {found.n} pairs of changes, {data.span}; {origins})."
    )
    numbers = {
        "standardised_slope": found.value, "low": found.low, "high": found.high, "confidence": params.confidence,
        "lag": params.lag, "n": found.n, **counts,
    }  # fmt: skip
    return Finding(outcome, because, numbers, rival, evidence)


def _values(asked: Asked, quantity: Quantity, scale: Scale) -> Values:
    """The values of a quantity by the month in which their period ends."""
    data = asked.data(quantity, scale=scale)
    if asked.params.yearly:
        return _by_year(data)
    return {end.year * 12 + end.month: float(value) for end, value in zip(data.ends, data.values, strict=True)}


def _by_year(data: Data) -> Values:
    """Means of the calendar years known in every period; a fiscal year counts for the year it ends in."""
    expected = PERIODS_A_YEAR.get(data.series.frequency, 1)
    years: dict[int, list[float]] = {}
    for end, value in zip(data.ends, data.values, strict=True):
        years.setdefault(end.year, []).append(float(value))
    return {year * 12 + 12: float(np.mean(held)) for year, held in years.items() if len(held) >= expected}


def _together(mine: Values, theirs: Values, lag: int, params: Association) -> Estimate:
    """Standardised slope of the changes of one on those of the other, *lag* periods earlier."""
    when, y, x = _pairs(mine, theirs, lag)
    if len(y) < params.least:
        raise SeriesError(
            f"the two series have {len(y)} pairs of changes in common; {params.least} are needed",
            hint="widen the window, or compare yearly",
        )
    if y.std() == 0 or x.std() == 0:
        raise SeriesError("one of the two series never changes", hint="take another measure")
    return coefficient((y - y.mean()) / y.std(), [(x - x.mean()) / x.std()], when, confidence=params.confidence)


def _shifted(mine: Values, theirs: Values, params: Association) -> float:
    """Share of the circular shifts of the other series with a correlation as strong as the real one."""
    _when, y, x = _pairs(mine, theirs, params.lag)
    if len(y) < params.least:
        return 1.0
    real = abs(float(np.corrcoef(y, x)[0, 1]))
    shifts = [abs(float(np.corrcoef(y, np.roll(x, by))[0, 1])) for by in range(2, len(y) - 1)]
    return float(np.mean([shift >= real for shift in shifts]))


def _pairs(mine: Values, theirs: Values, lag: int) -> tuple[tuple[int, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Changes of one and, *lag* periods earlier, of the other, with the number of the period."""
    months = sorted(mine)
    width = int(np.median(np.diff(months))) if len(months) > 1 else 12
    pairs = [
        (at, mine[at] - mine[at - width], theirs[at - lag * width] - theirs[at - (lag + 1) * width])
        for at in months
        if all(key in held for held, key in (
            (mine, at - width), (theirs, at - lag * width), (theirs, at - (lag + 1) * width)))
    ]  # fmt: skip
    if not pairs:
        return (), np.array([]), np.array([])
    when, y, x = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    return tuple(int(at) for at in (when - when[0]) / width), y, x
