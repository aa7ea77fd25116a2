"""A series and an event to a turning point: what methods and checks agree on, with its grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.records import Series
from detente.results import Check, Provenance, Result
from detente.turning_points.belief import robustness
from detente.turning_points.belief.curve import SpecificationCurve, specification_curve
from detente.turning_points.belief.grade import AGREE, TELL, Evidence, Grade, grade
from detente.turning_points.belief.placebos import FalseAlarms, in_outcomes, in_space, in_time
from detente.turning_points.belief.scales import (
    Scale,
    dates_restored,
    effect_restored,
    has_logarithm,
    logged,
    scaled,
)
from detente.turning_points.dating.rivals import SURE, DateComparison, compare_dates
from detente.turning_points.effects.interventions import InterventionEffect, intervention
from detente.turning_points.plain import as_day, as_series

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Span = tuple[str, date, date]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a series is compared with, and what else happened.

    Attributes:
        rivals: Names and days of other explanations.
        shocks: Name, first and last day of what else happened.
        units: The same measure in units that did not have the event.
        outcomes: Measures that the event cannot have touched.
        history: The series over a longer time, for placebo dates; None: the series itself.
    """

    rivals: Sequence[tuple[str, date]] = ()
    shocks: Sequence[Span] = ()
    units: Sequence[Series] = ()
    outcomes: Sequence[Series] = ()
    history: Series | None = None


ALONE = Beside()


@dataclass(frozen=True, slots=True, kw_only=True)
class TurningPoint(Result):
    """What methods and checks agree on.

    Attributes:
        grade: "strong", "moderate", "weak" or "none"; the rule is `grade`'s.
        short_of: What keeps it from the next grade.
        dating: The probability of each date.
        effect: What changed at the date.
        alarms: What the same procedure finds at dates where nothing happened.
        curve: What every reasonable specification says.
        beforehand: Whether the date was named without looking at the series.
    """

    series: str
    event: str
    at: date
    grade: Grade
    short_of: tuple[str, ...]
    dating: DateComparison
    effect: InterventionEffect
    alarms: FalseAlarms
    curve: SpecificationCurve
    beforehand: bool

    def to_frame(self) -> pd.DataFrame:
        """The checks: `check`, `passed` (True, False or None: informative), `detail`."""
        import pandas as pd

        rows = [{"check": one.name, "passed": one.passed, "detail": one.detail} for one in self.checks]
        return pd.DataFrame(rows, columns=["check", "passed", "detail"]).astype({"passed": "object"})

    def summary(self) -> str:
        """The grade first, then what it rests on and what it lacks."""
        what = self.event or self.at.isoformat()
        opens = {
            "none": f"No turning point of {self.series} at {what}",
            "weak": f"Weak evidence that {what} was a turning point of {self.series}",
            "moderate": f"Moderate evidence that {what} was a turning point of {self.series}",
            "strong": f"Strong evidence that {what} was a turning point of {self.series}",
        }[self.grade]
        rate = self.alarms.rate
        alarms = "cannot be known" if rate is None else f"{rate:.0%} of {self.alarms.tried} dates"
        effect = self.effect
        lacks = f" Short of more: {'; '.join(self.short_of)}." if self.short_of else ""
        return (
            f"{opens}: a change at this date has probability {self.dating.claimed.probability or 0:.2f}, no change "
            f"{self.dating.p_no_break:.2f}; effect {effect.effect:+.3g} {effect.unit} ({effect.low:+.3g} to "
            f"{effect.high:+.3g}, p {effect.p:.3f}), beside a false-alarm rate on this series: {alarms}.{lacks}"
        )

    def plot(self) -> alt.VConcatChart:
        """The probability of each date, the effect, and the specification curve."""
        import altair as alt

        return alt.vconcat(self.dating.plot(), self.effect.plot(), self.curve.plot())


def turning_point(
    series: Any, at: Any = None, *, name: str = "", beside: Beside = ALONE, scale: Scale = "as given"
) -> TurningPoint:
    """Say whether a date was a turning point of a series, with a grade by a published rule.

    Question: did the series change at this date, by how much, and what speaks against it? Assumptions are those of
    `compare_dates` and `intervention`; placebos, rivals, windows and specifications test them. The grade is that of
    `grade.grade`; how often it errs on series without a change is in the docs (calibration).

    Args:
        series: See `plain.as_series`.
        at: Day of the event; where it is not given, the likeliest date, which cannot be graded above moderate.
        name: What to call the event.
        beside: Rivals, shocks, units without the event, outcomes that should not move.
        scale: "logarithms" where changes are proportional: money, people.

    Raises:
        SeriesError: Date outside the data, or too few values for any method.
    """
    given = as_series(series)
    known = scaled(given, scale)
    day = _likeliest(known) if at is None else as_day(at, known)
    dating = compare_dates(known, (name or day.isoformat(), day), beside.rivals)
    effect = intervention(known, day, name=name)
    alarms = in_time(scaled(beside.history, scale) if beside.history else known, day, avoid=_busy(beside))
    curve = specification_curve(given, day, name=name)
    checks = (*_checks(known, dating, effect, _on(beside, scale)), alarms.check(), _curve_check(curve, effect))
    sign = 1.0 if effect.effect > 0 else -1.0
    seen = Evidence(
        dated=(dating.claimed.probability or 0.0) >= SURE,
        measured=effect.found,
        beforehand=at is not None,
        alarms=alarms.rate,
        agree=curve.agreeing(sign),
        tell=curve.telling(sign, "robust"),
        before=effect.before,
        after=effect.after,
        checks=checks,
    )
    graded, short = grade(seen)
    params = {"at": day.isoformat(), "name": name, "scale": scale}
    return TurningPoint(
        provenance=Provenance("turning_point", params, dating.provenance.inputs),
        checks=checks,
        series=known.name,
        event=name,
        at=day,
        grade=graded,
        short_of=short,
        dating=dates_restored(dating) if scale == "logarithms" else dating,
        effect=effect_restored(effect) if scale == "logarithms" else effect,
        alarms=alarms,
        curve=curve,
        beforehand=at is not None,
    )


def _likeliest(series: Series) -> date:
    middle = series.frame["period_start"].iloc[len(series.frame) // 2].date()
    found = compare_dates(series, ("the middle", middle))
    return max(zip(found.probabilities, found.dates, strict=True))[1][0]


def _busy(beside: Beside) -> list[tuple[date, date]]:
    return [(day, day) for _, day in beside.rivals] + [(first, last) for _, first, last in beside.shocks]


def _on(beside: Beside, scale: Scale) -> Beside:
    """What stands beside, on the same scale; what has no logarithm is left out."""
    if scale == "as given":
        return beside
    units, outcomes = ([logged(one) for one in some if has_logarithm(one)] for some in (beside.units, beside.outcomes))
    return replace(beside, units=units, outcomes=outcomes)


def _checks(series: Series, dating: DateComparison, effect: InterventionEffect, beside: Beside) -> tuple[Check, ...]:
    at = effect.at
    return (
        robustness.pre_trend(series, at, effect.effect),
        robustness.anticipation(series, at),
        robustness.windows(series, at, effect.effect),
        robustness.rival_dates(dating),
        robustness.shocks_beside(series, at, beside.shocks),
        in_space(beside.units, at, effect.effect),
        in_outcomes(beside.outcomes, at),
    )


def _curve_check(curve: SpecificationCurve, effect: InterventionEffect) -> Check:
    sign = 1.0 if effect.effect > 0 else -1.0
    agree, tell = curve.agreeing(sign), curve.telling(sign, "robust")
    detail = (
        f"{agree:.0%} of {len(curve.choices)} specifications have the sign of the effect; "
        f"{tell:.0%} of the robust ones leave out zero"
    )
    return Check("other methods and choices", agree >= AGREE and tell >= TELL if effect.found else None, detail)
