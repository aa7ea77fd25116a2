"""Where the observations stand in time to how likely each kind of noise is: AR(1) plus random-walk drift, on a grid.

The model: values = regressors + noise, noise = sigma · (AR(1) process of variance 1 + random walk of step *drift*). The
variance is integrated out exactly; (rho, drift) are averaged over a grid. Weights come from the restricted likelihood,
so that regressors cost no bias. Nothing is sampled, and no missing value is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

RHOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
DRIFTS = (0.0, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 3.0)


@dataclass(frozen=True, slots=True)
class Grid:
    """The kinds of noise considered.

    Attributes:
        whiteners: For each kind the inverse Cholesky factor of its covariance: it turns the noise white.
        log_precision: Half the log determinant of the precision, for each kind.
    """

    whiteners: Array
    log_precision: Array


@lru_cache(maxsize=12)
def grid(positions: tuple[int, ...]) -> Grid:
    """The grid for observations at these positions; kept, because many series share their positions.

    A Kalman filter run over the unit vectors gives the factors of all kinds at once. Factorising them one by one is a
    hundred times slower where other programs keep the processors busy.
    """
    kinds = np.array(list(product(RHOS, DRIFTS)))
    rho, drift = kinds[:, 0], kinds[:, 1]
    n = len(positions)
    whiteners, log_precision = np.zeros((len(kinds), n, n)), np.zeros(len(kinds))
    mean = np.zeros((2, len(kinds), n))
    auto, both, walk = np.ones(len(kinds)), np.zeros(len(kinds)), np.zeros(len(kinds))
    for now, gap in enumerate(np.diff(np.asarray(positions), prepend=positions[0])):
        fade = rho**gap if now else np.ones(len(kinds))
        auto, both, walk = fade**2 * auto + 1 - fade**2, fade * both, walk + drift**2 * gap
        mean[0] *= fade[:, None]
        surprise = -mean.sum(axis=0)
        surprise[:, now] += 1.0
        variance = auto + 2 * both + walk
        whiteners[:, now] = surprise / np.sqrt(variance)[:, None]
        log_precision -= np.log(variance) / 2
        gain = np.stack([auto + both, both + walk]) / variance
        mean += gain[:, :, None] * surprise
        auto = auto - gain[0] ** 2 * variance
        both = both - gain[0] * gain[1] * variance
        walk = walk - gain[1] ** 2 * variance
    return Grid(whiteners, log_precision)


def last_averaged(noise: Grid, count: int) -> Grid:
    """The grid when only the mean of the last *count* observations is seen.

    The mean is a combination of what came before and of white noise; its row is solved for from the last one back.
    """
    first = noise.whiteners.shape[1] - count
    late = noise.whiteners[:, first:]
    load = np.zeros((len(late), count))
    for row in reversed(range(count)):
        later = (late[:, row + 1 :, first + row] * load[:, row + 1 :]).sum(axis=1)
        load[:, row] = (1 / count - later) / late[:, row, first + row]
    size = np.sqrt((load**2).sum(axis=1))
    merged = np.zeros((len(late), first + 1, first + 1))
    merged[:, :first, :first] = noise.whiteners[:, :first, :first]
    merged[:, first, :first] = np.einsum("gr,grc->gc", load, late[:, :, :first]) / size[:, None]
    merged[:, first, first] = 1 / size
    return Grid(merged, np.log(np.diagonal(merged, axis1=1, axis2=2)).sum(axis=1))


def log_prior(no_rho: float, no_drift: float) -> Array:
    """Log prior of each kind: a share for no autocorrelation and for no drift, the rest even over the grid."""
    rho = np.array([no_rho, *[(1 - no_rho) / (len(RHOS) - 1)] * (len(RHOS) - 1)])
    drift = np.array([no_drift, *[(1 - no_drift) / (len(DRIFTS) - 1)] * (len(DRIFTS) - 1)])
    return np.asarray(np.log(np.outer(rho, drift)).ravel())


@dataclass(frozen=True, slots=True)
class Fit:
    """Generalised least squares under every kind of noise, for one or more series at once.

    Attributes:
        coefficients: Kind × coefficient × series.
        rss: Whitened residual sum of squares, kind × series.
        root: For each kind the upper triangular factor of the whitened regressors.
        freedom: Degrees of freedom.
    """

    coefficients: Array
    rss: Array
    root: Array
    freedom: int

    def spread(self, contrast: Array) -> Array:
        """Standard error of a contrast of the coefficients, kind × series."""
        right = np.broadcast_to(contrast[:, None], (len(self.root), len(contrast), 1))
        loading = np.linalg.solve(self.root.transpose(0, 2, 1), right)
        return np.asarray(np.sqrt(self.rss / self.freedom * (loading**2).sum(axis=1)))

    def estimate(self, contrast: Array) -> Array:
        """A contrast of the coefficients, kind × series."""
        return np.asarray(np.einsum("gps,p->gs", self.coefficients, contrast))

    @property
    def log_determinant(self) -> Array:
        """Half the log determinant of the whitened cross product, for each kind."""
        return np.asarray(np.log(np.abs(np.diagonal(self.root, axis1=1, axis2=2))).sum(axis=1))


def fit(noise: Grid, x: Array, y: Array) -> Fit:
    """Regress every column of *y* on *x* under every kind of noise."""
    q, root = np.linalg.qr(noise.whiteners @ x)
    white = noise.whiteners @ y
    scores = q.transpose(0, 2, 1) @ white
    rss = np.maximum((white**2).sum(axis=1) - (scores**2).sum(axis=1), 1e-300)
    return Fit(np.linalg.solve(root, scores), rss, root, len(x) - x.shape[1])


def log_likelihood(noise: Grid, model: Fit) -> Array:
    """Log restricted likelihood of each kind of noise up to a constant, kind × series."""
    return np.asarray((noise.log_precision - model.log_determinant)[:, None] - model.freedom / 2 * np.log(model.rss))


def normalise(log_weight: Array) -> Array:
    """Probabilities that sum to one along the first axis."""
    raw = np.exp(log_weight - log_weight.max(axis=0))
    return np.asarray(raw / raw.sum(axis=0))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Mixtures of t distributions, one a column: what is known of an effect when the kind of noise is not."""

    weight: Array
    centre: Array
    spread: Array
    freedom: Array

    def below(self, at: Array) -> Array:
        """Probability below a point, for each column."""
        from scipy.special import stdtr

        return np.asarray((self.weight * stdtr(self.freedom, (at - self.centre) / self.spread)).sum(axis=0))

    def tail(self, at: float = 0.0) -> Array:
        """Two-sided tail probability at a point: small when the effect is plainly not that."""
        under = self.below(np.full(self.centre.shape[1], at))
        return np.asarray(2 * np.minimum(under, 1 - under))

    def quantile(self, probability: float) -> Array:
        """Quantile of each column, by halving."""
        low = (self.centre - 1e3 * self.spread).min(axis=0)
        high = (self.centre + 1e3 * self.spread).max(axis=0)
        for _ in range(60):
            middle = (low + high) / 2
            left = self.below(middle) < probability
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return np.asarray((low + high) / 2)
