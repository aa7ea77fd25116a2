"""Every unit in turn as if it had been treated: what the method makes of places where nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.turning_points.synthetic_panel import Donors
from detente.turning_points.synthetic_predictors import Matched, matched
from detente.turning_points.synthetic_weights import Floats, doubled, published, simplex, spread

Method = Literal["sc", "sdid", "did"]
Solver = Literal["published", "exact"]


@dataclass(frozen=True, slots=True)
class Compared:
    """One unit against a pool.

    Attributes:
        unit: Its number.
        pool: Numbers of its donors.
        weights: One a donor.
        periods: Weights of the periods before the event, which set the level; all zero for synthetic control.
        gaps: Values minus what the pool makes of them, one a period.
        found: How the weights were found, where predictors were used.
    """

    unit: int
    pool: tuple[int, ...]
    weights: Floats
    periods: Floats
    gaps: Floats
    found: Matched | None = None

    def average(self) -> float:
        """Mean gap after the event."""
        return float(self.gaps[len(self.periods) :].mean())

    def loss(self) -> float:
        """Mean squared gap before the event; where the method allows a constant difference, without that."""
        early = self.gaps[: len(self.periods)]
        return float(((early - early.mean() * bool(self.periods.any())) ** 2).mean())

    def ratio(self, floor: float) -> float:
        """Mean squared gap after the event, over that before it."""
        return float((self.gaps[len(self.periods) :] ** 2).mean()) / max(self.loss(), floor)


def compare(panel: Donors, method: Method, solver: Solver, *, seed: int) -> Compared:
    """Compare the treated unit with its donors; weights of predictors are searched for longer than for a placebo."""
    treated = len(panel.names) - 1
    pool = tuple(range(treated))
    if method == "sc" and len(panel.predictors):
        return _matched(panel, treated, pool, seed, effort=4)
    if method == "sc" and solver == "published":
        return _stopped(panel, [(treated, pool)])[0]
    return _fitted(panel, treated, pool, method)


def placebos(panel: Donors, method: Method, solver: Solver, *, seed: int) -> list[Compared]:
    """Compare every unit with the others, the treated unit last.

    For synthetic control the treated unit joins the pool of the others, so that under the hypothesis of no effect all
    units are on the same footing, and each gets the same number of searches. Synthetic and plain
    difference-in-differences take their placebos from donors alone, as their standard error is defined.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Arkhangelsky et al.
        (2021), American Economic Review 111(12), algorithm 4.
    """
    units = range(len(panel.names))
    if method != "sc":
        others = units[:-1]
        inside = [_fitted(panel, one, tuple(o for o in others if o != one), method) for one in others]
        return [*inside, _fitted(panel, units[-1], tuple(others), method)]
    pairs = [(one, tuple(other for other in units if other != one)) for one in units]
    if len(panel.predictors):
        return [_matched(panel, unit, pool, seed) for unit, pool in pairs]
    if solver == "published":
        return _stopped(panel, pairs)
    return [_fitted(panel, unit, pool, method) for unit, pool in pairs]


def _matched(panel: Donors, unit: int, pool: tuple[int, ...], seed: int, effort: int = 1) -> Compared:
    gaps = panel.gaps(unit, pool)
    found = matched(panel.distances(unit, pool), gaps[: panel.before], seed=seed, effort=effort)
    return Compared(unit, pool, found.weights, np.zeros(panel.before), -gaps @ found.weights, found)


def _stopped(panel: Donors, pairs: list[tuple[int, tuple[int, ...]]]) -> list[Compared]:
    early = panel.outcome[: panel.before]
    gaps = np.array([panel.gaps(unit, pool) for unit, pool in pairs])
    noise = np.array([spread(early[:, list(pool)]) for _, pool in pairs])
    weights = published(gaps[:, : panel.before], noise=noise)
    none = np.zeros(panel.before)
    return [
        Compared(unit, pool, found, none, -gap @ found)
        for (unit, pool), gap, found in zip(pairs, gaps, weights, strict=True)
    ]


def _fitted(panel: Donors, unit: int, pool: tuple[int, ...], method: Method) -> Compared:
    gaps = panel.gaps(unit, pool)
    if method == "sc":
        weights = simplex(gaps[: panel.before])
        return Compared(unit, pool, weights, np.zeros(panel.before), -gaps @ weights)
    if method == "sdid":
        both = doubled(panel.outcome[:, list(pool)], panel.outcome[:, unit], panel.before)
        weights, periods = both.units, both.periods
    else:
        weights, periods = np.full(len(pool), 1 / len(pool)), np.full(panel.before, 1 / panel.before)
    raw = -gaps @ weights
    return Compared(unit, pool, weights, periods, raw - periods @ raw[: panel.before])
