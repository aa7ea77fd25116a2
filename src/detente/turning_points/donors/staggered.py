"""Several treated units, at one date or at several, to one effect: each date with its own comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.donors.intervals import LEVEL, inverted
from detente.turning_points.donors.panel import Cohorts, Donors
from detente.turning_points.donors.placebos import Asked, Compared, compare
from detente.turning_points.donors.weights import Floats

DRAWS = 200
"""How often units without the event are drawn as if they had had it."""
ROOM = 2
"""Donors that must be left when as many are drawn as had the event."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared with what.

    Attributes:
        read: The panel.
        asked: How to compare.
        horizon: Periods after an event that count; None for all.
        not_yet: Whether units whose event comes after these periods are donors too.
    """

    read: Cohorts
    asked: Asked
    horizon: int | None
    not_yet: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """Treated units of one date.

    Attributes:
        at: First period after the event; `units` had it.
        average: Mean gap after the event; `gaps`: period → observed minus expected.
        weights: Donor → weight; `loss`: mean squared gap before the event.
        before: Periods before the event; `after`: periods that count after it.
    """

    at: Any
    units: tuple[str, ...]
    average: float
    gaps: dict[Any, float]
    weights: dict[str, float]
    loss: float
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effect over all treated units and periods (`average`), and by periods since the event (`leads`)."""

    average: float
    leads: Floats
    parts: tuple[tuple[Donors, Compared], ...]

    @property
    def row(self) -> Floats:
        """The average, then the leads."""
        return np.concatenate([[self.average], self.leads])


def groups(read: Cohorts) -> dict[int, list[int]]:
    """Number of periods before the event → numbers of the units that had it then."""
    found: dict[int, list[int]] = {}
    for name, start in sorted(read.starts.items(), key=lambda one: (one[1], one[0])):
        found.setdefault(start, []).append(read.names.index(name))
    return found


def estimate(plan: Plan, members: dict[int, list[int]], pool: Sequence[int]) -> Estimate:
    """Compare each cohort with the pool, and average over treated units and periods.

    References:
        Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), appendix A;
        Ben-Michael, Feller and Rothstein (2022), Journal of the Royal Statistical Society B 84(2).
    """
    parts = []
    for start, units in members.items():
        panel = _panel(plan, start, units, pool)
        parts.append((panel, compare(panel, plan.asked)))
    sizes = np.array([panel.many for panel, _ in parts], dtype=float)
    longest = max(len(found.after) for _, found in parts)
    after = np.full((len(parts), longest), np.nan)
    for row, (_, found) in enumerate(parts):
        after[row, : len(found.after)] = found.after
    known = np.isfinite(after) * sizes[:, None]
    filled = np.nan_to_num(after)
    return Estimate(float((known * filled).sum() / known.sum()), (known * filled).sum(0) / known.sum(0), tuple(parts))


def _panel(plan: Plan, start: int, units: Sequence[int], pool: Sequence[int]) -> Donors:
    """The mean of the cohort beside its donors, up to the last period that counts."""
    read = plan.read
    last = len(read.times) if plan.horizon is None else min(len(read.times), start + plan.horizon)
    later = [one for one, begun in _begun(read) if begun >= last and one not in units] if plan.not_yet else []
    names = [*pool, *later]
    if len(names) < ROOM:
        raise SeriesError(f"{len(names)} donors for {read.times[start]}", hint="add units without the event")
    values = np.column_stack([read.outcome[:last, names], read.outcome[:last, list(units)].mean(axis=1)])
    called = (*(read.names[one] for one in names), " and ".join(read.names[one] for one in units))
    return Donors(called, read.times[:last], start, values, np.empty((0, len(called))), (), len(units))


def _begun(read: Cohorts) -> list[tuple[int, int]]:
    return [(read.names.index(name), start) for name, start in read.starts.items()]


def cohort(found: tuple[Donors, Compared], units: Sequence[str]) -> Cohort:
    """What is told of one cohort."""
    panel, one = found
    order = np.argsort(-one.weights, kind="stable")
    return Cohort(
        at=panel.times[panel.before],
        units=tuple(units),
        average=one.average(),
        gaps=dict(zip(panel.times, one.gaps.tolist(), strict=True)),
        weights={panel.names[one.pool[number]]: float(one.weights[number]) for number in order},
        loss=one.loss(),
        before=panel.before,
        after=len(one.after),
    )


@dataclass(frozen=True, slots=True)
class Chance:
    """What happens where nothing did.

    Attributes:
        draws: How many draws of units without the event.
        error: Spread of the effects found there.
        p: Share of draws, the true one included, with an effect at least as large.
        average: Ends of the interval of the average; `leads`: of each lead. None with too few different draws.
    """

    draws: int
    error: float
    p: float
    average: tuple[float, float] | None
    leads: tuple[tuple[float, float], ...]


def chance(plan: Plan, members: dict[int, list[int]], seed: int) -> Chance | None:
    """Draw as many units without the event as had it, and give them the same dates; None where too few are left.

    In each draw both groups are compared with the units that are left, so that neither has more donors than the other.
    """
    never, many = plan.read.never, sum(map(len, members.values()))
    if never < many + ROOM:
        return None
    drawn = _draws(never, members, seed)
    rows = np.array([_both(plan, members, one) for one in drawn])
    true, placebo = rows[:, 0], np.abs(rows[:, 1]) * _widened(never, many)
    larger = int((placebo[:, 0] >= np.abs(true[:, 0]) * (1 - 1e-9)).sum())
    ends: list[tuple[float, float]] = []
    if comb(never, many) >= _FEWEST_DRAWS and len(drawn) >= _FEWEST_DRAWS:
        ends = [inverted(true[:, one], placebo[:, one]) for one in range(rows.shape[2])]
    return Chance(
        draws=len(drawn),
        error=float(rows[:, 1, 0].std()),
        p=(1 + larger) / (1 + len(drawn)),
        average=ends[0] if ends else None,
        leads=tuple(ends[1:]),
    )


_FEWEST_DRAWS = 19


def _widened(never: int, many: int) -> float:
    """Draws of several units share donors, so that their spread is known no better than that of the donors."""
    from scipy.special import ndtri, stdtrit

    ends = 1 - LEVEL / 2
    return 1.0 if many == 1 else float(stdtrit(never - 1, ends) / ndtri(ends))


def _draws(never: int, members: dict[int, list[int]], seed: int) -> list[tuple[int, ...]]:
    """All of them where one cohort leaves few; else at random."""
    many = sum(map(len, members.values()))
    if len(members) == 1 and comb(never, many) <= DRAWS:
        return list(combinations(range(never), many))
    draw = np.random.default_rng(seed)
    return [tuple(draw.permutation(never)[:many].tolist()) for _ in range(DRAWS)]


def _both(plan: Plan, members: dict[int, list[int]], drawn: tuple[int, ...]) -> list[Floats]:
    left = [one for one in range(plan.read.never) if one not in drawn]
    waiting = iter(drawn)
    false = {start: [next(waiting) for _ in units] for start, units in members.items()}
    return [estimate(plan, members, left).row, estimate(plan, false, left).row]
