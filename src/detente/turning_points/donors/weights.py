"""Gaps between donors and the treated unit to weights that close them.

Every function takes *gaps*: one column a donor, its values minus those of the treated unit. Weights are not negative
and sum to one, so the weighted sum of the gaps is the gap of the synthetic unit; what all units share drops out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS, FIRST_STEPS = 10_000, 100
"""Frank–Wolfe steps of the published solver, after and before it drops small weights."""


def simplex(gaps: Floats, *, ridge: float = 0.0) -> Floats:
    """Give the weights whose weighted gaps have the smallest sum of squares, exactly.

    The problem is homogeneous: non-negative least squares with one more row, which asks for a sum of one, has its
    solution on the same ray, so dividing by the sum gives the optimum whatever the weight of that row.

    Args:
        gaps: Rows to close, one column a donor.
        ridge: Weight of the sum of squared weights.

    References:
        Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23.
    """
    from scipy.optimize import nnls

    deep, many = gaps.shape
    system = np.zeros((deep + 1 + many * bool(ridge), many))
    system[:deep] = gaps
    if ridge:
        system[deep:-1].flat[:: many + 1] = np.sqrt(ridge)
    system[-1] = np.sqrt(np.vdot(system, system) / many) or 1.0
    asked = np.zeros(len(system))
    asked[-1] = system[-1, 0]
    weights: Floats = nnls(system, asked, maxiter=50 * many)[0]
    weights /= weights.sum()
    return weights


def published(gaps: Floats, *, noise: Floats) -> Floats:
    """Give the weights at which the solver published with synthetic difference-in-differences stops.

    It walks 100 Frank–Wolfe steps from equal weights, drops the weights under a quarter of the largest, and walks on
    until a step gains less than 1e-10 of the noise variance, at most 10,000 steps. Where it does not arrive, its loss
    is above that of `simplex`.

    Args:
        gaps: One problem a layer: problems × rows × donors.
        noise: Of each problem the standard deviation of the donors' first differences.

    References:
        Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).
    """
    rows, many = gaps.shape[1:]
    curvature = np.matmul(gaps.transpose(0, 2, 1), gaps) + rows * (1e-6 * noise[:, None, None]) ** 2 * np.eye(many)
    enough = rows * (1e-5 * noise) ** 2
    walked = _frank_wolfe(curvature, np.full((len(gaps), many), 1 / many), enough, FIRST_STEPS)
    kept = np.where(walked > walked.max(axis=1, keepdims=True) / 4, walked, 0.0)
    return _frank_wolfe(curvature, kept / kept.sum(axis=1, keepdims=True), enough, STEPS)


def _frank_wolfe(curvature: Floats, start: Floats, enough: Floats, steps: int) -> Floats:
    """Walk all problems at once; a problem stands still once a step gains no more than *enough*."""
    found = start.copy()
    going, weights, h = np.arange(len(start)), start.copy(), curvature
    slope = np.einsum("pij,pj->pi", h, weights)
    value, before = np.einsum("pi,pi->p", weights, slope), np.full(len(start), np.inf)
    for _ in range(steps):
        weights, slope, value = _step(h, weights, slope, value)
        moving = before - value > enough[going]
        if not moving.all():
            found[going] = weights
            going, weights, slope, value, h = going[moving], weights[moving], slope[moving], value[moving], h[moving]
        if not len(going):
            return found
        before = value
    found[going] = weights
    return found


def _step(h: Floats, weights: Floats, slope: Floats, value: Floats) -> tuple[Floats, Floats, Floats]:
    each = np.arange(len(h))
    to = slope.argmin(axis=1)
    there, down = h[each, to, to], slope[each, to]
    bend = there - 2 * down + value
    share = np.clip((value - down) / np.where(bend > 0, bend, np.inf), 0.0, 1.0)
    stay = 1 - share
    weights = weights * stay[:, None]
    weights[each, to] += share
    slope = slope * stay[:, None] + h[each, to] * share[:, None]
    return weights, slope, stay**2 * value + 2 * stay * share * down + share**2 * there


@dataclass(frozen=True, slots=True)
class Doubled:
    """Weights of donors and of periods before the event, of synthetic difference-in-differences."""

    units: Floats
    periods: Floats


def doubled(donors: Floats, treated: Floats, before: int, *, treated_units: int = 1) -> Doubled:
    """Give the unit and period weights of synthetic difference-in-differences, at their exact optimum.

    Args:
        donors: Periods × donors.
        treated: One value a period.
        before: How many of the periods are before the event.
        treated_units: How many units the treated values stand for.

    References:
        Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), equations 4 to 6.
    """
    early, late = donors[:before], donors[before:]
    noise = spread(early)
    ridge = before * (len(late) * treated_units) ** 0.5 * noise**2
    gaps = early - treated[:before, None]
    over = early - late.mean(axis=0)
    units = simplex(gaps - gaps.mean(axis=0), ridge=ridge)
    over = (over - over.mean(axis=1, keepdims=True)).T
    return Doubled(units, simplex(over, ridge=donors.shape[1] * (1e-6 * noise) ** 2))


def spread(early: Floats) -> float:
    """Give the standard deviation of the first differences of the donors before the event."""
    return float(np.diff(early, axis=0).std(ddof=1))
