"""Innovations of values and controls to which controls belong in the regression: spike and slab, summed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np

from detente.turning_points.noise import Array

EXPECTED = 3
"""Controls expected in the model, the constant among them (CausalImpact: expected.model.size)."""
MOST = 8
"""Up to so many controls all subsets are summed; of more, those that a search over likely ones meets."""


@dataclass(frozen=True, slots=True)
class Subsets:
    """Subsets of the controls and what each is worth.

    Attributes:
        members: Columns of each subset.
        evidence: Log evidence over the empty regression with the prior of the subset, point × subset.
    """

    members: tuple[tuple[int, ...], ...]
    evidence: Array
    cross: Array
    product: Array
    prior: Array

    def moments(self, number: int) -> tuple[Array, Array]:
        """Posterior mean and covariance of the coefficients of a subset at each point."""
        mine = list(self.members[number])
        if not mine:
            return np.zeros((len(self.cross), 0)), np.zeros((len(self.cross), 0, 0))
        cov = np.linalg.inv((self.cross + self.prior)[:, mine][:, :, mine])
        return np.asarray(np.einsum("gkl,gl->gk", cov, self.product[:, mine])), cov


def likely_subsets(cross: Array, product: Array, noise: Array, x: Array) -> Subsets:
    """Weigh subsets of the controls.

    Args:
        cross: Cross products of the whitened innovations of the controls, point × control × control.
        product: Their products with those of the values.
        noise: Variance of the observations at each point.
        x: The controls, whose prior precision is that of a hundredth of an observation, half of it along the diagonal.

    References:
        George and McCulloch (1997), Statistica Sinica 7(2); Scott and Varian (2014).
    """
    if not x.shape[1]:
        return Subsets(((),), np.zeros((len(noise), 1)), cross, product, cross)
    information = x.T @ x / len(x)
    unit = 0.01 * (information + np.diag(np.diag(information))) / 2
    prior = unit / noise[:, None, None]
    share = min(1.0, EXPECTED / x.shape[1])
    width = x.shape[1]
    if share == 1.0:
        members: list[tuple[int, ...]] = [tuple(range(width))]
    elif width - 1 <= MOST:
        members = [some for size in range(width + 1) for some in combinations(range(width), size)]
    else:
        members = _searched(cross, product, prior, share)
    evidence = np.stack([_evidence(some, cross, product, prior, share) for some in members], axis=1)
    best = (evidence - evidence.max(axis=1, keepdims=True)).max(axis=0)
    kept = np.flatnonzero(best > -12)
    return Subsets(tuple(members[at] for at in kept), evidence[:, kept], cross, product, prior)


def _evidence(some: tuple[int, ...], cross: Array, product: Array, prior: Array, share: float) -> Array:
    mine = list(some)
    odds = 0.0 if share == 1.0 else len(mine) * log(share) + (cross.shape[1] - len(mine)) * log(1 - share)
    if not mine:
        return np.full(len(cross), odds)
    slab = prior[:, mine][:, :, mine]
    full = slab + cross[:, mine][:, :, mine]
    aim = product[:, mine]
    fitted = (aim * np.linalg.solve(full, aim[..., None])[..., 0]).sum(axis=1)
    return np.asarray(odds + (np.linalg.slogdet(slab)[1] - np.linalg.slogdet(full)[1] + fitted) / 2)


def _searched(cross: Array, product: Array, prior: Array, share: float) -> list[tuple[int, ...]]:
    """Subsets that flips of single controls meet on the way up, and all their neighbours, at the middle point."""
    at = slice(len(cross) // 2, len(cross) // 2 + 1)
    parts = (cross[at], product[at], prior[at], share)
    seen: dict[tuple[int, ...], float] = {}

    def worth(some: tuple[int, ...]) -> float:
        if some not in seen:
            seen[some] = float(_evidence(some, *parts)[0])
        return seen[some]

    now: tuple[int, ...] = ()
    while True:
        near = [tuple(sorted(set(now) ^ {column})) for column in range(cross.shape[1])]
        best = max(near, key=worth)
        if worth(best) <= worth(now):
            break
        now = best
    high = max(seen.values())
    return [some for some, value in seen.items() if value > high - 10]
