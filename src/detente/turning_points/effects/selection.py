"""Regressors that are perhaps there to how likely each choice of them is: trend, season and controls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, log

import numpy as np

from detente.turning_points.effects.averaging import Blend
from detente.turning_points.effects.robust import TREND_ODDS, gain, log_prior_of_kinds
from detente.turning_points.noise import Array, Grid, fit_whitened, log_likelihood, normalise

MOST = 6
"""Of more controls than that, those are kept that the evidence adds first."""
_WORTH = 1e-3


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Regressors over whose presence the estimate is averaged.

    Attributes:
        trend: A linear trend.
        season: The columns of a season, there as a whole or not at all; perhaps none.
        controls: One control a column; perhaps none.
    """

    trend: Array
    season: Array
    controls: Array

    @property
    def columns(self) -> Array:
        """All of them side by side: trend, season, controls."""
        return np.column_stack([self.trend, self.season, self.controls])

    def rows(self, which: Array | slice) -> Perhaps:
        """The same at some of the observations."""
        return Perhaps(self.trend[which], self.season[which], self.controls[which])


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Whitened products of what the regressors that are always there leave: enough to weigh any choice."""

    base: Array
    rss: Array
    cross: Array
    product: Array
    rows: int
    freedom: int

    def of(self, columns: tuple[int, ...]) -> float:
        """Log evidence of a choice, summed over the kinds of noise; none where its columns say the same twice."""
        if not columns:
            return float(np.logaddexp.reduce(self.base))
        if len(columns) > self.freedom - 3:
            return -np.inf
        mine = list(columns)
        cross, product = self.cross[:, mine][:, :, mine], self.product[:, mine]
        size = np.sqrt(np.diagonal(cross, axis1=1, axis2=2))
        if (size <= 1e-9).any() or np.linalg.det(cross / size[:, :, None] / size[:, None, :]).min() < 1e-9:
            return -np.inf
        explained = (product * np.linalg.solve(cross, product[..., None])[..., 0]).sum(axis=1)
        share = np.clip(1 - explained / self.rss, 1e-12, 1.0)
        shrunk = np.log((1 + self.rows * share) / (1 + self.rows))
        score = self.base - len(mine) / 2 * log(1 + self.rows) - self.freedom / 2 * shrunk
        return float(np.logaddexp.reduce(score))


def weigh(noise: Grid, always: Array, perhaps: Perhaps, y: Array) -> Blend:
    """Average over every choice of trend, season and controls, each weighed by its evidence.

    Question: which regressors belong beside those that are always there? Every choice has a unit-information prior
    (Zellner's g = n), which does not mind how alike the controls are; any number of controls is as likely as any other,
    so that trying many does not pass for finding some. Choices whose columns say the same twice are left out.

    Args:
        noise: `robust.kinds_of_noise` of the positions, or a part of it.
        always: Regressors that are always there.
        perhaps: Those that are not.
        y: The values.

    References:
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
        Scott and Berger (2010), Annals of Statistics 38(5), for the prior over the number of controls.
    """
    full = np.column_stack([always, perhaps.columns])
    white, white_y = noise.whiteners @ full, noise.whiteners @ y[:, None]
    width = always.shape[1]
    plain = fit_whitened(white[..., :width], white_y)
    base = log_likelihood(noise, plain) + log_prior_of_kinds()[:, None]
    basis = np.linalg.qr(white[..., :width])[0]
    beside = white[..., width:] - basis @ (basis.transpose(0, 2, 1) @ white[..., width:])
    evidence = _Evidence(
        base=base[:, 0],
        rss=plain.rss[:, 0],
        cross=beside.transpose(0, 2, 1) @ beside,
        product=(beside.transpose(0, 2, 1) @ white_y)[..., 0],
        rows=len(y),
        freedom=plain.freedom,
    )
    choices = _likely(evidence, perhaps)
    columns = [(*range(width), *(width + at for at in extra)) for extra, _ in choices]
    fits = [fit_whitened(white[..., mine], white_y) for mine in columns]
    scores = [
        base + prior + (gain(plain, model) if extra else 0.0)
        for model, (extra, prior) in zip(fits, choices, strict=True)
    ]
    weights = normalise(np.concatenate(scores)).reshape(len(fits), -1, 1)
    return Blend(tuple(fits), tuple(weights), tuple(columns), full.shape[1])


def _likely(evidence: _Evidence, perhaps: Perhaps) -> list[tuple[tuple[int, ...], float]]:
    """The choices that hold more than a thousandth of the probability, with their log prior."""
    seasonal, many = perhaps.season.shape[1], perhaps.controls.shape[1]
    blocks: list[tuple[tuple[int, ...], float]] = [((0,), log(TREND_ODDS))]
    blocks += [(tuple(range(1, 1 + seasonal)), 0.0)] if seasonal else []
    controls = _screened(evidence, 1 + seasonal, many)
    choices = []
    for taken in product((False, True), repeat=len(blocks)):
        there = [block for block, here in zip(blocks, taken, strict=True) if here]
        columns, odds = sum((block for block, _ in there), ()), sum(odds for _, odds in there)
        for size in range(len(controls) + 1):
            prior = odds - log(comb(many, size))
            choices += [((*columns, *some), prior) for some in combinations(controls, size)]
    scores = np.array([prior + evidence.of(columns) for columns, prior in choices])
    share = np.exp(scores - scores.max())
    # Few choices are all kept, so that the answer is that of `robust.average`.
    least = _WORTH if len(choices) > 4 else 0.0
    return [choice for choice, part in zip(choices, share / share.sum(), strict=True) if part > least]


def _screened(evidence: _Evidence, first: int, many: int) -> list[int]:
    """All controls where they are few, or else those that the evidence adds first."""
    left = list(range(first, first + many))
    if many <= MOST:
        return left
    kept: list[int] = []
    for _ in range(MOST):
        best = max(left, key=lambda column: evidence.of((*kept, column)))
        kept.append(best)
        left.remove(best)
    return sorted(kept)
