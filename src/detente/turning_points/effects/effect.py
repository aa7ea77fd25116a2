"""A series, the date of an event and perhaps controls to what the event changed: average, sum, and period by period."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from detente.errors import SeriesError, unknown_name
from detente.results import Check, Provenance, Result
from detente.turning_points.effects.state_space import StateSpace
from detente.turning_points.plain import as_day, as_series, told
from detente.turning_points.timeline import FEW, Timeline, gap_check, number, observed, outlier_check, side_checks

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from detente.records import Series
    from detente.turning_points.effects.counterfactuals import Answer
    from detente.turning_points.effects.designs import Design, Season

Method = Literal["robust", "bsts"]
Span = tuple[float, float, float]
CITATIONS = {
    "robust": "Box and Tiao (1975), Journal of the American Statistical Association 70.",
    "bsts": "Brodersen et al. (2015), Annals of Applied Statistics 9(1).",
    "counts": "Zeger (1988), Biometrika 75(4).",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Result):
    """What an event changed.

    Attributes:
        series: Name of the series.
        event: The event, in words.
        method: "robust", "bsts" or "counts".
        average: Average change over the periods after the event, in the unit of the series; `lower` and `upper` are the
            ends of its interval, `p` its two-sided tail probability at zero.
        cumulative: The change summed over the periods after with a value, with its interval.
        relative: The average as a share of what the values would have been, with its interval; None where that may be
            zero.
        projected: The average without any assumed shape of the change, with its interval: the periods before, carried
            on. None where `average` assumes no shape either.
        controls: For each control the probability that it belongs in the model.
        before: Number of values before the event; `after`: after it.
        transition: The period that contains the event and is left out, in words; empty where none is.
        table: Rows of `to_frame`.
    """

    series: str
    event: str
    at: date
    method: str
    average: float
    lower: float
    upper: float
    p: float
    confidence: float
    cumulative: Span
    relative: Span | None
    projected: Span | None
    controls: tuple[tuple[str, float], ...]
    before: int
    after: int
    transition: str
    unit: str
    table: tuple[dict[str, object], ...]

    @property
    def found(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.p < 1 - self.confidence

    @property
    def one_sided(self) -> float:
        """The tail probability on the side of the estimate, as CausalImpact prints it."""
        return self.p / 2

    def to_frame(self) -> pd.DataFrame:
        """One row for each value used, in time order.

        Columns: `period_start`, `value`, `after`; after the event also what it would have been `without` the event
        (`low`, `high`), `effect` (`effect_low`, `effect_high`) and `cumulative` (`cumulative_low`, `cumulative_high`).
        They assume no shape of the change: under "robust" they are wider than `average`, which assumes an even one.
        """
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """The verdict, the change with its interval, and what weakens it."""
        unit = f" {self.unit}" if self.unit else ""
        size = f"{number(abs(self.average) if self.found else self.average)}{unit} on average"
        verdict = (
            f"{self.series} was {'higher' if self.average > 0 else 'lower'} after {self.event} by {size}"
            if self.found
            else f"{self.series} shows no change after {self.event} that can be told from chance: {size}"
        )
        share = f", {self.relative[0]:+.0%} of what it would have been" if self.relative else ""
        left = f"; {self.transition} is left out as the period of transition" if self.transition else ""
        return (
            f"{verdict}{share} ({self.confidence:.0%} interval of the change {number(self.lower)} to "
            f"{number(self.upper)}, tail probability {self.p:.3f}, {self.before} periods before and {self.after} after"
            f"{left}).{self._doubts()}"
        )

    def _doubts(self) -> str:
        doubts = ""
        if self.before < FEW:
            doubts += (
                f" With {self.before} periods before the event no method can know how the series moves by itself: "
                "take the interval for a lower limit of the uncertainty."
            )
        uneven = any(check.name == "even change" and check.passed is False for check in self.checks)
        if uneven and self.projected:
            middle, low, high = self.projected
            doubts += (
                f" The change was not even: without an assumed shape it is {number(middle)} ({number(low)} to "
                f"{number(high)})."
            )
        if any(check.name == "controls unmoved" and check.passed is False for check in self.checks):
            doubts += " A control moved at the same date: part of the effect may be its own."
        return doubts

    def plot(self) -> alt.VConcatChart:
        """Three panels: values with what they would have been, the effect period by period, its sum."""
        from detente.turning_points.effects import panels

        return panels.three(self.to_frame(), at=self.at, title=f"{self.series}: {self.event}", unit=self.unit)


def effect(  # noqa: PLR0913 (what an analyst may choose, by name)
    series: Any,
    at: Any,
    controls: Any = None,
    *,
    method: Method | StateSpace = "robust",
    season: Season = "auto",
    counts: bool = False,
    confidence: float = 0.95,
    name: str = "",
    draws: int = 1000,
    seed: int = 1,
) -> Effect:
    """Estimate what an event changed: average, sum, and period by period.

    Question: by how much did the values after the date differ from what they would have been? "robust" assumes a change
    that is even over the periods after, and noise that is AR(1) plus a random walk of unknown strength, over which, as
    over a trend, a season and the controls, the answer is averaged; without a change its interval leaves out zero in
    about 5 % of series (docs: calibration). "bsts" is the model of R's CausalImpact, for comparison with it: it assumes
    no shape of the change, but a level that hardly moves; where values drift or are autocorrelated it finds an effect
    in a fifth of the series that have none. Both assume that nothing else changed at that date, and that the event did
    not touch the controls.

    Args:
        series: The measure: a series, pandas, polars, Arrow or an array.
        at: Day of the event; the period that contains it is left out, save where the event falls on its first days.
        controls: Series that moved with this one before and were not touched by the event: a data frame with one a
            column, a series, or a list of them, on the same periods.
        method: "robust", "bsts", or a `StateSpace` that says what the model holds.
        season: Periods in a cycle; "auto" takes it from the frequency under "robust" and none under "bsts".
        counts: Whether the values are counts of events, whose rate the event multiplies.
        confidence: Of the intervals.
        name: What to call the event.
        draws: How many values of the standard deviations "bsts" averages over.
        seed: Of these.

    Raises:
        SeriesError: Date outside the data, too few values on a side, values without variation, controls with periods
            missing, or a control that is the series itself.

    References:
        Box and Tiao (1975), Journal of the American Statistical Association 70. Brodersen, Gallusser, Koehler, Remy and
        Scott (2015), Annals of Applied Statistics 9(1).
    """
    given = as_series(series)
    day = as_day(at, given)
    if not 0 < confidence < 1:
        raise SeriesError(f"a confidence of {confidence} is none", hint="give a share between 0 and 1, such as 0.95")
    if counts:
        return _of_counts(given, day, controls, season, confidence, name)
    model = _model(method, season, draws, seed)
    return _of_values(given, day, controls, model, season, confidence, name)


def _model(method: Method | StateSpace, season: Season, draws: int, seed: int) -> StateSpace | None:
    """The state-space model that is asked for; None for the robust method."""
    if isinstance(method, StateSpace):
        return method
    if method == "bsts":
        return StateSpace(season=season if isinstance(season, int) else None, draws=draws, seed=seed)
    if method == "robust":
        return None
    raise unknown_name("method", str(method), ("robust", "bsts"))


def _of_values(
    series: Series, at: date, controls: Any, model: StateSpace | None, season: Season, confidence: float, name: str
) -> Effect:
    from detente.turning_points.effects import counterfactuals
    from detente.turning_points.effects.controls import aligned
    from detente.turning_points.effects.designs import LEAST_AFTER, LEAST_BEFORE, design

    timeline = observed(series, least=LEAST_BEFORE + LEAST_AFTER)
    split = design(timeline, at, "level", season=None if model else season)
    beside = aligned(controls, timeline, split.positions, split.y)
    answer = counterfactuals.answer(split, beside.values, model, confidence)
    after = int(split.after.sum())
    average, lower, upper, p = answer.average
    asked = {"at": at.isoformat(), "name": name, "season": season, "confidence": confidence, "controls": beside.names}
    return Effect(
        provenance=_provenance(timeline, model, asked),
        checks=_checks(timeline, split, answer, beside),
        series=series.name,
        event=_event(name, at, series),
        at=at,
        method="bsts" if model else "robust",
        average=average,
        lower=lower,
        upper=upper,
        p=p,
        confidence=confidence,
        cumulative=(average * after, lower * after, upper * after),
        relative=relative(float(split.y[split.after].mean()), (average, lower, upper)),
        projected=answer.projected,
        controls=tuple(zip(beside.names, answer.included, strict=True)),
        before=len(split.y) - after,
        after=after,
        transition=split.transition,
        unit=series.unit,
        table=answer.rows(timeline, split),
    )


def _provenance(timeline: Timeline, model: StateSpace | None, asked: dict[str, Any]) -> Provenance:
    called = "bsts" if model else "robust"
    params = asked | {"method": called} | (asdict(model) if model else {})
    return Provenance("effect", params, timeline.fingerprint, CITATIONS[called], model.seed if model else None)


def _event(name: str, at: date, series: Series) -> str:
    if name:
        return name
    return f"number {told(at, 'number')}" if series.frequency == "number" else f"the event of {at}"


def relative(actual: float, change: Span) -> Span | None:
    """A change as a share of what the value would have been; None where that may be zero."""
    without = [actual - part for part in change]
    if min(without) <= 0 <= max(without):
        return None
    middle, *ends = (part / abs(base) for part, base in zip(change, without, strict=True))
    return middle, min(ends), max(ends)


def _checks(timeline: Timeline, split: Design, answer: Answer, beside: Any) -> tuple[Check, ...]:
    from detente.turning_points.effects.controls import unmoved_check

    before, after = int((~split.after).sum()), int(split.after.sum())
    checks = [
        *side_checks(before, after),
        gap_check(timeline),
        outlier_check(answer.residuals),
    ]
    if answer.projected:
        middle, low, high = answer.projected
        detail = f"the periods before, carried on, give {number(middle)} ({number(low)} to {number(high)})"
        checks.append(Check("even change", low <= answer.average[0] <= high, detail))
    if beside.names:
        checks.append(unmoved_check(beside, split.positions, before))
        used = ", ".join(f"{name} {share:.0%}" for name, share in zip(beside.names, answer.included, strict=True))
        checks.append(Check("controls in the model", None, f"probability that each belongs there: {used}"))
    if beside.left_out:
        checks.append(Check("controls left out", None, ", ".join(beside.left_out)))
    return (*checks, *answer.checks)


def _of_counts(series: Series, at: date, controls: Any, season: Season, confidence: float, name: str) -> Effect:
    from detente.turning_points.effects.counts import counts as count_effect

    if controls is not None:
        raise SeriesError(
            "controls cannot stand beside counts",
            hint="leave the controls out, or take rates or logarithms and leave out counts=True",
        )
    found = count_effect(series, at, season=season, confidence=confidence)
    rows = tuple(
        row | {"effect": float(row["value"]) - float(row["without"]) if row["after"] else float("nan")}  # type: ignore[arg-type]
        for row in found.table
    )
    params = {**found.provenance.params, "counts": True, "name": name}
    average, lower, upper = (float(part) for part in found.average)
    total = tuple(float(part) for part in found.cumulative)
    return Effect(
        provenance=Provenance("effect", params, found.provenance.inputs, CITATIONS["counts"]),
        checks=found.checks,
        series=found.series,
        event=_event(name, at, series),
        at=at,
        method="counts",
        average=average,
        lower=lower,
        upper=upper,
        p=found.p,
        confidence=confidence,
        cumulative=(total[0], total[1], total[2]),
        relative=(found.ratio - 1, found.low - 1, found.high - 1),
        projected=None,
        controls=(),
        before=found.before,
        after=found.after,
        transition=found.transition,
        unit=found.unit,
        table=rows,
    )
