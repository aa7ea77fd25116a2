"""An effect under every reasonable choice at once: method, shape, window and scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check, Provenance, Result
from detente.turning_points.belief.scales import has_logarithm, logged, proportional
from detente.turning_points.effects import classical, shapes
from detente.turning_points.effects.designs import LEAST_AFTER, LEAST_BEFORE, Design, Model, Season, design
from detente.turning_points.plain import as_day, as_series
from detente.turning_points.timeline import observed

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Change = tuple[float, float, float, float]
METHODS: dict[str, Callable[[Design, float], Change]] = {
    "robust": shapes.change,
    "AR(1) errors": partial(classical.change, classical.prais_winsten),
    "Newey–West errors": partial(classical.change, classical.newey_west),
}
SHAPES: dict[str, Model] = {"level": "level", "level and slope": "level_and_slope"}
SEASONS: dict[str, Season] = {"robust": "auto", "AR(1) errors": None, "Newey–West errors": None}
"""As `intervention`, `its_ar1` and `its_hac` treat the season."""
WINDOWS = {"all data": 1.0, "nearest two thirds": 2 / 3, "nearest half": 0.5}


@dataclass(frozen=True, slots=True)
class Choice:
    """One specification and what it says.

    Attributes:
        effect: Average change after the event: a share of the level without it, or in the unit of the series where
            some values are below zero; `low` and `high` the ends of its interval.
    """

    method: str
    shape: str
    window: str
    scale: str
    effect: float
    low: float
    high: float
    p: float

    @property
    def found(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationCurve(Result):
    """What every reasonable choice says of an effect.

    Attributes:
        choices: In order of effect.
        refused: Choices that the data do not allow, in words.
        unit: "share of the level without the event", or the unit of the series.
    """

    series: str
    event: str
    at: date
    choices: tuple[Choice, ...]
    refused: tuple[str, ...]
    unit: str

    @property
    def median(self) -> float:
        """The middle effect."""
        return float(np.median([one.effect for one in self.choices]))

    def agreeing(self, sign: float) -> float:
        """The share of choices with an effect of that sign."""
        return float(np.mean([one.effect * sign > 0 for one in self.choices]))

    def telling(self, sign: float, method: str = "") -> float:
        """The share of choices (of one method) with an effect of that sign whose interval leaves out zero."""
        asked = [one for one in self.choices if one.method == method or not method]
        return float(np.mean([one.found and one.effect * sign > 0 for one in asked])) if asked else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """A row a choice: `method`, `shape`, `window`, `scale`, `effect`, `low`, `high`, `p`, `found`."""
        import pandas as pd

        names = ("method", "shape", "window", "scale", "effect", "low", "high", "p", "found")
        return pd.DataFrame([{name: getattr(one, name) for name in names} for one in self.choices])

    def summary(self) -> str:
        """How many choices agree, and how far apart they are."""
        many, sign = len(self.choices), 1.0 if self.median > 0 else -1.0
        way = "rise" if sign > 0 else "fall"
        ends = f"{self._said(self.choices[0].effect)} to {self._said(self.choices[-1].effect)}"
        return (
            f"{round(self.agreeing(sign) * many)} of {many} reasonable specifications see a {way} of {self.series} "
            f"after {self.event or self.at}, {round(self.telling(sign) * many)} with an interval that leaves out zero "
            f"(median {self._said(self.median)}, from {ends})."
        )

    def _said(self, value: float) -> str:
        if self.unit.startswith("share"):
            return f"{value:+.0%}"
        return f"{value:+,.0f} {self.unit}" if abs(value) >= 1000 else f"{value:+.3g} {self.unit}"

    def plot(self) -> alt.VConcatChart:
        """Effects in order with their intervals, and under each which choices it stands for."""
        from detente.turning_points import plots

        return plots.curve(self.to_frame(), title=f"{self.series}: every reasonable choice", unit=self.unit)


def specification_curve(series: Any, at: Any, *, name: str = "", confidence: float = 0.95) -> SpecificationCurve:
    """Estimate an effect under every reasonable choice.

    Question: does the answer hang on a choice that could as well have been another? Three treatments of errors × level,
    or level and slope × three windows around the event × values as given or (where none is below zero) logarithms.
    Choices are not independent: the shares are descriptions, not probabilities. Newey–West and AR(1) intervals are
    often too short (docs: calibration); they are here because others would use them.

    Args:
        series: See `plain.as_series`.
        at: Day of the event.
        name: What to call the event.
        confidence: Of the intervals.

    Raises:
        SeriesError: No choice at all is possible.

    References:
        Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208–1214.
    """
    known = as_series(series)
    day = as_day(at, known)
    share = has_logarithm(known)
    choices: list[Choice] = []
    refused: dict[str, None] = {}
    last = ""
    for asked in _asked(share):
        try:
            choices.append(_choice(known, day, asked, confidence, share=share))
        except SeriesError as problem:
            refused[f"{asked[2]}, {asked[1]}: {problem}"] = None
            last = problem.hint
    if not choices:
        raise SeriesError(next(iter(refused)), hint=last)
    params = {"at": day.isoformat(), "confidence": confidence}
    citation = "Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208–1214."
    return SpecificationCurve(
        provenance=Provenance("specification_curve", params, citation=citation),
        checks=(Check("all choices possible", None if not refused else False, "; ".join(refused) or "all"),),
        series=known.name,
        event=name,
        at=day,
        choices=tuple(sorted(choices, key=lambda one: one.effect)),
        refused=tuple(refused),
        unit="share of the level without the event" if share else known.unit,
    )


def _asked(share: bool) -> Iterator[tuple[str, str, str, str]]:
    return product(METHODS, SHAPES, WINDOWS, ("as given", "logarithm") if share else ("as given",))


def _choice(series: Series, at: date, asked: tuple[str, str, str, str], confidence: float, *, share: bool) -> Choice:
    method, shape, window, scale = asked
    near = around(series, at, WINDOWS[window])
    used = logged(near) if scale == "logarithm" else near
    split = design(observed(used, least=LEAST_BEFORE + LEAST_AFTER), at, SHAPES[shape], season=SEASONS[method])
    *ends, p = METHODS[method](split, confidence)
    if scale == "logarithm":
        ends = [proportional(end) for end in ends]
    elif share:
        ends = [end / _without(split, ends[0]) for end in ends]
    middle, low, high = ends
    return Choice(*asked, middle, low, high, p)


def _without(split: Design, effect: float) -> float:
    """The level without the event, as a yardstick: what was observed less the effect, or the level before."""
    implied = float(split.y[split.after].mean()) - effect
    return implied if implied > 0 else float(split.y[~split.after].mean())


def around(series: Series, at: date, share: float) -> Series:
    """The share of the periods before an event, and of those after it, that are nearest to it."""
    import pandas as pd

    if share >= 1:
        return series
    frame = series.frame
    known = frame["value"].notna()
    before = frame.index[known & (frame["period_end"] < pd.Timestamp(at))]
    after = frame.index[known & (frame["period_end"] >= pd.Timestamp(at))]
    first = before[int(len(before) * (1 - share))] if len(before) else frame.index[0]
    last = after[max(int(np.ceil(len(after) * share)) - 1, 0)] if len(after) else frame.index[-1]
    return replace(series, frame=frame.loc[first:last].reset_index(drop=True))
