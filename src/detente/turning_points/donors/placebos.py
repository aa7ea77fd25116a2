"""Every unit in turn as if it had been treated: what the method makes of places where nothing happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.turning_points.donors.augmented import augmented
from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.predictors import AGAIN, DEEPER, QUICK, THOROUGH, Effort, Matched, matched
from detente.turning_points.donors.weights import Floats, doubled, published, simplex, spread

Method = Literal["sc", "sdid", "did", "augmented"]
Solver = Literal["published", "exact"]
SCALED = ("sc", "augmented")
"""Methods that must meet the level, so that a gap is judged against the gaps before the event."""
NEAR, FAR, TINY = 0.6, 0.15, 1e-300
"""From this share of the treated unit's ratio on a placebo is searched for longer, unless such a share ranks before."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One unit against a pool.

    Attributes:
        unit: Its number.
        pool: Numbers of its donors.
        weights: One a donor.
        periods: Weights of the periods before the event, which set the level; all zero where the level must be met.
        gaps: Values minus what the pool makes of them, one a period.
        found: How the weights were found, where predictors were used.
        error: Mean squared error in periods left out one at a time, where the method knows it.
    """

    unit: int
    pool: tuple[int, ...]
    weights: Floats
    periods: Floats
    gaps: Floats
    found: Matched | None = None
    error: float | None = None

    @property
    def after(self) -> Floats:
        """Gaps after the event."""
        return self.gaps[len(self.periods) :]

    def average(self) -> float:
        """Mean gap after the event."""
        return float(self.after.mean())

    def loss(self) -> float:
        """Mean squared gap before the event; where the method allows a constant difference, without that."""
        early = self.gaps[: len(self.periods)]
        return float(((early - early.mean() * bool(self.periods.any())) ** 2).mean())

    def missed(self) -> float:
        """Mean squared gap to expect without an event: in periods left out where that is known, else the loss."""
        return self.loss() if self.error is None else self.error

    def ratio(self, floor: float) -> float:
        """Mean squared gap after the event, over that to expect."""
        return float((self.after**2).mean()) / max(self.missed(), floor)

    def weight_of(self, unit: int) -> float:
        """What another unit of the panel contributes."""
        return float(self.weights[self.pool.index(unit)])


@dataclass(frozen=True, slots=True)
class Asked:
    """How to compare."""

    method: Method
    solver: Solver = "published"
    seed: int = 0


Pair = tuple[int, tuple[int, ...]]


def compare(panel: Donors, asked: Asked) -> Compared:
    """Compare the treated unit with its donors; weights of predictors are searched for longer than for a placebo."""
    pair = (panel.treated, tuple(range(panel.treated)))
    if asked.method == "sc" and len(panel.predictors):
        return _matched(panel, *pair, asked.seed, THOROUGH)
    return compare_all(panel, [pair], asked)[0]


def compare_all(panel: Donors, pairs: Sequence[Pair], asked: Asked) -> list[Compared]:
    """Compare units with pools of their own, each with the same effort."""
    if asked.method == "sc" and len(panel.predictors):
        return _matched_all(panel, pairs, asked.seed)
    if asked.method == "sc" and asked.solver == "published":
        return _stopped(panel, pairs) if pairs else []
    return [_fitted(panel, unit, pool, asked.method) for unit, pool in pairs]


def placebos(panel: Donors, asked: Asked) -> list[Compared]:
    """Compare every unit with the others, the treated unit last.

    Where the level must be met, the treated unit joins the pool of the others, so that under the hypothesis of no
    effect all units are on the same footing, and each gets the same number of searches. Synthetic and plain
    difference-in-differences take their placebos from donors alone, as their standard error is defined.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Arkhangelsky et al.
        (2021), American Economic Review 111(12), algorithm 4.
    """
    joined = asked.method in SCALED
    pool = range(len(panel.names) if joined else panel.treated)
    units = range(len(panel.names))
    found = compare_all(panel, [(one, tuple(other for other in pool if other != one)) for one in units], asked)
    return _deepened(panel, found, asked.seed) if found[-1].found else found


@dataclass(frozen=True, slots=True)
class Apart:
    """The treated unit and a donor, each compared with the same pool, in which neither of them is."""

    treated: Compared
    donor: Compared


def apart(panel: Donors, asked: Asked, others: list[Compared]) -> list[Apart]:
    """Take each donor in turn out of the pool of the treated unit, and the treated unit out of its pool.

    For synthetic control a unit of weight zero changes nothing when it goes, so that few comparisons are made anew.

    Args:
        panel: The panel.
        asked: How to compare.
        others: What `placebos` gave.
    """
    last, whole = panel.treated, others[-1]
    every = asked.method != "sc"
    pairs: list[Pair] = []
    for one in others[:-1]:
        pool = tuple(other for other in range(last) if other != one.unit)
        if every or whole.weight_of(one.unit):
            pairs.append((last, pool))
        if asked.method in SCALED and one.weight_of(last):
            pairs.append((one.unit, pool))
    known = [one.found.importance for one in others if one.found]
    if known:
        again = [_matched(panel, *pair, asked.seed, AGAIN, known) for pair in pairs]
    else:
        again = compare_all(panel, pairs, asked)
    anew = dict(zip(pairs, again, strict=True))
    return [_apart(one, whole, last, anew) for one in others[:-1]]


def _apart(one: Compared, whole: Compared, last: int, anew: dict[Pair, Compared]) -> Apart:
    pool = tuple(other for other in range(last) if other != one.unit)
    return Apart(anew.get((last, pool), whole), anew.get((one.unit, pool), one))


def _matched_all(panel: Donors, pairs: Sequence[Pair], seed: int) -> list[Compared]:
    """Search for each, then again from what was found for all: what is good for one unit is often good for another."""
    first = [_matched(panel, unit, pool, seed, QUICK) for unit, pool in pairs]
    shared = [one.found.importance for one in first if one.found]
    second = [_matched(panel, unit, pool, seed, QUICK, shared) for unit, pool in pairs]
    return [min(both, key=Compared.loss) for both in zip(first, second, strict=True)]


def _deepened(panel: Donors, found: list[Compared], seed: int) -> list[Compared]:
    """Search longer for the treated unit and for those that may rank before it: a poor search would decide the rank.

    Where many rank before it, no search makes it unusual, and none is made.
    """
    if _before(found) > len(found) * FAR:
        return found
    bar = NEAR * found[-1].ratio(TINY)
    found = [_deeper(panel, one, seed, DEEPER) if one.ratio(TINY) >= bar else one for one in found]
    if _before(found) > len(found) * FAR:
        return found
    bar = found[-1].ratio(TINY)
    rivals = [_deeper(panel, one, seed + 1, THOROUGH) if one.ratio(TINY) >= bar else one for one in found[:-1]]
    return [*rivals, found[-1]]


def _before(found: list[Compared]) -> int:
    """How many placebos have at least the treated unit's ratio."""
    bar = found[-1].ratio(TINY)
    return sum(one.ratio(TINY) >= bar for one in found[:-1])


def _deeper(panel: Donors, one: Compared, seed: int, effort: Effort) -> Compared:
    return min(_matched(panel, one.unit, one.pool, seed, effort), one, key=Compared.loss)


def _matched(
    panel: Donors, unit: int, pool: tuple[int, ...], seed: int, effort: Effort, known: Sequence[Floats] = ()
) -> Compared:
    gaps = panel.gaps(unit, pool)
    found = matched(panel.distances(unit, pool), gaps[: panel.before], seed=seed, effort=effort, known=known)
    return Compared(unit, pool, found.weights, np.zeros(panel.before), -gaps @ found.weights, found)


def _stopped(panel: Donors, pairs: Sequence[Pair]) -> list[Compared]:
    """All pools of one size are walked together."""
    found: dict[int, Compared] = {}
    for many in {len(pool) for _, pool in pairs}:
        alike = [number for number, (_, pool) in enumerate(pairs) if len(pool) == many]
        found |= dict(zip(alike, _walked(panel, [pairs[one] for one in alike]), strict=True))
    return [found[number] for number in range(len(pairs))]


def _walked(panel: Donors, pairs: Sequence[Pair]) -> list[Compared]:
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
    gaps, none = panel.gaps(unit, pool), np.zeros(panel.before)
    if method == "sc":
        weights = simplex(gaps[: panel.before])
        return Compared(unit, pool, weights, none, -gaps @ weights)
    if method == "augmented":
        ridged = augmented(gaps[: panel.before])
        return Compared(unit, pool, ridged.weights, none, -gaps @ ridged.weights, error=ridged.error)
    if method == "sdid":
        values, alone = panel.outcome[:, list(pool)], panel.outcome[:, unit]
        both = doubled(values, alone, panel.before, treated_units=panel.many)
        weights, periods = both.units, both.periods
    else:
        weights, periods = np.full(len(pool), 1 / len(pool)), np.full(panel.before, 1 / panel.before)
    raw = -gaps @ weights
    return Compared(unit, pool, weights, periods, raw - periods @ raw[: panel.before])
