"""A series, a claimed date and its rivals to which of them the break supports, if any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check, Provenance, Result
from detente.turning_points.dating import segmentation
from detente.turning_points.dating.posterior import EDGE, date_posterior
from detente.turning_points.noise import Array
from detente.turning_points.timeline import Timeline, gap_check, observed, spread_check

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

SURE = 0.8
"""A verdict needs this probability: at most 5 % of series without a break then get one, where their spread is even."""
APART = 4.0
"""… and a candidate must be this many times as probable as each other candidate."""
LEAST = 2 * EDGE + 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that someone says was the turning point.

    Attributes:
        window: The periods that may open the new level if the date is right; those of the data, first and last.
        probability: That the level changed in the window; None where the data cannot show it.
    """

    name: str
    day: date
    window: tuple[int, int]
    windowed: str
    probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateComparison(Result):
    """Where the level changed: at the claimed date, at a rival, elsewhere, or not at all.

    Attributes:
        series: Name of the series.
        claimed: The claimed date.
        rivals: The other dates.
        verdict: "claimed", "rival:<name>", "elsewhere", "no break" or "cannot tell".
        p_no_break: Probability that the level did not change.
        p_elsewhere: Probability that it changed outside every window.
        shared: Names of candidates whose windows overlap that of the likeliest one and that it cannot be told from.
        dates: (first day, name) of each period that may open a new level, with its probability in `probabilities`.
        step: Mean change of level, given that there is one.
        unit: Unit of the values.
    """

    series: str
    claimed: Candidate
    rivals: tuple[Candidate, ...]
    verdict: str
    p_no_break: float
    p_elsewhere: float
    shared: tuple[str, ...]
    dates: tuple[tuple[date, str], ...]
    probabilities: tuple[float, ...]
    step: float
    unit: str

    @property
    def likeliest(self) -> str:
        """The period most likely to open the new level."""
        return self.dates[int(np.argmax(self.probabilities))][1]

    def to_frame(self) -> pd.DataFrame:
        """`name`, `role`, `date`, `window`, `probability`: a row for each candidate, for elsewhere and for no break."""
        import pandas as pd

        rows = [
            {"name": c.name, "role": role, "date": c.day, "window": c.windowed, "probability": c.probability}
            for role, c in self._candidates()
        ]
        rest = {"elsewhere": self.p_elsewhere, "no break": self.p_no_break}
        rows += [{"name": k, "role": k, "date": None, "window": "", "probability": v} for k, v in rest.items()]
        return pd.DataFrame(rows).astype({"date": "datetime64[s]", "probability": "float64"})

    def by_date(self) -> pd.DataFrame:
        """The posterior: `date`, `period`, `probability`."""
        import pandas as pd

        days, labels = zip(*self.dates, strict=True)
        return pd.DataFrame(
            {"date": pd.to_datetime(list(days)), "period": list(labels), "probability": list(self.probabilities)}
        )

    def _candidates(self) -> list[tuple[str, Candidate]]:
        return [("claimed", self.claimed), *(("rival", rival) for rival in self.rivals)]

    def summary(self) -> str:
        """The verdict and the probabilities it rests on."""
        words = {
            "claimed": f"the level of {self.series} changed at the claimed date ({self.claimed.name})",
            "elsewhere": f"the level of {self.series} changed at none of the named dates; likeliest {self.likeliest}",
            "no break": f"the level of {self.series} did not change",
            "cannot tell": f"{self.series} cannot tell when its level changed, if it did",
        }
        rival = self.verdict.removeprefix("rival:")
        sentence = words.get(self.verdict, f"the level of {self.series} changed at a rival date ({rival})")
        chances = ", ".join(f"{c.name} {_chance(c.probability)}" for _, c in self._candidates())
        shared = f"; the windows of {' and '.join(self.shared)} overlap and cannot be told apart" if self.shared else ""
        return (
            f"{sentence[0].upper()}{sentence[1:]} (probabilities: {chances}, elsewhere {self.p_elsewhere:.2f}, "
            f"no change {self.p_no_break:.2f}){shared}."
        )

    def plot(self) -> alt.LayerChart:
        """The probability of each date, with the claimed and the rival dates marked."""
        import pandas as pd

        from detente.turning_points import plots

        marks = [{"name": c.name, "date": pd.Timestamp(c.day), "role": role} for role, c in self._candidates()]
        return plots.dates(self.by_date(), pd.DataFrame(marks), title=f"{self.series}: when did the level change?")


def _chance(probability: float | None) -> str:
    return "not visible in the data" if probability is None else f"{probability:.2f}"


def compare_dates(
    series: Series,
    claimed: tuple[str, date],
    rivals: Sequence[tuple[str, date]] = (),
    *,
    window: int | None = None,
    between: tuple[date, date] | None = None,
) -> DateComparison:
    """Find out whether the level changed at a claimed date, at a rival, elsewhere, or not.

    Question: given one change of level at most, how probable is each date? Assumptions and references as in
    `posterior.date_posterior`. A date belongs to the period that contains it. A change within *window* periods either
    side counts for it: with window 1 and annual data the new level opens in the event's own year (it fell early) or in
    the next (it fell late).

    A verdict needs probability .8, and for a named date four times the probability of every other named date;
    otherwise it is "cannot tell".

    Args:
        series: The measure.
        claimed: Name and day of the claimed turning point.
        rivals: Names and days of other explanations.
        window: Periods either side; 3 for months, 1 otherwise.
        between: First and last day of the data to use; all where not said. One change is assumed within it.

    Raises:
        SeriesError: Fewer than eight known values, or the claimed day outside the data.
    """
    timeline = observed(within(series, between), least=LEAST)
    timeline.period_of(claimed[1])
    reach = window if window is not None else (3 if timeline.frequency == "month" else 1)
    chances, none, step = _by_period(timeline)
    named = [_candidate(timeline, name, day, reach, chances) for name, day in (claimed, *rivals)]
    covered = np.zeros(len(chances), dtype=bool)
    for candidate in named:
        covered[candidate.window[0] : candidate.window[1] + 1] = True
    elsewhere = float(np.nansum(chances[~covered]))
    verdict, shared = _verdict(named, none, elsewhere)
    visible = np.flatnonzero(~np.isnan(chances))
    params = {"claimed": claimed, "rivals": list(rivals), "window": reach, "between": between}
    return DateComparison(
        provenance=Provenance("compare_dates", params, timeline.fingerprint, "Zellner (1986); Liang et al. (2008)."),
        checks=_checks(timeline, named, shared),
        series=series.name,
        claimed=named[0],
        rivals=tuple(named[1:]),
        verdict=verdict,
        p_no_break=none,
        p_elsewhere=elsewhere,
        shared=shared,
        dates=tuple((timeline.starts[at], timeline.label(int(at))) for at in visible),
        probabilities=tuple(float(chances[at]) for at in visible),
        step=step,
        unit=series.unit,
    )


def within(series: Series, between: tuple[date, date] | None) -> Series:
    """The periods that lie wholly between two days; all where none are given."""
    from dataclasses import replace

    if between is None:
        return series
    frame = series.frame
    first, last = (np.datetime64(day) for day in between)
    kept = frame[(frame["period_start"] >= first) & (frame["period_end"] <= last)]
    return replace(series, frame=kept.reset_index(drop=True))


def _by_period(timeline: Timeline) -> tuple[Array, float, float]:
    """Probability that each period opens a new level (NaN where it cannot be seen), of none, and the mean step."""
    positions = np.asarray(timeline.positions)
    chances = np.full(len(timeline.starts), np.nan)
    candidates = np.arange(EDGE, len(positions) - EDGE + 1)
    constant = timeline.constant
    found = None if constant else date_posterior(timeline.positions, _scaled(timeline.values)[:, None])
    width = np.diff(positions)[candidates - 1]
    by_date = found.by_date[:, 0] if found else 0.5 * width / width.sum()
    for first, gap, chance in zip(candidates, width, by_date, strict=True):
        # A change inside a gap may lie in any of its periods: the chance is spread over them.
        chances[positions[first] - gap + 1 : positions[first] + 1] = chance / gap
    if found is None:
        return chances, 0.5, 0.0
    step = float((found.step[:, 0] * by_date).sum() / max(by_date.sum(), 1e-300) * timeline.values.std())
    return chances, float(found.no_break[0]), step


def _scaled(values: Array) -> Array:
    return np.asarray((values - values.mean()) / values.std())


def _candidate(timeline: Timeline, name: str, day: date, reach: int, chances: Array) -> Candidate:
    try:
        period = timeline.period_of(day)
    except SeriesError:
        return Candidate(name, day, (0, -1), "outside the data", None)
    first, last = max(period - reach + 1, 0), min(period + reach, len(chances) - 1)
    inside = chances[first : last + 1]
    chance = None if np.isnan(inside).all() else float(np.nansum(inside))
    return Candidate(name, day, (first, last), f"{timeline.label(first)} to {timeline.label(last)}", chance)


def _verdict(named: list[Candidate], none: float, elsewhere: float) -> tuple[str, tuple[str, ...]]:
    """The verdict, and the candidates between which the data cannot choose."""
    seen = [candidate for candidate in named if candidate.probability is not None]
    if named[0].probability is None or not seen:
        return "cannot tell", ()
    best = max(seen, key=lambda candidate: candidate.probability or 0.0)
    chance = best.probability or 0.0
    near = [c for c in seen if c is not best and _overlap(c, best) and APART * (c.probability or 0.0) > chance]
    shared = (best.name, *(c.name for c in near)) if near and chance > max(none, elsewhere) else ()
    if chance >= SURE:
        answer = "claimed" if best is named[0] else f"rival:{best.name}"
        return ("cannot tell" if near else answer), shared
    for answer, probability in (("no break", none), ("elsewhere", elsewhere)):
        if probability >= SURE:
            return answer, shared
    return "cannot tell", shared


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.window[0] <= other.window[1] and other.window[0] <= one.window[1]


def _checks(timeline: Timeline, named: list[Candidate], shared: tuple[str, ...]) -> tuple[Check, ...]:
    hidden = [candidate.name for candidate in named if candidate.probability is None]
    y, level = timeline.values, np.ones((len(timeline.values), 1))
    parts = segmentation.partition(y, level, least=max(EDGE, int(0.15 * len(y))), max_breaks=5)
    several = [timeline.label(timeline.positions[at]) for at in parts.at(parts.best)]
    return (
        Check("values vary", not timeline.constant, "a constant series carries no sign of a date"),
        Check("dates visible", not hidden, f"outside the data or too near its ends: {', '.join(hidden) or 'none'}"),
        Check("dates can be told apart", not shared, f"overlapping windows: {', '.join(shared) or 'none'}"),
        Check(
            "one change",
            len(several) <= 1,
            f"least squares and BIC see {len(several)} changes (new levels from: {', '.join(several) or 'none'}); the "
            "comparison assumes one at most, so where there are more its probabilities mislead",
        ),
        spread_check(y - segmentation.fitted(y, level, parts.at(parts.best))),
        gap_check(timeline),
    )
