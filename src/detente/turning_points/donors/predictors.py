"""Predictors to donor weights: which predictors matter is searched for, not assumed.

The donors' weights follow from the predictors' weights V; V is chosen so that the outcome before the event is met best.
That loss has many local optima, and often many V of the same loss: both are looked for, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from detente.turning_points.donors.weights import Floats, simplex

LEAST = 1e-6
"""Smallest weight of a predictor, as a share of the largest: with zero weights the donor weights are not unique."""
FLOOR = float(np.log(LEAST))


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search.

    Attributes:
        runs: Times from the beginning, at most.
        shakes: How often each run starts anew from a shaken best V.
        agree: No further runs once as many have come to the best loss.
        polish: Whether to descend on from the best in the end.
    """

    runs: int
    shakes: int
    agree: int = 1
    polish: bool = False


THOROUGH, DEEPER, QUICK, AGAIN = Effort(6, 30, 3, polish=True), Effort(6, 8, 2), Effort(1, 1), Effort(1, 6)
"""For an estimate, for a placebo that decides, for any other, and from V that did well before."""
TIE = 1e-6
"""A donor without weight may pull that much more, as a share, than those with weight before it is let in."""
SAME = 1e-3
"""Runs agree that end within this share of the best loss."""
MORE, FEWER = 20, 20
"""Evaluations of a first descent, and of one from a shaken V."""
SCREENED, STARTS = 4, 2
"""Random V looked at for each predictor, and how many of the best of them are descended from."""
SHAKEN, NEAR, STEP = 0.3, 0.8, 2.0
"""Share of predictors whose weight is shaken; how often by a step of the logarithm of that size, else anew."""
FINAL, SMALL = 12, 0.1
"""Descents from beside the best V in the end, and how far beside."""
ALIKE = 1.05
"""Up to this multiple of the smallest loss a solution counts as equally good."""


Seen = tuple[float, Floats, Floats]
"""A loss, the logarithms of its V, its donor weights."""


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
class _Face:
    """The donors that carry weight: while they stay the same, their weights follow from a small linear system.

    Weights turn within the plane of those that sum to one, so the first donor's part follows from the others.
    """

    used: Any
    first: Floats
    across: Floats
    root: Floats | None = None

    @classmethod
    def of(cls, weights: Floats, predictors: Floats) -> _Face:
        used = weights.nonzero()[0]
        inside = predictors[:, used]
        return cls(used, inside[:, 0], inside[:, 1:] - inside[:, :1])

    def factor(self, importance: Floats) -> Floats:
        """Weigh the predictors; without a root the donors cannot be told apart."""
        from scipy.linalg.lapack import dpotrf

        weighed = self.across * importance[:, None]
        bend = weighed.T @ self.across
        bend.flat[:: len(bend) + 1] += 1e-14 * bend.trace()
        root, failed = dpotrf(bend, lower=True)
        self.root = None if failed else root
        return weighed

    def turned(self, by: Floats) -> Floats:
        from scipy.linalg.lapack import dpotrs

        return np.asarray(dpotrs(self.root, by, lower=True)[0])

    def weights(self, importance: Floats, predictors: Floats) -> Floats | None:
        """The best weights if the same donors still carry them all; else None."""
        weighed = self.factor(importance)
        if self.root is None:
            return None
        others = self.turned(-(self.first @ weighed))
        lead = 1.0 - others.sum()
        if lead <= 0 or others.min() <= 0:
            return None
        gap = self.first + self.across @ others
        pull = (importance * gap) @ predictors
        level = float((importance * gap) @ gap)
        if pull.min() < level - TIE * max(level, 1e-300):
            return None
        weights = np.zeros(predictors.shape[1])
        weights[self.used[0]], weights[self.used[1:]] = lead, others
        return weights


@dataclass(slots=True)
class _Search:
    """The loss as a function of the logarithm of V, and everything seen on the way."""

    predictors: Floats
    outcome: Floats
    seen: list[Seen]
    face: _Face | None = None

    @property
    def best(self) -> Seen:
        """What met the outcome best so far."""
        return min(self.seen, key=itemgetter(0))

    def loss(self, logs: Floats) -> float:
        return self._at(logs)[0]

    def __call__(self, logs: Floats) -> tuple[float, Floats]:
        """Logarithm of the loss, and its slope."""
        loss, importance, weights, gap = self._at(logs)
        return float(np.log(max(loss, 1e-300))), self._slope(importance, weights, gap) / max(loss, 1e-300)

    def _at(self, logs: Floats) -> tuple[float, Floats, Floats, Floats]:
        importance = np.exp(logs - logs.max())
        weights = self.face.weights(importance, self.predictors) if self.face else None
        if weights is None:
            weights = simplex(np.sqrt(importance)[:, None] * self.predictors)
            face = _Face.of(weights, self.predictors)
            self.face = face if len(face.used) > 1 else None
        gap = self.outcome @ weights
        loss = float(gap @ gap) / len(gap)
        self.seen.append((loss, logs.copy(), weights))
        return loss, importance, weights, gap

    def _slope(self, importance: Floats, weights: Floats, gap: Floats) -> Floats:
        """Differentiate through the optimality conditions of the donors that carry weight."""
        face = self.face
        if face and face.root is None:
            face.factor(importance)
        if not face or face.root is None:
            return np.zeros_like(importance)
        pull = (gap @ self.outcome)[face.used]
        turn = face.across @ face.turned(pull[1:] - pull[0])
        slope: Floats = importance * (self.predictors @ weights) * turn
        return slope * (-2 / len(gap))


def matched(
    predictors: Floats,
    outcome: Floats,
    *,
    seed: int = 0,
    effort: Effort = THOROUGH,
    known: Sequence[Floats] = (),
) -> Matched:
    """Find the weights of predictors, and with them of donors, that meet the outcome before the event best.

    Args:
        predictors: Standardised gaps, predictors × donors.
        outcome: Gaps of the outcome before the event, periods × donors.
        seed: Of the random starts.
        effort: How long to search.
        known: V that did well for other units; where given, the search starts from the best of them only.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Malo, Eskelinen,
        Zhou and Kuosmanen (2024), Computational Economics 64, for the bound and when it is attained.
    """
    free = simplex(outcome)
    bound = float(((outcome @ free) ** 2).mean())
    seen = _searched(predictors, outcome, bound * (1 + 1e-9), np.random.default_rng(seed), effort, known)
    logs = seen[0][1]
    importance = np.exp(logs - logs.max())
    weights = simplex(np.sqrt(importance)[:, None] * predictors)
    loss = float(((outcome @ weights) ** 2).mean())
    alike = np.array([one[2] for one in seen if one[0] <= ALIKE * loss])
    return Matched(weights, importance / importance.sum(), loss, bound, alike)


def _searched(
    predictors: Floats,
    outcome: Floats,
    enough: float,
    draw: np.random.Generator,
    effort: Effort,
    known: Sequence[Floats],
) -> list[Seen]:
    """Everything seen, the smallest loss first."""
    seen: list[Seen] = []
    ends: list[float] = []
    while len(ends) < effort.runs and sum(end <= min(ends) * (1 + SAME) for end in ends) < effort.agree:
        one = _run(_Search(predictors, outcome, []), enough, effort.shakes, draw, known)
        ends.append(min(one, key=itemgetter(0))[0])
        seen += one
        if ends[-1] <= enough:
            break
    best = min(seen, key=itemgetter(0))
    if effort.polish and best[0] > enough:
        seen += _polished(_Search(predictors, outcome, [best]), draw)
    return sorted(seen, key=itemgetter(0))


def _run(search: _Search, enough: float, shakes: int, draw: np.random.Generator, known: Sequence[Floats]) -> list[Seen]:
    for start in _best(search, known) if known else _starts(search, draw, shakes):
        _descend(search, start, steps=MORE)
    for _ in range(shakes):
        if search.best[0] <= enough:
            break
        _descend(search, _shaken(search.best[1], draw), steps=FEWER)
    return search.seen


def _polished(search: _Search, draw: np.random.Generator) -> list[Seen]:
    """Descend on from the best, leaving each kink by a small jump."""
    for _ in range(FINAL):
        _descend(search, search.best[1] + draw.normal(0.0, SMALL, len(search.predictors)), steps=FEWER)
    return search.seen


def _starts(search: _Search, draw: np.random.Generator, shakes: int) -> list[Floats]:
    """V that support weights which meet the outcome well, in all periods or in periods drawn again; and random V."""
    many, deep = len(search.predictors), len(search.outcome)
    rows = [np.arange(deep), *(draw.integers(0, deep, deep) for _ in range(shakes // 8))]
    supporting = [_supporting(search.predictors, simplex(search.outcome[one])) for one in rows]
    drawn = draw.uniform(FLOOR, 0.0, (SCREENED * many, many))
    return [*supporting, *_best(search, np.exp(drawn)), np.zeros(many)]


def _best(search: _Search, importances: Sequence[Floats] | Floats) -> list[Floats]:
    logs = [np.log(np.maximum(one / one.max(), LEAST)) for one in importances]
    order = np.argsort([search.loss(one) for one in logs], kind="stable")
    return [logs[one] for one in order[:STARTS]]


def _supporting(predictors: Floats, wanted: Floats) -> Floats:
    """Logarithms of the V under which the wanted donor weights come nearest to being optimal.

    The conditions of an optimum are linear in V: no donor may pull more than those that carry weight, which pull alike.
    """
    from scipy.optimize import linprog

    gap = predictors @ wanted
    tilt = (predictors - gap[:, None]) * gap[:, None]
    size = np.abs(tilt).max(axis=0)
    tilt = (tilt / np.where(size > 0, size, 1.0)).T
    used = wanted > 0
    many, slack = len(gap), np.eye(len(wanted))
    found = linprog(
        np.concatenate([np.zeros(many), np.ones(len(wanted))]),
        A_ub=np.vstack([np.hstack([-tilt, -slack]), np.hstack([tilt[used], -slack[used]])]),
        b_ub=np.zeros(len(wanted) + int(used.sum())),
        A_eq=np.concatenate([np.ones(many), np.zeros(len(wanted))])[None],
        b_eq=np.ones(1),
        bounds=[(LEAST, 1.0)] * many + [(0.0, None)] * len(wanted),
    )
    return np.zeros(many) if found.x is None else np.log(np.clip(found.x[:many], LEAST, 1.0))


def _descend(search: _Search, start: Floats, steps: int) -> None:
    """Quasi-Newton steps on the logarithm of the loss, within the bounds, for a given number of evaluations.

    The loss takes a tenth of a millisecond, so the solvers of libraries spend most of their time on themselves.
    """
    at = np.minimum(np.maximum(start, FLOOR), 0.0)
    value, slope = search(at)
    bend = np.eye(len(start))
    first = True
    while steps > 0:
        blocked = ((at <= FLOOR) & (slope > 0)) | ((at >= 0) & (slope < 0))
        towards = np.where(blocked, 0.0, -bend @ np.where(blocked, 0.0, slope))
        if first or towards @ slope >= 0:
            bend = np.eye(len(at)) / (np.linalg.norm(slope[~blocked]) or 1.0)
            towards = np.where(blocked, 0.0, -bend @ slope)
        moved, steps = _line(search, at, towards, (value, slope), steps)
        if moved is None:
            if first:
                return
            first = True
            continue
        new, (lower, turned) = moved
        bend = _updated(bend, new - at, turned - slope)
        first, at, value, slope = False, new, lower, turned


def _line(
    search: _Search, at: Floats, towards: Floats, known: tuple[float, Floats], steps: int
) -> tuple[tuple[Floats, tuple[float, Floats]] | None, int]:
    """The first of ever shorter steps that lowers the loss, and the evaluations left."""
    for share in (1.0, 0.3, 0.1, 0.01):
        if steps <= 0:
            break
        new = np.minimum(np.maximum(at + share * towards, FLOOR), 0.0)
        found, steps = search(new), steps - 1
        if found[0] < known[0] + 1e-4 * float(known[1] @ (new - at)):
            return (new, found), steps
    return None, steps


def _updated(bend: Floats, moved: Floats, turned: Floats) -> Floats:
    """The inverse of the second derivatives, after Broyden, Fletcher, Goldfarb and Shanno."""
    along = float(moved @ turned)
    if along <= 1e-12 * float(moved @ moved):
        return bend
    left = np.eye(len(moved)) - np.outer(moved, turned) / along
    return np.asarray(left @ bend @ left.T + np.outer(moved, moved) / along)


def _shaken(logs: Floats, draw: np.random.Generator) -> Floats:
    """The loss has kinks, at which a descent by slope stops, and many valleys: leave the best one by a jump."""
    hit = draw.random(len(logs)) < SHAKEN
    hit[draw.integers(len(logs))] = True
    step = logs + draw.normal(0.0, STEP, len(logs))
    anew = draw.uniform(FLOOR, 0.0, len(logs))
    moved = step if draw.random() < NEAR else anew
    return np.asarray(np.where(hit, moved, logs))
