"""Values, regressors always there and regressors perhaps there to what is known of a contrast, noise averaged out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise, product

import numpy as np

from detente.turning_points.effects.robust import gain
from detente.turning_points.noise import (
    Array,
    Fit,
    Grid,
    Mixture,
    fit,
    log_likelihood,
    normalise,
)


@dataclass(frozen=True, slots=True)
class Blend:
    """The models considered, and how much each counts.

    Attributes:
        fits: One for each choice of the regressors that are perhaps there.
        weights: One for each fit, kind of noise × 1; together they sum to one.
        columns: For each fit the columns of the full set of regressors that it has.
        width: Number of columns of the full set.
    """

    fits: tuple[Fit, ...]
    weights: tuple[Array, ...]
    columns: tuple[tuple[int, ...], ...]
    width: int

    def mixture(self, contrast: Array) -> Mixture:
        """What is known of a contrast of the full set of coefficients; those that a model lacks are zero in it."""
        parts = [(model, contrast[list(mine)]) for model, mine in zip(self.fits, self.columns, strict=True)]
        return Mixture(
            weight=np.concatenate(self.weights),
            centre=np.concatenate([model.estimate(part) for model, part in parts]),
            spread=np.concatenate([model.spread(part) for model, part in parts]),
            freedom=np.concatenate([np.full((len(model.rss), 1), float(model.freedom)) for model, _ in parts]),
        )

    @property
    def mean(self) -> Array:
        """Model-averaged coefficients of the full set."""
        total = np.zeros(self.width)
        for model, weight, mine in zip(self.fits, self.weights, self.columns, strict=True):
            total[list(mine)] += np.einsum("gs,gps->p", weight, model.coefficients)
        return total

    @property
    def likeliest(self) -> tuple[int, ...]:
        """The columns of the choice that counts most."""
        return self.columns[int(np.argmax([weight.sum() for weight in self.weights]))]

    def share(self, column: int) -> float:
        """Probability that a column of the full set belongs there."""
        return float(sum(w.sum() for w, mine in zip(self.weights, self.columns, strict=True) if column in mine))


def blend(
    noise: Grid, prior: Array, always: Array, perhaps: Sequence[Array], y: Array, *, odds: Sequence[float] = ()
) -> Blend:
    """Weigh every choice of the blocks in *perhaps* by its evidence, beside the regressors that are always there.

    A block has a unit-information prior (Zellner's g = n).

    Args:
        noise: The kinds of noise, with their log *prior*.
        always: Regressors that are always there.
        perhaps: Blocks of regressors that are there whole, or not at all.
        y: The values.
        odds: Prior odds of each block; even where not said.

    References:
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
    """
    plain = fit(noise, always, y[:, None])
    base = log_likelihood(noise, plain) + prior[:, None]
    full = np.column_stack([always, *perhaps])
    edges = np.cumsum([always.shape[1], *(block.shape[1] for block in perhaps)])
    blocks = [tuple(range(low, high)) for low, high in pairwise(edges)]
    fits, scores, columns = [], [], []
    for choice in product((False, True), repeat=len(blocks)):
        extra = sum(compress(blocks, choice), ())
        mine = (*range(always.shape[1]), *extra)
        wider = fit(noise, full[:, mine], y[:, None]) if extra else plain
        fits.append(wider)
        columns.append(mine)
        favour = sum(compress(np.log(odds or np.ones(len(blocks))), choice))
        scores.append(base + favour + (gain(plain, wider) if extra else 0.0))
    weights = normalise(np.concatenate(scores)).reshape(len(fits), -1, 1)
    return Blend(tuple(fits), tuple(weights), tuple(columns), full.shape[1])
