"""A comparison with donors to how far it can be believed: other dates, other donors, other methods, other outcomes.

One rule for all: what is found where nothing should be found must be smaller than half the effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from detente.results import Check
from detente.turning_points.donors.panel import Columns, Donors
from detente.turning_points.donors.placebos import Asked, Method, compare
from detente.turning_points.donors.reading import donors
from detente.turning_points.donors.single import SyntheticEffect

HALF = 0.5
"""An effect found where there is none must be smaller than this share of the effect."""
FEWEST_BEFORE, FEWEST_AFTER = 5, 2
"""Periods that a date without an event must have before and after it."""
EARLIER = (1, 2)
"""By how many periods an event may have been anticipated."""
METHODS: tuple[Method, ...] = ("sc", "augmented", "sdid", "did")


def robustness(found: SyntheticEffect) -> tuple[Check, ...]:
    """Give the checks that make the comparison anew.

    Question: does the effect appear where it should not, or depend on what should not matter? Each check compares with
    half the effect, so an effect that is small beside the noise fails; a check that cannot be made is only informative.

    Args:
        found: What `synthetic` gave for one treated unit.

    References:
        Abadie, Diamond and Hainmueller (2015), American Journal of Political Science 59(2), for dates and donors;
        Abadie (2021), Journal of Economic Literature 59(2), for anticipation.
    """
    return (
        placebo_in_time(found),
        pre_trend(found),
        anticipation(found),
        leave_one_donor_out(found),
        other_methods(found),
    )


def placebo_in_time(found: SyntheticEffect) -> Check:
    """Move the event back to dates at which nothing happened, and end the panel before it did."""
    read = found.read
    dates = sorted({round(read.before * share) for share in (0.5, 0.65, 0.8)})
    dates = [one for one in dates if one >= FEWEST_BEFORE and read.before - one >= FEWEST_AFTER]
    effects = {
        read.times[one]: compare(read.moved(one, read.before), _by_outcome(found.asked)).average() for one in dates
    }
    told = f"effect at dates without an event: {_listed(effects)}" + _alone(found)
    return _smaller(
        "placebo in time", found, effects.values(), told, "too few periods before the event to move it back"
    )


def pre_trend(found: SyntheticEffect) -> Check:
    """Draw the line through the gaps before the event on to the periods after it."""
    read = found.read
    gaps = np.array(list(found.gaps.values()))
    early = np.arange(read.before)
    slope = float(np.polyfit(early, gaps[: read.before], 1)[0]) if read.before > FEWEST_AFTER else np.nan
    middle = (read.before + len(gaps) - 1) / 2
    drift = slope * float(middle - early.mean())
    told = f"gaps before the event go by {slope:.3g} a period, which would make {drift:.4g} of {found.average:.4g}"
    effects = [drift] if np.isfinite(drift) else []
    return _smaller("pre-trend", found, effects, told, "too few periods before the event for a trend")


def anticipation(found: SyntheticEffect) -> Check:
    """Fit the weights without the last periods before the event, and see whether the gap opens there."""
    read = found.read
    effects: dict[str, float] = {}
    for many in EARLIER:
        if read.before - many >= FEWEST_BEFORE:
            moved = compare(read.moved(read.before - many, read.before), _by_outcome(found.asked))
            effects[f"{many} before"] = moved.average()
    told = f"mean gap in the last periods before the event: {_listed(effects)}" + _alone(found)
    return _smaller("anticipation", found, effects.values(), told, "too few periods before the event")


def leave_one_donor_out(found: SyntheticEffect) -> Check:
    """Leave each donor out that carries weight; one that carries none changes nothing."""
    read = found.read
    named = [one for one in range(read.treated) if abs(found.weights[read.names[one]]) > 1e-9]
    if read.treated <= 2:
        return Check("leave one donor out", None, "there are only two donors")
    effects = {f"without {read.names[one]}": compare(read.without(one), found.asked).average() for one in named}
    effects["with all"] = found.average
    low, high = min(effects, key=effects.__getitem__), max(effects, key=effects.__getitem__)
    told = f"effect from {effects[low]:.4g} ({low}) to {effects[high]:.4g} ({high})"
    return Check("leave one donor out", effects[low] * effects[high] > 0, told)


def other_methods(found: SyntheticEffect) -> Check:
    """Compare by every method, on the outcome alone."""
    methods = [one for one in METHODS if one in ("sc", "did") or found.read.treated > 2]
    read = replace(found.read, predictors=found.read.predictors[:0], labels=())
    effects = {one: compare(read, Asked(one, "exact")).average() for one in methods}
    agree = all(one * found.average > 0 for one in effects.values())
    return Check("other methods", agree, f"effect by outcome alone: {_listed(effects)}")


def placebo_outcomes(found: SyntheticEffect, panel: Any, columns: Sequence[str]) -> Check:
    """Compare outcomes that the event should not have moved.

    Effects are counted in standard deviations of the treated unit before the event, because units of outcomes differ.

    Args:
        found: What `synthetic` gave for one treated unit; its columns, date and method are used again.
        panel: The table it was computed from.
        columns: Outcomes that should not move.
    """
    said = found.provenance.params
    effects = {}
    for column in columns:
        read = donors(panel, Columns(said["unit"], said["time"], column), found.unit, found.at)
        effects[column] = compare(read, _by_outcome(found.asked)).average() / _usual(read)
    own = found.average / _usual(found.read)
    told = f"in standard deviations before the event: {_listed(effects)}; {found.outcome} {own:.3g}"
    worst = max((abs(one) for one in effects.values()), default=None)
    return Check("placebo outcomes", None if worst is None else worst < HALF * abs(own), told)


def _usual(read: Donors) -> float:
    return float(read.outcome[: read.before, -1].std(ddof=1))


def _by_outcome(asked: Asked) -> Asked:
    """Moved dates drop predictors, whose periods belong to the true date."""
    return replace(asked, solver="exact")


def _alone(found: SyntheticEffect) -> str:
    return ", by the outcome alone" if found.read.labels else ""


def _smaller(name: str, found: SyntheticEffect, effects: Iterable[float], told: str, none: str) -> Check:
    sizes = [abs(one) for one in effects]
    if not sizes:
        return Check(name, None, none)
    return Check(name, max(sizes) < HALF * abs(found.average), told)


def _listed(effects: dict[Any, float]) -> str:
    return ", ".join(f"{name} {effect:.4g}" for name, effect in effects.items())
