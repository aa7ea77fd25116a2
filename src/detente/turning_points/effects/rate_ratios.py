"""A design of counts to the ratio of their rates: by a fitted model, or as a limit where one side has no event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.effects import families
from detente.turning_points.effects.designs import Design
from detente.turning_points.effects.families import Family, Rates
from detente.turning_points.noise import Array

Span = tuple[float, float, float]
"""An estimate, and the low and high end of its interval."""
UNKNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a fit comes to: numbers of the result, expected counts, those without the event, and a doubt in words."""

    numbers: dict[str, Any]
    mu: Array
    without: Array
    seasonal: float
    limited: str = ""


def read(name: str, split: Design, offset: Array, family: Family, confidence: float) -> Reading:
    """How many times the rate changed; a limit where a side has no event.

    Raises:
        SeriesError: Too few events to tell what the design asks for.
    """
    if any(split.y[side].sum() == 0 for side in (~split.after, split.after)):
        return _limit(name, split, offset, confidence)
    _refuse_untold(name, split)
    return _reading(split, _fitted(split, offset, family, confidence))


def _refuse_untold(name: str, split: Design) -> None:
    for column in split.event:
        touched = split.x[:, column] != 0
        if split.y[touched].sum() == 0 or split.y[~touched].sum() == 0:
            raise SeriesError(
                f"{name} has no event in the periods that tell {split.shape!r} from none",
                hint='take model="level", or longer periods',
            )


def _fitted(split: Design, offset: Array, family: Family, confidence: float) -> Rates:
    if family == "robust":
        return families.robust(split, offset, confidence)
    return families.textbook(split, offset, family, confidence)


def _reading(split: Design, rates: Rates) -> Reading:
    event, width = list(split.event), rates.x.shape[1]
    without = rates.mu * np.exp(-(split.x[:, event] @ rates.beta[event]))
    with_event, none = rates.mu[split.after], without[split.after]
    late = rates.x[split.after]
    gradient = with_event @ late / with_event.sum()
    bare = none @ late / none.sum()
    bare[event] = 0.0
    gradient -= bare
    constant = float(np.log(with_event.sum() / none.sum()) - gradient @ rates.beta)
    middle, low, high, p = rates.known(gradient, constant)
    ratio, low, high = (float(np.exp(value)) for value in (middle, low, high))
    events, after = float(split.y[split.after].sum()), int(split.after.sum())
    due = tuple(events * (1 - 1 / value) for value in (ratio, low, high))

    def grown(column: int | None) -> Span | None:
        return None if column is None else _exp(rates.known(np.eye(width)[column], 0.0))

    trend = 2 if split.trended else None
    if rates.textbook and not split.trended:
        trend = split.x.shape[1]
    numbers = {
        "ratio": ratio,
        "low": low,
        "high": high,
        "p": p,
        "average": tuple(value / after for value in due),
        "cumulative": due,
        "step": _exp(rates.known(np.pad(split.opening, (0, width - len(split.opening))), 0.0)),
        "slope": grown(split.slope),
        "trend": grown(trend),
        "dispersion": families.pearson(split.y, rates.mu, width),
        "scatter": rates.shape,
        "deviance": families.deviance(split.y, rates.mu, rates.shape),
        "freedom": len(split.y) - width,
    }
    return Reading(numbers, rates.mu, without, rates.seasonal)


def _exp(interval: families.Interval) -> Span:
    middle, low, high = (float(np.exp(value)) for value in interval[:3])
    return middle, low, high


def _limit(name: str, split: Design, offset: Array, confidence: float) -> Reading:
    """What can be said when one side has no event: a limit for the ratio, from the side that has some.

    Given k independent events in all, the chance that none falls on a side is its share of exposure times rate, to the
    power k; k is what the other side's events are worth (`families.effective_events`). For Poisson counts that is the
    exact conditional limit (Przyborowski and Wilenski 1940, Biometrika 31).
    """
    if split.event != (1,) or (split.x[:, 1] != split.after).any():
        raise SeriesError(
            f"{name} has no event on one side of the date: {split.shape!r} cannot be told",
            hint='take model="level" for a limit of the ratio, or longer periods',
        )
    size = np.exp(offset)
    before, after = float(size[~split.after].sum()), float(size[split.after].sum())
    gone = split.y[split.after].sum() == 0
    worth = families.effective_events(split, offset, ~split.after if gone else split.after)
    odds = (((1 - confidence) / 2) ** (-1 / worth) - 1) * (before / after if gone else after / before)
    chance = ((before if gone else after) / (before + after)) ** worth
    rate = float(split.y.sum()) / (before if gone else after)
    without = rate * size if gone else np.full(len(size), UNKNOWN)
    ratio, low, high = (0.0, 0.0, odds) if gone else (UNKNOWN, 1 / odds, UNKNOWN)
    numbers = {
        "ratio": ratio,
        "low": low,
        "high": high,
        "p": min(1.0, 2 * chance),
        "average": (UNKNOWN, UNKNOWN, UNKNOWN),
        "cumulative": (UNKNOWN, UNKNOWN, UNKNOWN),
        "step": (ratio, low, high),
        "slope": None,
        "trend": None,
        "dispersion": UNKNOWN,
        "scatter": UNKNOWN,
        "deviance": UNKNOWN,
        "freedom": len(split.y) - 2,
    }
    mu = np.where(split.after == gone, 0.0, rate * size)
    side = "after" if gone else "before"
    return Reading(numbers, mu, without, 0.0, f"no event {side} the date: a limit from {worth:.1f} effective events")
