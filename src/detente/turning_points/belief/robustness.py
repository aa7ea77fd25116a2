"""An effect to what would make it doubtful: movement before the event, other windows, rivals and shocks beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check
from detente.turning_points.belief.curve import WINDOWS, around
from detente.turning_points.belief.placebos import halves, measured
from detente.turning_points.belief.scales import said
from detente.turning_points.dating.rivals import DateComparison
from detente.turning_points.effects import robust
from detente.turning_points.timeline import Timeline, observed

LEAST = 8
"""Fewest values before the event for a trend to be told from noise."""
REACH = {"month": 3, "week": 6, "day": 30}
"""Periods either side within which something else is too near to be told apart; 1 where not said."""


def pre_trend(series: Series, at: date, effect: float) -> Check:
    """Whether the series already moved the way of the effect before the event.

    Question: is there a linear trend before the event? Assumes noise that is AR(1) plus a random walk. A trend is
    averaged over in the effect, so this is a warning, not a correction; a small one goes unseen in few values.
    """
    try:
        timeline = observed(halves(series, at)[0], least=LEAST)
    except SeriesError as problem:
        return Check("pre-trend", None, problem.problem)
    if timeline.constant:
        return Check("pre-trend", None, "the values before the event never vary")
    slope, p = _slope(timeline)
    if p >= 0.05:
        return Check("pre-trend", True, f"no trend before the event that can be told from noise (p {p:.3f})")
    way = "the same way as" if slope * effect > 0 else "against"
    return Check(
        "pre-trend", slope * effect <= 0, f"{slope:+.3g} a period before the event (p {p:.3f}), {way} the effect"
    )


def _slope(timeline: Timeline) -> tuple[float, float]:
    where = np.asarray(timeline.positions, dtype=float)
    x = np.column_stack([np.ones(len(where)), where - where.mean()])
    scale = float(timeline.values.std())
    y = (timeline.values - timeline.values.mean()) / scale
    known = robust.average(robust.kinds_of_noise(timeline.positions), x, y[:, None]).uncalibrated(np.array([0.0, 1.0]))
    return float(known.quantile(0.5)[0]) * scale, float(known.tail()[0])


def anticipation(series: Series, at: date) -> Check:
    """Whether an effect shows before the event, in data that end before it: the event two and three periods early."""
    before = halves(series, at)[0]
    known = before.frame[before.frame["value"].notna()]
    early = [known["period_start"].iloc[-count].date() for count in (2, 3) if len(known) > count]
    found = [(day, one.p) for day in early if (one := measured(before, day))]
    if not found:
        return Check("anticipation", None, "too few values before the event")
    day, p = min(found, key=lambda one: one[1])
    detail = (
        f"smallest p of an effect at {' or '.join(str(one) for one, _ in found)}, in data before the event: {p:.3f}"
    )
    return Check("anticipation", p >= 0.05 / len(found), detail if p >= 0.05 else f"{detail} (at {day})")


def windows(series: Series, at: date, effect: float) -> Check:
    """Whether the effect keeps its sign in narrower windows around the event."""
    found = {
        name: one
        for name, share in WINDOWS.items()
        if share < 1 and (one := measured(around(series, at, share), at)) is not None
    }
    if not found:
        return Check("other windows", None, "too few values for a narrower window")
    detail = "; ".join(
        f"{name} {said(one.effect, series.unit)} ({said(one.low, series.unit)} to {said(one.high, series.unit)})"
        for name, one in found.items()
    )
    return Check("other windows", all(one.effect * effect > 0 for one in found.values()), detail)


def rival_dates(found: DateComparison) -> Check:
    """Whether the data speak for the date of the event against its rivals."""
    if not found.rivals:
        return Check("rival dates", None, "none was named")
    chances = ", ".join(f"{one.name} {one.probability or 0:.2f}" for one in (found.claimed, *found.rivals))
    outcome = {"claimed": True, "cannot tell": None, "no break": None}.get(found.verdict, False)
    return Check("rival dates", outcome, f"{found.verdict} ({chances}, no change {found.p_no_break:.2f})")


def shocks_beside(series: Series, at: date, shocks: Sequence[tuple[str, date, date]]) -> Check:
    """Whether something else began or ended so near that no series can tell it from this event."""
    if not shocks:
        return Check("shocks in the same window", None, "none was named")
    timeline = observed(series, least=1)
    reach = REACH.get(timeline.frequency, 1)
    period = timeline.period_of(at)
    first = timeline.starts[max(period - reach, 0)]
    last = timeline.ends[min(period + reach, len(timeline.ends) - 1)]
    near = [name for name, *ends in shocks if any(first <= end <= last for end in ends)]
    span = f"{first} to {last}"
    detail = f"began or ended from {span}: {', '.join(near) or 'none of the list'}"
    return Check("shocks in the same window", not near, detail)
