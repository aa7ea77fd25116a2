"""A series to when it changed, how often, and how sure that is: the answer to give first, with nothing to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check, Provenance
from detente.turning_points.dating.counts import stabilised
from detente.turning_points.dating.dated import DatedBreak, Dating
from detente.turning_points.dating.evidence import EDGE, regressors, seasonal
from detente.turning_points.dating.rivals import compare_dates, within
from detente.turning_points.dating.several import Placed, Search, credible, search
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_day, as_series
from detente.turning_points.timeline import Timeline, gap_check, observed, outlier_check, spread_check

__all__ = ["DatedBreak", "Dating", "when"]

SURE = 0.9
"""Without a change found, "no change" is said from this probability on; where the level changed by one standard
deviation it is then said in at most 7 % of series (docs: Turing change points)."""
LEAST = 2 * EDGE + 2
SEASONS = {"month": 12, "quarter": 4}
CYCLES = 3
"""Years that a season must have been seen."""
LONG, BLOCKS = 500, 250
"""Longer series are averaged over neighbouring periods, to about so many."""
CITATION = (
    "Zellner (1986); Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association."
)


def when(
    series: Any,
    *,
    claimed: Any = None,
    rivals: Sequence[Any] = (),
    between: tuple[date, date] | None = None,
    confidence: float = 0.95,
    counts: bool = False,
) -> Dating:
    """Say when a series changed, how often, and with what probability; "cannot tell" where it cannot.

    Question: did the level or the slope change, once or several times, and when? Assumes noise of one variance that may
    be autocorrelated, drift and bend smoothly, all unknown; a season in months and quarters; single values may be far
    out, but shocks to a drifting level should be of one size. Nothing is to be tuned: a change is found when the
    probability of none is at most .15, which happens in at most 5 % of series without one (docs: Turing change points).

    Args:
        series: A `Series`, or what `plain.as_series` takes.
        claimed: A date that someone claims, or its name and date.
        rivals: Other dates, or names and dates.
        between: First and last day of the data to use.
        confidence: Of the interval of each date.
        counts: Whether the values count something: then they are judged on the square-root scale (Anscombe 1948,
            Biometrika 35), on which their scatter does not grow with their level.

    Raises:
        SeriesError: Fewer than eight known values, values that are infinite, periods double or out of order.

    References:
        Zellner (1986), in Goel and Zellner (eds), Bayesian Inference and Decision Techniques.
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
    """
    if not 0 < confidence < 1:
        raise SeriesError(f"confidence is {confidence}", hint="give a share between 0 and 1, such as 0.95")
    given = as_series(series)
    timeline = observed(within(given, between), least=LEAST)
    named = [_named(one, given) for one in ([] if claimed is None else [claimed]) + list(rivals)]
    if claimed is None and rivals:
        raise SeriesError("rival dates without a claimed one", hint="say which date is claimed: claimed=")
    comparison = compare_dates(given, named[0], named[1:], between=between) if named else None
    data = arranged(timeline, counts)
    found = None if timeline.constant else search(data.positions, data.judged, season=data.season)
    params = {"claimed": claimed, "rivals": list(rivals), "between": between, "confidence": confidence}
    return Dating(
        provenance=Provenance("when", {**params, "counts": counts}, timeline.fingerprint, CITATION),
        series=given.name,
        comparison=comparison,
        confidence=confidence,
        unit=given.unit,
        frequency=given.frequency,
        n=len(timeline.values),
        periods=tuple((*ends, timeline.label(at)) for at, ends in enumerate(_periods(timeline))),
        **_told(timeline, data, found, confidence),
    )


def _periods(timeline: Timeline) -> list[tuple[date, date]]:
    return list(zip(timeline.starts, timeline.ends, strict=True))


def _named(given: Any, series: Series) -> tuple[str, date]:
    name, day = given if isinstance(given, tuple) else (str(given), given)
    return str(name), as_day(day, series)


@dataclass(frozen=True, slots=True)
class Arranged:
    """What is searched: values, or means of neighbouring ones.

    Attributes:
        values: As they are; `judged` as the search takes them.
        width: Periods that one value stands for.
        season: Values in a year, 0 where no season is taken out.
    """

    positions: tuple[int, ...]
    values: Array
    judged: Array
    width: int
    season: int


def arranged(timeline: Timeline, counts: bool) -> Arranged:
    """What the search takes of a series: values, or means of neighbouring ones where there are very many."""
    values, season = timeline.values, SEASONS.get(timeline.frequency, 0)
    judged = stabilised(values) if counts else values
    width = 1 if len(values) <= LONG else -(-len(values) // BLOCKS)
    while season and width % season and season % width:
        width += 1
    where = np.asarray(timeline.positions) // width
    block, inverse, size = np.unique(where, return_inverse=True, return_counts=True)
    season = season // width
    short = block[-1] + 1 < CYCLES * season or _sparse(block, season)
    return Arranged(
        positions=tuple(int(at) for at in block),
        values=np.bincount(inverse, values) / size,
        judged=np.bincount(inverse, judged) / size,
        width=width,
        season=0 if short or season < 2 else season,
    )


def _sparse(positions: Array, season: int) -> bool:
    """Whether some part of the year was hardly ever observed."""
    return bool(season > 1 and np.bincount(positions % season, minlength=season).min() < 2)


def _told(timeline: Timeline, data: Arranged, found: Search | None, confidence: float) -> dict[str, Any]:
    """What depends on the search."""
    placed = found.placed if found else ()
    course, residuals = _course(data, placed)
    none = found.no_break if found else 0.5
    rows = [_by_period(timeline, data, one.chances) for one in placed]
    rows.append(_by_period(timeline, data, found.rest if found else np.zeros(len(data.values))))
    breaks = _breaks(timeline, data, placed, course, confidence)
    block = np.searchsorted(data.positions, np.asarray(timeline.positions) // data.width)
    return {
        "verdict": "changed" if placed else "no change" if found and none >= SURE else "cannot tell",
        "breaks": breaks,
        "p_no_break": none,
        "chances": tuple(tuple(float(chance) for chance in row) for row in rows),
        "at_most": (*(one.probability for one in placed), 1 - found.no_more if found else 0.0),
        "table": _table(timeline, course[block]),
        "checks": _checks(timeline, data, residuals, placed),
    }


def _course(data: Arranged, placed: tuple[Placed, ...]) -> tuple[Array, Array]:
    """Least-squares course of the series, its season left out, and what is left of the values."""
    known = tuple(one.change for one in placed)
    where = np.asarray(data.positions, dtype=float)
    season = seasonal(data.positions, data.season)
    season = (season - season.mean(axis=0))[:, 1:]
    plain = [np.ones(len(where)), *regressors(data.positions, known)]
    fits = []
    for columns in (plain, [*plain, where]):
        x = np.column_stack(columns)
        both = np.column_stack([x, season])
        beta = np.linalg.lstsq(both, data.values, rcond=None)[0]
        left = data.values - both @ beta
        fits.append((len(where) * np.log(max(left @ left, 1e-300)) + np.log(len(where)) * len(columns), x, beta, left))
    sloped = any(one.slope for one in known)
    _, x, beta, left = fits[1] if sloped or fits[1][0] < fits[0][0] else fits[0]
    return x @ beta[: x.shape[1]], left


def _by_period(timeline: Timeline, data: Arranged, chances: Array) -> Array:
    """Probability of each period to open a new regime: that of a change inside a gap is spread over the gap."""
    spread = np.zeros(len(timeline.starts))
    for at in np.flatnonzero(chances):
        first, last = _reach(data, int(at), len(spread))
        spread[first : last + 1] += chances[at] / (last - first + 1)
    return spread


def _reach(data: Arranged, at: int, periods: int) -> tuple[int, int]:
    """First and last period that may open the regime whose first value is this one."""
    first = (data.positions[at - 1] + 1) * data.width if at else 0
    return first, min((data.positions[at] + 1) * data.width - 1, periods - 1)


def dated(timeline: Timeline, data: Arranged, found: Search, confidence: float) -> tuple[DatedBreak, ...]:
    """The changes that a search has found, with their dates."""
    return _breaks(timeline, data, found.placed, _course(data, found.placed)[0], confidence)


def _breaks(
    timeline: Timeline, data: Arranged, placed: tuple[Placed, ...], course: Array, confidence: float
) -> tuple[DatedBreak, ...]:
    made: list[DatedBreak] = []
    for at in sorted({one.change.first_new for one in placed}):
        here = [one for one in placed if one.change.first_new == at]
        ends = [credible(one.chances, confidence) for one in here]
        low = _reach(data, min(one[0] for one in ends), len(timeline.starts))[0]
        high = _reach(data, max(one[1] for one in ends), len(timeline.starts))[1]
        opens = min(data.positions[at] * data.width, len(timeline.starts) - 1)
        kind = " and ".join("slope" if one.change.slope else "level" for one in here)
        before, after = (course[at - 1], course[at]) if kind != "slope" else _slopes(data, course, at)
        made.append(
            DatedBreak(
                period=timeline.starts[opens],
                label=timeline.label(opens),
                lower=timeline.starts[low],
                upper=timeline.starts[high],
                label_lower=timeline.label(low),
                label_upper=timeline.label(high),
                probability=max(one.probability for one in here),
                kind=kind,
                before=float(before),
                after=float(after),
            )
        )
    return tuple(made)


def _slopes(data: Arranged, course: Array, at: int) -> tuple[float, float]:
    """Slope of the course before and after a change, a period."""
    gap = np.diff(data.positions)[[at - 2, at]] * data.width
    return float(course[at - 1] - course[at - 2]) / gap[0], float(course[at + 1] - course[at]) / gap[1]


def _table(timeline: Timeline, course: Array) -> tuple[dict[str, object], ...]:
    import pandas as pd

    rows = zip(timeline.positions, timeline.values, course, strict=True)
    return tuple(
        {"period_start": pd.Timestamp(timeline.starts[at]), "value": float(value), "fitted": float(fit)}
        for at, value, fit in rows
    )


def _checks(timeline: Timeline, data: Arranged, residuals: Array, placed: tuple[Placed, ...]) -> tuple[Check, ...]:
    checks = [Check("values vary", not timeline.constant, "a constant series carries no sign of a date")]
    if timeline.frequency in SEASONS:
        known = "taken out" if data.season else f"not taken out: fewer than {CYCLES} years, or too few values of a part"
        checks.append(Check("season", None if data.season else False, known))
    if data.width > 1:
        detail = f"{len(timeline.values)} values are averaged, {data.width} periods together: dates are no finer"
        checks.append(Check("resolution", None, detail))
    if not timeline.constant:
        checks += [spread_check(residuals), outlier_check(residuals), _shock_check(residuals, placed)]
    return (*checks, gap_check(timeline))


def _shock_check(residuals: Array, placed: tuple[Placed, ...]) -> Check:
    """Whether the change is the largest of many jumps: in a level that jumps now and then it would be no news."""
    jumps = np.diff(residuals)
    openings = [one.change.first_new - 1 for one in placed]
    others = np.delete(jumps, openings)
    typical = 1.4826 * np.median(np.abs(others - np.median(others)))
    far = int((np.abs(others - np.median(others)) > 4 * typical).sum()) if typical > 0 else 0
    detail = f"{far} of {len(others)} other steps from one value to the next are more than four times the typical one"
    return Check("no other jumps", far == 0, detail)
