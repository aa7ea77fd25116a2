"""Measures by years to what a dimension's index says: band, range over other choices, contributions, checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detente.panel.uncertainty import (
    baseline_draws,
    drift,
    error_draws,
    levels,
    measure_draws,
    standardise,
    weighted,
)
from detente.panel.yearly import RULE
from detente.records import Dyad
from detente.results import Check

if TYPE_CHECKING:
    import pandas as pd

    from detente.panel.uncertainty import Array, Levels, Mask
    from detente.protocol import Tracked

LEAST_BEFORE = 5
"""Fewest known years in the window before that carry a mean and a standard deviation."""
DRAWS = 2000
BAND = (
    "The band holds what the finite window before leaves open about each measure's mean and standard deviation "
    "(stationary bootstrap), the disagreement of the measures where there are three or more (they are resampled), and "
    "the low and high ends that a source gives itself. It does not hold revisions by the publisher, errors that a "
    "source does not state, or other choices of weights and windows: those are the range. The interval of the change "
    "is another thing: it holds how much single years stray from a level, for these measures as they are."
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one measure brings to an index.

    Attributes:
        weight: Its share of all weight.
        sign: +1 where more of it means closer, −1 where less does.
        mean: Of the measure itself in the window before; `deviation` likewise, `years` how many are known there.
        before: Its mean score before, turned so that more is closer; `after` likewise, NaN where nothing is known.
        part: How much of the index's change is its doing; the parts of all measures add up to the change.
    """

    measure: str
    dyad: Dyad
    title: str
    weight: float
    sign: int
    mean: float
    deviation: float
    years: int
    before: float
    after: float
    part: float


@dataclass(frozen=True, slots=True)
class Component:
    """A measure that can be used: its calendar years (`values`, and `errors` in its own units), more is closer."""

    tracked: Tracked
    dyad: Dyad
    title: str
    values: pd.Series
    errors: pd.Series


@dataclass(frozen=True, slots=True)
class Composite:
    """Measures × years.

    Attributes:
        values: Turned so that more is closer; NaN where unknown.
        errors: Standard errors that the sources give, in the measures' own units; NaN where they give none.
        pre: First and last calendar year of the window before; `post` likewise.
    """

    components: tuple[Component, ...]
    years: Array
    values: Array
    errors: Array
    weights: Array
    pre: tuple[int, int]
    post: tuple[int, int]

    @property
    def before(self) -> Mask:
        """The years of the window before."""
        return self._within(*self.pre)

    @property
    def after(self) -> Mask:
        """The years of the window after."""
        return self._within(*self.post)

    @property
    def scores(self) -> Array:
        """The measures in units of their standard deviation in the window before."""
        return standardise(self.values, self.before)

    @property
    def index(self) -> Array:
        """The index as the protocol asks for it."""
        return weighted(self.scores, self.weights)

    def _within(self, first: int, last: int) -> Mask:
        return np.asarray((self.years >= first) & (self.years <= last))

    def windows(self) -> list[Mask]:
        """The window before, and it opening three years earlier or later, or closing a year earlier."""
        first, last = self.pre
        return [self._within(*span) for span in (self.pre, (first - 3, last), (first + 3, last), (first, last - 1))]


def composite(components: list[Component], pre: tuple[int, int], post: tuple[int, int]) -> Composite:
    """The components on the years from the first that any of them knows to the last."""
    first = min(int(one.values.index.min()) for one in components)
    last = max(int(one.values.index.max()) for one in components)
    years = np.arange(first, last + 1)
    return Composite(
        components=tuple(components),
        years=years.astype(float),
        values=np.vstack([one.values.reindex(years).to_numpy(float) for one in components]),
        errors=np.vstack([one.errors.reindex(years).to_numpy(float) for one in components]),
        weights=np.array([one.tracked.weight for one in components]),
        pre=pre,
        post=post,
    )


def compared(made: Composite) -> Levels:
    """The levels before and after, and the change."""
    value = made.index
    chosen = (made.before | made.after) & ~np.isnan(value)
    return levels(made.years[chosen], value[chosen], made.after[chosen])


def yearly_frame(made: Composite, others: list[tuple[Array, float]], seed: int) -> pd.DataFrame:
    """The index year by year: columns `year value low high range_low range_high measures`."""
    import pandas as pd

    value = made.index
    low, high = _band(made, value, seed)
    every = np.vstack([value, *(index for index, _ in others)])
    frame = pd.DataFrame({
        "year": made.years.astype("int64"), "value": value, "low": low, "high": high,
        "range_low": np.fmin.reduce(every), "range_high": np.fmax.reduce(every),
        "measures": (~np.isnan(made.values)).sum(axis=0),
    })  # fmt: skip
    frame.loc[np.isnan(value), ["low", "high", "range_low", "range_high"]] = np.nan
    return frame


def _band(made: Composite, value: Array, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    spread = np.nanstd(made.values[:, made.before], axis=1, ddof=1)[:, None]
    drawn = (
        baseline_draws(made.values, made.before, made.weights, rng, DRAWS)
        + measure_draws(made.scores, made.weights, rng, DRAWS)
        + error_draws(made.errors / spread, made.scores, made.weights, rng, DRAWS)
    )
    ends = np.full((2, len(value)), np.nan)
    known = ~np.isnan(value)
    ends[:, known] = np.nanquantile(drawn[:, known], [0.025, 0.975], axis=0)
    # Draws in which a measure drops out may miss the value itself: the band never excludes it.
    return np.fmin(ends[0], value), np.fmax(ends[1], value)


def others(made: Composite) -> Iterator[tuple[Array, float]]:
    """The index and its change under each other choice: scales, weights, windows, one measure fewer."""
    number = len(made.components)
    asked, equal, whole = made.weights, np.ones(number), np.full(number, True)
    before, *shifted = made.windows()
    choices: list[tuple[Mask, str, Array, Mask]] = [
        (before, "range", asked, whole), (before, "rank", asked, whole), (before, "z", equal, whole),
        *((window, "z", asked, whole) for window in shifted),
        *((before, "z", asked, np.arange(number) != gone) for gone in range(number)),
    ]  # fmt: skip
    for window, scale, weights, kept in choices:
        able = kept & _able(made.values, window)
        if able.any():
            other = weighted(standardise(made.values[able], window, scale), weights[able])
            yield other, _mean(other[made.after]) - _mean(other[window])


def _able(values: Array, window: Mask) -> Mask:
    """The measures that can be standardised on a window."""
    inside = values[:, window]
    known = (~np.isnan(inside)).sum(axis=1)
    varies = np.array([len(np.unique(row[~np.isnan(row)])) > 1 for row in inside])
    return np.asarray((known >= LEAST_BEFORE) & varies)


def _mean(values: Array) -> float:
    """The mean of the known values; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def contributions(made: Composite) -> Iterator[Contribution]:
    """What each measure brings to the index."""
    scores, known = made.scores, ~np.isnan(made.index)
    held = np.where(np.isnan(scores), 0.0, made.weights[:, None])
    parts = np.where(np.isnan(scores), 0.0, scores) * held / np.maximum(held.sum(axis=0), 1e-300)
    for row, one in enumerate(made.components):
        sign = 1 if one.tracked.closer == "+" else -1
        inside = made.values[row, made.before & ~np.isnan(made.values[row])]
        yield Contribution(
            measure=one.tracked.measure,
            dyad=one.dyad,
            title=one.title,
            weight=float(made.weights[row] / made.weights.sum()),
            sign=sign,
            mean=sign * float(inside.mean()),
            deviation=float(inside.std(ddof=1)),
            years=len(inside),
            before=_mean(scores[row, made.before]),
            after=_mean(scores[row, made.after]),
            part=float(parts[row, made.after & known].mean() - parts[row, made.before & known].mean()),
        )


def checks(made: Composite, found: Levels) -> tuple[Check, ...]:
    """What was looked at, and what a reader must know to read the index."""
    known = (~np.isnan(made.values)).sum(axis=0)[(made.before | made.after) & ~np.isnan(made.index)]
    number = len(made.components)
    steady = f"{known.min()} to {known.max()} of {number} are known in a year"
    three = f"measures that can be used: {number}; from three on their disagreement is part of the band"
    return (
        Check("years", None, RULE),
        Check("band", None, BAND),
        Check("same measures throughout", bool(np.ptp(known) == 0), steady),
        Check("three measures or more", number >= 3, three),
        Check("autocorrelation", None, f"{found.autocorrelation:.2f}; {found.freedom:.1f} degrees of freedom left"),
        _steady(made),
    )


def _steady(made: Composite) -> Check:
    """Whether the index was level before: what drifts already goes on without a turning point."""
    known = made.before & ~np.isnan(made.index)
    slope = drift(made.years[known], made.index[known])
    detail = f"{slope.value:+.2f} in ten years before (95 % interval {slope.low:+.2f} to {slope.high:+.2f})"
    return Check("no drift before", not (slope.low > 0 or slope.high < 0), detail.replace("-", "−"))
