"""A series of counts and the date of an event to how the rate changed at that date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from detente.errors import SeriesError, unknown_name
from detente.records import Series
from detente.results import Check, Provenance, Result
from detente.turning_points.effects import rate_ratios
from detente.turning_points.effects.designs import LEAST_AFTER, LEAST_BEFORE, Design, Model, Season, design
from detente.turning_points.effects.families import Family
from detente.turning_points.effects.rate_ratios import UNKNOWN, Reading, Span
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_day, as_series, told
from detente.turning_points.timeline import Timeline, gap_check, number, observed, outlier_check, side_checks

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

CITATION = "McCullagh and Nelder (1989), Generalized Linear Models; Zeger (1988), Biometrika 75(4)."


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEffect(Result):
    """How the rate of events changed at a named date.

    Attributes:
        series: Name of the series.
        event: The event, in words.
        ratio: Expected events after the event, over those expected without it; `low` and `high` are the ends of its
            interval, `p` its two-sided tail probability at 1. NaN where nothing bounds it: with no event on a side only
            a limit can be given.
        average: Change in events a period, over the periods after the event; NaN without events after it.
        cumulative: The same, summed: the events after it less those expected without it, n · (1 − 1 / ratio).
        step: Ratio in the first period after the event.
        slope: Ratio by which the event changed the growth from one period to the next; None where the shape has none.
        trend: Growth from one period to the next without the event, as a ratio; None where the model has none, or
            averages over whether there is one.
        dispersion: Squared residuals in units of the Poisson variance, per degree of freedom; 1 for Poisson counts.
        scatter: Over-dispersion in the model: the variance is mu + scatter · mu².
        deviance: Deviance of the fit, with `freedom` degrees of freedom; of the Poisson kind where scatter is 0.
        before: Number of values before the event; `after`: after it; `events`: events in each of the two.
        transition: The period that contains the event and is left out, in words; empty where none is.
        shape: What is assumed of the change, in words.
        table: Rows of `to_frame`.
    """

    series: str
    event: str
    at: date
    model: Model
    family: Family
    ratio: float
    low: float
    high: float
    p: float
    confidence: float
    average: Span
    cumulative: Span
    step: Span
    slope: Span | None
    trend: Span | None
    dispersion: float
    scatter: float
    deviance: float
    freedom: int
    before: int
    after: int
    events: tuple[int, int]
    transition: str
    shape: str
    unit: str
    table: tuple[dict[str, object], ...]

    @property
    def found(self) -> bool:
        """Whether the interval leaves out a ratio of 1."""
        return self.p < 1 - self.confidence

    def to_frame(self) -> pd.DataFrame:
        """One row for each value used: `period_start`, `value`, `without` the event, `low`, `high`, `after`."""
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """The ratio, its interval, and whether it can be told from 1."""
        share = f"{self.confidence:.0%} interval"
        verdict = (
            f"{self.series}: the rate was {'higher' if self._rises else 'lower'} after {self.event}"
            if self.found
            else f"{self.series} shows no change of its rate after {self.event} that can be told from chance"
        )
        ends = f"{number(self.low)} to {number(self.high)}" if np.isfinite(self.high) else f"{number(self.low)} up"
        sums = ""
        if np.isfinite(self.cumulative).all():
            total, low, high = (number(value) for value in self.cumulative)
            sums = f", change in their number {total} ({low} to {high})"
        known = f"ratio {number(self.ratio)}, {share} {ends}" if np.isfinite(self.ratio) else f"ratio {ends} ({share})"
        left = f"; {self.transition} is left out as the period of transition" if self.transition else ""
        shape = "" if self.model == "level" else f"; assumed: {self.shape}"
        return (
            f"{verdict} ({known}, tail probability {self.p:.3f}, {self.events[0]:,} events in {self.before} periods "
            f"before and {self.events[1]:,} in {self.after} after{sums}{shape}{left})."
        )

    @property
    def _rises(self) -> bool:
        return self.low > 1

    def plot(self) -> alt.LayerChart:
        """Counts, and what the model expects without the event."""
        from detente.turning_points import plots

        return plots.effect(self.to_frame(), at=self.at, title=f"{self.series}: {self.event}", unit=self.unit)


def counts(
    series: Any,
    at: Any,
    *,
    exposure: Any = None,
    model: Model = "level",
    season: Season = "auto",
    family: Family = "robust",
    confidence: float = 0.95,
) -> CountEffect:
    """Estimate by which ratio the rate of events changed at a named date.

    Question: how many times as many events came after the date as would have come without it? Assumes that nothing else
    changed at that date and that event, trend and season multiply the rate. The default allows for counts that scatter
    more than Poisson counts and whose log rate is AR(1) plus a random walk, all of unknown strength, and averages over
    noise, trend and season. The other families are the textbook's: always with trend and season, and with intervals
    that are too short where the rate wanders (docs: count series).

    Args:
        series: Counts: whole numbers from 0 on.
        at: Day of the event.
        exposure: What the events come from, such as population: a series of the same periods, or one value a period.
        model: Shape of the change of the log rate, as in `intervention`. Whatever it is, `ratio` compares all events
            after with those expected without the event.
        season: As in `intervention`; considered by the default where there are ten events a coefficient.
        family: "robust"; "poisson"; "quasi-poisson" (errors scaled by the dispersion); "negative-binomial"; "hac"
            (Poisson fit, Newey–West errors).
        confidence: Of the interval.

    Raises:
        SeriesError: Values that are no counts, no events at all, exposure that is missing or not positive, or events
            too few to tell apart what the model asks for.

    References:
        McCullagh and Nelder (1989), Generalized Linear Models. Zeger (1988), Biometrika 75(4), for counts with a latent
        autocorrelated rate. Lopez Bernal, Cummins and Gasparrini (2017), International Journal of Epidemiology 46(1).
    """
    if family not in get_args(Family):
        raise unknown_name("family", family, get_args(Family))
    found = as_series(series)
    day = as_day(at, found)
    timeline = observed(found, least=LEAST_BEFORE + LEAST_AFTER)
    whole(timeline)
    split = design(timeline, day, model, season=season)
    offset = _offset(found, exposure, timeline, split)
    read = rate_ratios.read(timeline.name, split, offset, family, confidence)
    params: dict[str, Any] = {
        "at": day.isoformat(),
        "model": model,
        "season": season,
        "family": family,
        "confidence": confidence,
    }
    inputs = timeline.fingerprint
    if exposure is not None:
        params["exposure"] = as_series(exposure).name
        inputs += f"+{observed(as_series(exposure), least=1).fingerprint}"
    return CountEffect(
        provenance=Provenance("counts", params, inputs, CITATION),
        checks=_checks(timeline, split, read, family),
        series=found.name,
        event=f"the event of {told(day, found.frequency)}",
        at=day,
        model=model,
        family=family,
        confidence=confidence,
        before=int((~split.after).sum()),
        after=int(split.after.sum()),
        events=(int(split.y[~split.after].sum()), int(split.y[split.after].sum())),
        transition=split.transition,
        shape=split.shape,
        unit=found.unit,
        table=_table(timeline, split, read),
        **read.numbers,
    )


def whole(timeline: Timeline) -> None:
    """See that values are counts with at least one event among them.

    Raises:
        SeriesError: They are not.
    """
    values = timeline.values
    if (values < 0).any() or (values != np.round(values)).any():
        odd = values[(values < 0) | (values != np.round(values))][0]
        raise SeriesError(
            f"{timeline.name} holds {odd:g}, which is no count", hint="counts are whole numbers from 0 on; see `effect`"
        )
    if not values.any():
        raise SeriesError(f"{timeline.name} has no event in any period", hint="take longer periods or a wider measure")


def _offset(series: Series, exposure: Any, timeline: Timeline, split: Design) -> Array:
    """Log exposure of each value, centred."""
    if exposure is None:
        return np.zeros(len(split.y))
    other = as_series(exposure)
    rows = other.frame["value"].to_numpy(dtype=float)
    days = [stamp.date() for stamp in other.frame["period_start"]]
    if other.frequency == "number" and len(rows) == len(series.frame):
        days = [stamp.date() for stamp in series.frame["period_start"]]
    by_day = dict(zip(days, rows, strict=True))
    sizes = np.array([by_day.get(timeline.starts[at], UNKNOWN) for at in split.positions])
    if not (sizes > 0).all() or np.isinf(sizes).any():
        first = timeline.label(split.positions[int(np.argmin(sizes > 0))])
        raise SeriesError(
            f"the exposure of {timeline.name} is missing or not positive in {first}",
            hint="give one positive value for each period with a count, or none at all",
        )
    return np.asarray(np.log(sizes) - np.log(sizes).mean())


def _table(timeline: Timeline, split: Design, read: Reading) -> tuple[dict[str, object], ...]:
    import pandas as pd

    ratio, low, high = (read.numbers[key] for key in ("ratio", "low", "high"))
    narrow, wide = (ratio / high, ratio / low) if low > 0 else (UNKNOWN, UNKNOWN)
    return tuple(
        {
            "period_start": pd.Timestamp(timeline.starts[at]),
            "value": float(value),
            "without": float(expected),
            "low": float(expected * narrow) if after else UNKNOWN,
            "high": float(expected * wide) if after else UNKNOWN,
            "after": bool(after),
        }
        for at, value, expected, after in zip(split.positions, split.y, read.without, split.after, strict=True)
    )


def _checks(timeline: Timeline, split: Design, read: Reading, family: Family) -> tuple[Check, ...]:
    before, after = int((~split.after).sum()), int(split.after.sum())
    events = [int(split.y[side].sum()) for side in (~split.after, split.after)]
    scale = np.sqrt(np.maximum(read.mu, 1e-12))
    residuals = (split.y - read.mu) / scale
    dispersion = read.numbers["dispersion"]
    checks = [
        *side_checks(before, after),
        Check("enough events", min(events) >= 5, f"{events[0]} before and {events[1]} after; few events tell little"),
        gap_check(timeline),
        Check("zeros", None, f"{int((split.y == 0).sum())} of {len(split.y)} periods have no event"),
    ]
    if read.limited:
        return (*checks, Check("ratio", None, read.limited))
    passed = None if family != "poisson" else dispersion <= 1.5
    checks.append(Check("dispersion", passed, f"{dispersion:.2f} times the Poisson variance"))
    if split.season.shape[1]:
        checks.append(Check("season", None, f"a season is in the model with probability {read.seasonal:.2f}"))
    if family != "robust":
        checks.append(_alone(residuals, split.positions))
    return (*checks, outlier_check(residuals))


def _alone(residuals: Array, positions: tuple[int, ...]) -> Check:
    """Whether neighbouring residuals go together: then textbook intervals are too short."""
    next_to = np.flatnonzero(np.diff(positions) == 1)
    centred = residuals - residuals.mean()
    rho = float(centred[next_to] @ centred[next_to + 1] / max(float(centred @ centred), 1e-300))
    detail = f"autocorrelation of the residuals {rho:.2f}; the intervals assume none"
    return Check("independent counts", bool(abs(rho) <= 2 / np.sqrt(len(residuals))), detail)
