"""A series and the date of an event to what changed at that date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.results import Check, Provenance, Result
from detente.turning_points.effects import classical, shapes
from detente.turning_points.effects.designs import LEAST_AFTER, LEAST_BEFORE, Design, Estimate, Model, Season, design
from detente.turning_points.plain import as_day, as_series, told
from detente.turning_points.timeline import Timeline, gap_check, number, observed, outlier_check, side_checks

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

PROPORTION = "% of what was expected"
"""Unit of an effect that was estimated on logarithms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionEffect(Result):
    """What changed at a named date.

    Attributes:
        series: Name of the series.
        event: Name of the event.
        effect: Average change over the periods after the event, in the unit of the series; `low` and `high` are the
            ends of its interval, `p` its two-sided tail probability at zero.
        step: Change in the first period after the event; the same as `effect` under "level".
        slope: Change of the slope a period, with its interval; None where the model has no slope.
        shape: What is assumed of the change, in words.
        projected: The average change without assuming its shape, (estimate, low, high): the periods before, carried
            on, against what came after; None where the method does not give it.
        before: Number of values before the event; `after`: after it.
        transition: The period that contains the event and is left out, in words; empty where none is.
        unit: Unit of the values.
        table: Rows of `to_frame`.
    """

    series: str
    event: str
    at: date
    model: Model
    effect: float
    low: float
    high: float
    p: float
    confidence: float
    step: float
    slope: tuple[float, float, float] | None
    projected: tuple[float, float, float] | None
    before: int
    after: int
    transition: str
    shape: str
    unit: str
    table: tuple[dict[str, object], ...]

    @property
    def found(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.p < 1 - self.confidence

    def to_frame(self) -> pd.DataFrame:
        """One row for each value used: `period_start`, `value`, `without` the event, `low`, `high`, `after`."""
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """The change, its interval, and whether it can be told from none."""
        share = f"{self.confidence:.0%}"
        what = self.event or f"the event of {self.at}"
        left = f"; {self.transition} is left out as the period of transition" if self.transition else ""
        shape = "" if self.model == "level" else f"; assumed: {self.shape}"
        size = f"{number(abs(self.effect) if self.found else self.effect)} {self.unit}"
        higher = "more" if self.effect > 0 else "less"
        if self.unit == PROPORTION:
            size = f"{abs(self.effect):.0f} % {higher} than expected"
        verdict = (
            f"{self.series} was {'higher' if self.effect > 0 else 'lower'} after {what} by"
            if self.found
            else f"{self.series} shows no change after {what} that can be told from chance:"
        )
        return (
            f"{verdict} {size.strip()} on average "
            f"({share} interval of the change {number(self.low)} to {number(self.high)}, "
            f"tail probability {self.p:.3f}, {self.before} periods before and {self.after} after{shape}{left})."
        )

    def plot(self) -> alt.LayerChart:
        """Values, and what the model expects without the event."""
        from detente.turning_points import plots

        return plots.effect(
            self.to_frame(), at=self.at, title=f"{self.series}: {self.event or self.at}", unit=self.unit
        )


def intervention(
    series: Any,
    at: Any,
    *,
    name: str = "",
    model: Model = "level",
    over: int | None = None,
    season: Season = "auto",
    confidence: float = 0.95,
) -> InterventionEffect:
    """Estimate what changed at a named date, with errors that may be autocorrelated and drift.

    Question: by how much did the values after the date differ, on average, from what they would have been? Assumes that
    nothing else changed at that date, that the change has the shape asked for, and noise that is AR(1) plus a random
    walk of unknown strength; a trend, if there is one, is linear. Noise, trend and season are averaged out: the
    interval is that of a mixture of t distributions.
    The values are taken as they are: transform money beforehand where proportional change is meant, and see `counts`.

    Args:
        series: The measure.
        at: Day of the event.
        name: What to call the event.
        model: Shape of the change. Whatever it is, `effect` is its average over all values after the event: "level"
            moves at once and stays; "slope" bends the trend; "level_and_slope" does both; "pulse" moves the first
            periods only, so that its average shrinks as the periods after grow in number (`step` is its height);
            "gradual" grows evenly to a new level (`step` is the part of the first period).
        over: How many periods the pulse lasts (1 where not said) or the gradual change grows (a quarter of the periods
            after, at least 2).
        season: How many periods a cycle has; "auto" takes 12 for months, 4 for quarters, 52 for weeks and 7 for days;
            None: no season. It counts as far as the values speak for it.
        confidence: Of the interval.

    Raises:
        SeriesError: Date outside the data, too few values on a side, or values without any variation.

    References:
        Box and Tiao (1975), Journal of the American Statistical Association 70; Harville (1974), Biometrika 61, for the
        restricted likelihood.
    """
    return _effect(series, shapes.estimate, "intervention", _Asked(at, name, model, over, season, confidence))


def its_hac(
    series: Any,
    at: Any,
    *,
    name: str = "",
    model: Model = "level",
    over: int | None = None,
    season: Season = None,
    confidence: float = 0.95,
) -> InterventionEffect:
    """Estimate the change at a date by least squares with Newey–West errors, for comparison.

    Question and arguments as in `intervention`, but a season that is asked for is always in. Assumes errors whose
    autocorrelation dies out within a few periods; with fewer than a hundred periods the interval is too short (docs:
    calibration).

    References:
        Newey and West (1987), Econometrica 55(3).
    """
    return _effect(series, classical.hac_estimate, "its_hac", _Asked(at, name, model, over, season, confidence))


def its_ar1(
    series: Any,
    at: Any,
    *,
    name: str = "",
    model: Model = "level",
    over: int | None = None,
    season: Season = None,
    confidence: float = 0.95,
) -> InterventionEffect:
    """Estimate the change at a date by generalised least squares with AR(1) errors, for comparison.

    Question and arguments as in `intervention`, but a season that is asked for is always in. Assumes AR(1) errors
    without drift; the estimated autocorrelation is taken as known, which makes the interval too short in short series
    (docs: calibration).

    References:
        Prais and Winsten (1954), Cowles Commission Discussion Paper 383.
    """
    return _effect(series, classical.ar1_estimate, "its_ar1", _Asked(at, name, model, over, season, confidence))


CITATIONS = {
    "intervention": "Box and Tiao (1975), Journal of the American Statistical Association 70.",
    "its_hac": "Newey and West (1987), Econometrica 55(3).",
    "its_ar1": "Prais and Winsten (1954), Cowles Commission Discussion Paper 383.",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    at: Any
    name: str
    model: Model
    over: int | None
    season: Season
    confidence: float


def _effect(values: Any, method: Callable[[Design, float], Estimate], called: str, asked: _Asked) -> InterventionEffect:
    series = as_series(values)
    at, name, model, confidence = as_day(asked.at, series), asked.name, asked.model, asked.confidence
    timeline = observed(series, least=LEAST_BEFORE + LEAST_AFTER)
    split = design(timeline, at, model, over=asked.over, season=asked.season)
    found = method(split, confidence)
    effect, low, high, p = found.effect
    params = {"at": at.isoformat(), "name": name, "model": model, "confidence": confidence}
    params |= {"over": asked.over} if asked.over else {}
    params |= {"season": asked.season} if asked.season else {}
    return InterventionEffect(
        provenance=Provenance(called, params, timeline.fingerprint, CITATIONS[called]),
        checks=_checks(timeline, split, found),
        series=series.name,
        event=name or (f"number {told(at, 'number')}" if series.frequency == "number" else ""),
        at=at,
        model=model,
        effect=effect,
        low=low,
        high=high,
        p=p,
        confidence=confidence,
        step=found.step,
        slope=found.slope,
        projected=found.projected,
        before=int((~split.after).sum()),
        after=int(split.after.sum()),
        transition=split.transition,
        shape=split.shape,
        unit=series.unit,
        table=_table(timeline, split, found),
    )


def _table(timeline: Timeline, split: Design, found: Estimate) -> tuple[dict[str, object], ...]:
    import pandas as pd

    effect, low, high, _ = found.effect
    nan = float("nan")
    return tuple(
        {
            "period_start": pd.Timestamp(timeline.starts[at]),
            "value": float(value),
            "without": float(expected),
            "low": float(expected + effect - high) if after else nan,
            "high": float(expected + effect - low) if after else nan,
            "after": bool(after),
        }
        for at, value, expected, after in zip(split.positions, split.y, found.without, split.after, strict=True)
    )


def _checks(timeline: Timeline, split: Design, found: Estimate) -> tuple[Check, ...]:
    before, after = int((~split.after).sum()), int(split.after.sum())
    caused = found.effect[0] * split.after if found.caused is None else found.caused
    checks = [
        *side_checks(before, after),
        gap_check(timeline),
        outlier_check(split.y - found.without - caused),
    ]
    if found.projected:
        middle, low, high = found.projected
        detail = f"the periods before, carried on, give {number(middle)} ({number(low)} to {number(high)})"
        checks.append(Check("change of any shape", low <= found.effect[0] <= high, detail))
    return tuple(checks)
