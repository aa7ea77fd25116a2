"""One treated unit and its donors to intervals from its own past, without placebos."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.turning_points.donors.augmented import augmented, corrected
from detente.turning_points.donors.intervals import LEVEL, Interval
from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.placebos import Method
from detente.turning_points.donors.weights import Floats, simplex, spread

WIDER, HALVINGS = 12, 12
"""How often a search doubles its step outwards, and how often it halves the last one to find an end."""

Weigh = Callable[[Floats], Floats]


def conformal(panel: Donors, method: Method, effect: float) -> Interval:
    """Give the interval of an effect that is the same in all periods after the event, and the p of none.

    Question: which constant effect, taken off, makes the gaps after the event look like those before it? Weights are
    fitted to all periods, as if nothing had happened, and the mean size of the gaps after the event is compared with
    that in every other stretch of as many periods in a row (the end joined to the beginning). Assumes that gaps
    without the event would go on as before, and for the interval that the effect is constant.

    References:
        Chernozhukov, Wüthrich and Zhu (2021), Journal of the American Statistical Association 116, moving blocks.
    """
    many = len(panel.times)
    gaps = panel.gaps(panel.treated, range(panel.treated))
    weigh = _weigh(panel, method)
    p = _p(gaps, panel.before, weigh, 0.0)
    if many - panel.before > panel.before:
        longer = "more periods after the event than before: no stretch as long can be compared with it"
        return Interval("conformal", None, None, None, longer)
    if many * LEVEL < 1:
        short = f"{many} periods tell no more than one in {many}; 95 % needs {int(np.ceil(1 / LEVEL))}"
        return Interval("conformal", None, None, p, short)
    ends = _accepted(lambda value: _p(gaps, panel.before, weigh, value), effect, _step(panel))
    if ends is None:
        return Interval("conformal", None, None, p, "no constant effect fits: it grew, shrank or varied")
    if not np.isfinite(ends).all():
        return Interval("conformal", None, None, p, "no effect is ruled out")
    alone = "; by the outcome alone" if panel.labels else ""
    told = f"if the effect is constant, and gaps without it would go on as before{alone}"
    return Interval("conformal", *ends, p, told)


def conformal_periods(panel: Donors, method: Method, gaps_after: Floats) -> dict[int, tuple[float, float]]:
    """Give the interval of the effect in each period after the event, taken alone; none before twenty periods.

    Question, assumptions and reference as for `conformal`, with one period after the event at a time.
    """
    if (panel.before + 1) * LEVEL < 1:
        return {}
    gaps = panel.gaps(panel.treated, range(panel.treated))
    weigh = _weigh(panel, method)
    found: dict[int, tuple[float, float]] = {}
    for number, estimate in enumerate(gaps_after):
        rows = np.append(np.arange(panel.before), panel.before + number)
        alone = gaps[rows]
        ends = _accepted(_tested(alone, panel.before, weigh), float(estimate), _step(panel))
        if ends is not None and np.isfinite(ends).all():
            found[panel.before + number] = ends
    return found


def _tested(gaps: Floats, before: int, weigh: Weigh) -> Callable[[float], float]:
    return lambda value: _p(gaps, before, weigh, value)


def _p(gaps: Floats, before: int, weigh: Weigh, effect: float) -> float:
    """Share of stretches whose gaps are at least as large as those after the event, once the effect is taken off."""
    free = gaps.copy()
    free[before:] += effect
    sizes = np.abs(weigh(free))
    after = len(sizes) - before
    around = np.concatenate([sizes, sizes])[: len(sizes) + after - 1]
    sums = np.convolve(around, np.ones(after), mode="valid")
    return float((sums >= sums[before] * (1 - 1e-9)).mean())


def _weigh(panel: Donors, method: Method) -> Weigh:
    """Give what the method leaves of gaps to which it was fitted; no weights of periods, and no covariates."""
    if method == "sc":
        return lambda gaps: gaps @ simplex(gaps)
    if method == "did":
        return lambda gaps: _level(gaps).mean(axis=1)
    if method == "augmented":
        penalty = augmented(panel.gaps(panel.treated, range(panel.treated))[: panel.before]).penalty
        return lambda gaps: gaps @ corrected(gaps, penalty)
    after = len(panel.times) - panel.before
    ridge = (after * panel.many) ** 0.5 * spread(panel.outcome[: panel.before, : panel.treated]) ** 2
    return lambda gaps: _level(gaps) @ simplex(_level(gaps), ridge=ridge * len(gaps))


def _level(gaps: Floats) -> Floats:
    return np.asarray(gaps - gaps.mean(axis=0))


def _step(panel: Donors) -> float:
    gaps = panel.gaps(panel.treated, range(panel.treated))
    even = gaps[: panel.before].mean(axis=1)
    return float(even.std()) or float(np.abs(gaps).max()) or 1.0


def _accepted(p: Callable[[float], float], start: float, step: float) -> tuple[float, float] | None:
    """Outermost effects that are not ruled out; None where none is, infinite where they have no end."""
    shares = np.geomspace(1 / 8, 2.0 ** (WIDER - 3), WIDER + 1)
    shares = np.concatenate([-shares[::-1], [0.0], shares])
    # zero is always tried, so that the interval never contradicts the p of no effect
    tried = np.unique(np.append(start + step * shares, 0.0))
    kept = np.array([p(float(one)) > LEVEL for one in tried]).nonzero()[0]
    if not len(kept):
        return None
    return _end(p, tried, int(kept[0]), -1), _end(p, tried, int(kept[-1]), 1)


def _end(p: Callable[[float], float], tried: Floats, last: int, towards: int) -> float:
    if not 0 <= last + towards < len(tried):
        return towards * np.inf
    inside, outside = float(tried[last]), float(tried[last + towards])
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if p(middle) > LEVEL else (inside, middle)
    return outside
