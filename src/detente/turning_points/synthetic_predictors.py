"""Predictors to donor weights: which predictors matter is searched for, not assumed.

The donors' weights follow from the predictors' weights V; V is chosen so that the outcome before the event is met best.
That loss has many local optima, and often many V of the same loss: both are looked for, and told.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from detente.turning_points.synthetic_weights import Floats, simplex

LEAST = 1e-6
"""Smallest weight of a predictor, as a share of the largest: with zero weights the donor weights are not unique."""
SCREENED, STARTS = 16, 3
"""Random V looked at for each predictor, and how many of the best of them are descended from."""
MORE, FEWER = 30, 15
"""Evaluations of a first descent, and of one from the best V so far."""
SWEEPS, TRIED = 4, 6
"""Rounds over the predictors from the best V found, and values tried for each of them."""
ALIKE = 1.05
"""Up to this multiple of the smallest loss a solution counts as equally good."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Donor weights found through predictors.

    Attributes:
        weights: One a donor.
        importance: Weights V of the predictors; they sum to one.
        loss: Mean squared gap of the outcome before the event.
        bound: The same without predictors: no V can do better.
        alike: Donor weights of other V with nearly the same loss, one a row.
    """

    weights: Floats
    importance: Floats
    loss: float
    bound: float
    alike: Floats


@dataclass(slots=True)
class _Search:
    """The loss as a function of the logarithm of V, and everything seen on the way."""

    predictors: Floats
    outcome: Floats
    seen: list[tuple[float, Floats, Floats]]

    @property
    def best(self) -> tuple[float, Floats, Floats]:
        """What met the outcome best so far."""
        return min(self.seen, key=itemgetter(0))

    def loss(self, logs: Floats) -> float:
        return self._at(logs)[0]

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        loss, importance, weights, gap = self._at(logs)
        return loss, self._slope(importance, weights, gap)

    def _at(self, logs: Floats) -> tuple[float, Floats, Floats, Floats]:
        importance = np.exp(logs - logs.max())
        weights = simplex(np.sqrt(importance)[:, None] * self.predictors)
        gap = self.outcome @ weights
        loss = float(gap @ gap) / len(gap)
        self.seen.append((loss, logs.copy(), weights))
        return loss, importance, weights, gap

    def _slope(self, importance: Floats, weights: Floats, gap: Floats) -> Floats:
        """Differentiate through the optimality conditions of the donors that carry weight."""
        used = weights.nonzero()[0]
        inside, many = self.predictors[:, used], len(used)
        system = np.ones((many + 1, many + 1))
        bend = (inside.T * importance) @ inside
        size = bend.trace() / many or 1.0
        system[:many, :many] = bend / size + 1e-13 * np.eye(many)
        system[many, many] = 0.0
        asked = np.zeros(many + 1)
        asked[:many] = gap @ self.outcome[:, used]
        turn = np.linalg.solve(system, asked)[:many]
        slope: Floats = importance * (inside @ weights[used]) * (inside @ turn)
        return slope * (-2 / (len(gap) * size))


def matched(predictors: Floats, outcome: Floats, *, seed: int = 0, effort: int = 1) -> Matched:
    """Find the weights of predictors, and with them of donors, that meet the outcome before the event best.

    Args:
        predictors: Standardised gaps, predictors × donors.
        outcome: Gaps of the outcome before the event, periods × donors.
        seed: Of the random starts.
        effort: Multiplies starts, rounds and steps.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Malo, Eskelinen,
        Zhou and Kuosmanen (2024), Computational Economics 64, for the bound and when it is attained.
    """
    free = simplex(outcome)
    bound = float(((outcome @ free) ** 2).mean())
    search = _Search(predictors, outcome, [])
    draw = np.random.default_rng(seed)
    for start in _starts(search, free, draw, effort):
        _descend(search, start, steps=MORE * effort)
    for _ in range(SWEEPS * effort):
        if search.best[0] > bound * (1 + 1e-9):
            _sweep(search, draw, FEWER * effort)
    seen = sorted(search.seen, key=itemgetter(0))
    loss, logs, weights = seen[0]
    importance = np.exp(logs - logs.max())
    alike = np.array([one[2] for one in seen if one[0] <= ALIKE * loss])
    return Matched(weights, importance / importance.sum(), loss, bound, alike)


def _starts(search: _Search, free: Floats, draw: np.random.Generator, effort: int) -> list[Floats]:
    many = len(search.predictors)
    drawn = draw.uniform(np.log(LEAST), 0.0, (SCREENED * effort * many, many))
    best = np.argsort([search.loss(logs) for logs in drawn], kind="stable")[: STARTS * effort]
    supporting = _supporting(search.predictors, free)
    return [*([] if supporting is None else [supporting]), *drawn[best], np.zeros(many)]


def _supporting(predictors: Floats, free: Floats) -> Floats | None:
    """Logarithms of a V under which the weights that meet the outcome best are also optimal; None where none is."""
    from scipy.optimize import linprog

    gap = predictors @ free
    tilt = (predictors - gap[:, None]) * gap[:, None]
    used = free > 0
    size = np.abs(tilt).max(axis=0)
    tilt = (tilt / np.where(size > 0, size, 1.0)).T
    found = linprog(
        np.zeros(len(gap)),
        A_ub=-tilt[~used] if (~used).any() else None,
        b_ub=np.zeros((~used).sum()) if (~used).any() else None,
        A_eq=np.vstack([tilt[used], np.ones(len(gap))]),
        b_eq=np.append(np.zeros(used.sum()), 1.0),
        bounds=(LEAST, 1.0),
    )
    return None if found.x is None else np.log(np.clip(found.x, LEAST, 1.0))


def _descend(search: _Search, start: Floats, steps: int) -> None:
    from scipy.optimize import minimize

    bounds = [(np.log(LEAST), 0.0)] * len(start)
    minimize(search, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps, "maxfun": steps})


def _sweep(search: _Search, draw: np.random.Generator, steps: int) -> None:
    """Move one predictor's weight at a time, then all: the loss has kinks, at which a descent by slope stops."""
    many = len(search.predictors)
    for one in draw.permutation(many):
        logs = search.best[1]
        for value in draw.uniform(np.log(LEAST), 0.0, TRIED):
            search.loss(np.where(np.arange(many) == one, value, logs))
    _descend(search, search.best[1], steps=steps)
