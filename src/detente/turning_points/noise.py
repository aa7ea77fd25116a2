"""Where the observations stand in time to how likely each kind of noise is: AR(1) plus random-walk drift, on a grid.

The model: values = regressors + noise, noise = sigma · (AR(1) process of variance 1 + random walk of step *drift*). The
variance is integrated out exactly; (rho, drift) are averaged over a grid. Weights come from the restricted likelihood,
so that regressors cost no bias. Nothing is sampled, and no missing value is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

RHOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
DRIFTS = (0.0, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 3.0)
BENT_RHOS = (0.0, 0.3, 0.6, 0.9)
BENT_DRIFTS = (0.0, 0.3, 3.0)
BENDS = (0.003, 0.02, 0.1, 0.5, 2.0)
BENDING = 0.3
"""Prior probability that the slope drifts, where that is considered."""
NORMAL = 1e6
"""Degrees of freedom from which on a t distribution is taken for normal."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The kinds of noise considered.

    Attributes:
        whiteners: For each kind the inverse Cholesky factor of its covariance: it turns the noise white.
        log_precision: Half the log determinant of the precision, for each kind.
    """

    whiteners: Array
    log_precision: Array


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds of noise among which smooth bends of the trend are too, with their prior.

    Attributes:
        whiteners: As in `Grid`.
        log_precision: As in `Grid`.
        log_prior: Log prior of each kind.
        bends: Whether the slope drifts; such noise has a trend always.
        members: Which kinds of `bending` they are.
    """

    whiteners: Array
    log_precision: Array
    log_prior: Array
    bends: NDArray[np.bool_]
    members: NDArray[np.intp]


@lru_cache(maxsize=12)
def grid(positions: tuple[int, ...], drifts: tuple[float, ...] = DRIFTS) -> Grid:
    """The grid for observations at these positions; kept, because many series share their positions."""
    kinds = np.array(list(product(RHOS, drifts)))
    return Grid(*_filtered(positions, kinds[:, 0], kinds[:, 1], np.zeros(len(kinds))))


@lru_cache(maxsize=2)
def bending(positions: tuple[int, ...]) -> Kinds:
    """The grid and, beside it, noise whose slope drifts (an integrated random walk): growth that bends by itself.

    A bend of the trend is news only where trends do not bend all the time.
    """
    plain = np.array(list(product(RHOS, DRIFTS)))
    bent = np.array(list(product(BENT_RHOS, BENT_DRIFTS, BENDS)))
    rho, drift, bend = np.vstack([np.column_stack([plain, np.zeros(len(plain))]), bent]).T
    prior = np.concatenate([np.log(1 - BENDING) + log_prior(0.3, 0.3), np.full(len(bent), np.log(BENDING / len(bent)))])
    return Kinds(*_filtered(positions, rho, drift, bend), prior, bend > 0, np.arange(len(prior)))


@lru_cache(maxsize=2)
def coarse(positions: tuple[int, ...]) -> Kinds:
    """A few of the kinds of `bending`, none of them with a bend, for what would be too slow with all."""
    every = bending(positions)
    rhos, drifts = np.arange(0, len(RHOS), 3), np.arange(0, len(DRIFTS), 2)
    members = (rhos[:, None] * len(DRIFTS) + drifts).ravel()
    few = [np.r_[0.3, np.full(len(one) - 1, 0.7 / (len(one) - 1))] for one in (rhos, drifts)]
    prior = np.log(np.outer(*few)).ravel()
    return Kinds(every.whiteners[members], every.log_precision[members], prior, every.bends[members], members)


def _filtered(positions: tuple[int, ...], rho: Array, drift: Array, bend: Array) -> tuple[Array, Array]:
    """Whiteners and log precisions of many kinds at once: a Kalman filter run over the unit vectors.

    The state is the AR(1) process, the random walk, and the slope. Factorising the covariances one by one is a hundred
    times slower where other programs keep the processors busy.
    """
    n, count = len(positions), len(rho)
    whiteners, log_precision = np.zeros((count, n, n)), np.zeros(count)
    mean = np.zeros((3, count, n))
    spread: Array = np.zeros((3, 3, count))
    spread[0, 0] = 1.0
    for now, gap in enumerate(np.diff(np.asarray(positions), prepend=positions[0])):
        if now:
            seen = mean[:, :, :now]
            seen[0] *= (rho**gap)[:, None]
            seen[1] += gap * seen[2]
            spread = _moved(spread, float(gap), rho, drift, bend)
        surprise = -(mean[0, :, : now + 1] + mean[1, :, : now + 1])
        surprise[:, now] += 1.0
        covariance = spread[0] + spread[1]
        variance = covariance[0] + covariance[1]
        whiteners[:, now, : now + 1] = surprise / np.sqrt(variance)[:, None]
        log_precision -= np.log(variance) / 2
        gain = covariance / variance
        mean[:, :, : now + 1] += gain[:, :, None] * surprise
        spread = spread - gain[:, None] * covariance
    return whiteners, log_precision


def _moved(spread: Array, gap: float, rho: Array, drift: Array, bend: Array) -> Array:
    """The covariance of the state *gap* periods later."""
    fade = rho**gap
    move = np.zeros_like(spread)
    move[0, 0], move[1, 1], move[2, 2], move[1, 2] = fade, 1.0, 1.0, gap
    later = np.einsum("ijk,jlk,mlk->imk", move, spread, move)
    later[0, 0] += 1 - fade**2
    later[1, 1] += drift**2 * gap + bend**2 * gap**3 / 3
    later[1, 2] += bend**2 * gap**2 / 2
    later[2, 1] += bend**2 * gap**2 / 2
    later[2, 2] += bend**2 * gap
    return np.asarray(later)


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


def drifts_to_scale(span: int) -> tuple[float, ...]:
    """None, and seven drifts from one that *span* periods hardly show to a plain random walk.

    What a series cannot tell from no drift shrinks as it grows longer: a grid of its own keeps that drift on it.
    """
    return (0.0, *(float(step) for step in np.geomspace(0.085 * np.sqrt(100 / span), 3.0, 7)))


def log_prior_by_cause(shares: Array, rho: Array, drift: Array) -> Array:
    """Log prior of each kind where the causes of persistence are weighed jointly: one is likelier than two at once.

    Args:
        shares: Probability of neither, of drift alone, of autocorrelation alone, of both.
        rho: Weight of each autocorrelation above none, where there is some.
        drift: Weight of each drift above none, where there is some.
    """
    rho, drift = rho / rho.sum(), drift / drift.sum()
    neither, drifting, fading, both = shares / shares.sum()
    prior = np.block([[neither, drifting * drift], [fading * rho[:, None], both * np.outer(rho, drift)]])
    return np.asarray(np.log(prior).ravel())


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
    return fit_whitened(noise.whiteners @ x, noise.whiteners @ y)


def fit_whitened(x: Array, y: Array) -> Fit:
    """The same from regressors and series that are whitened already, kind × observation × column."""
    q, root = np.linalg.qr(x)
    scores = q.transpose(0, 2, 1) @ y
    rss = np.maximum((y**2).sum(axis=1) - (scores**2).sum(axis=1), 1e-300)
    return Fit(np.linalg.solve(root, scores), rss, root, x.shape[1] - x.shape[2])


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

    def shortened(self, factor: float | Array) -> Mixture:
        """The mixture with its spreads multiplied by the factor of their kind of noise.

        Args:
            factor: One for all, or one a kind; the parts hold all kinds, once or several times over.
        """
        return replace(self, spread=self.spread * np.resize(factor, len(self.spread))[:, None])

    def scaled(self, factor: float) -> Mixture:
        """The mixture of a multiple."""
        return replace(self, centre=self.centre * factor, spread=self.spread * abs(factor))

    def columns(self, which: Any) -> Mixture:
        """Some of the columns."""
        return replace(self, weight=self.weight[:, which], centre=self.centre[:, which], spread=self.spread[:, which])

    @property
    def mean(self) -> Array:
        """Mean of each column."""
        return np.asarray((self.weight * self.centre).sum(axis=0))

    def below(self, at: Array) -> Array:
        """Probability below a point, for each column."""
        from scipy.special import ndtr, stdtr

        if self.freedom.min() >= NORMAL:
            return np.asarray((self.weight * ndtr((at - self.centre) / self.spread)).sum(axis=0))
        return np.asarray((self.weight * stdtr(self.freedom, (at - self.centre) / self.spread)).sum(axis=0))

    def tail(self, at: float = 0.0) -> Array:
        """Two-sided tail probability at a point: small when the effect is plainly not that."""
        under = self.below(np.full(self.centre.shape[1], at))
        return np.asarray(2 * np.clip(np.minimum(under, 1 - under), 0.0, 0.5))

    def density(self, at: Array) -> Array:
        """Density at a point, for each column."""
        from scipy.special import gammaln

        freedom = self.freedom
        log_peak = gammaln((freedom + 1) / 2) - gammaln(freedom / 2) - np.log(freedom * np.pi) / 2
        away = ((at - self.centre) / self.spread) ** 2
        parts = np.exp(log_peak - (freedom + 1) / 2 * np.log1p(away / freedom)) / self.spread
        return np.asarray((self.weight * parts).sum(axis=0))

    def quantile(self, probability: float) -> Array:
        """Quantile of each column: Newton's method on the normal scale, halving where it would leave the bracket."""
        from scipy.special import ndtri

        known, normal = self._weighty(), float(ndtri(probability))
        low = (known.centre - 1e3 * known.spread).min(axis=0)
        high = (known.centre + 1e3 * known.spread).max(axis=0)
        mean = known.mean
        size = np.sqrt((known.weight * (known.spread**2 + (known.centre - mean) ** 2)).sum(axis=0))
        at = mean + 0.9 * normal * size
        for _ in range(100):
            below = known.below(at)
            low, high = np.where(below < probability, at, low), np.where(below < probability, high, at)
            score = ndtri(np.clip(below, 1e-300, 1 - 1e-16))
            slope = known.density(at) * np.sqrt(2 * np.pi) * np.exp(np.minimum(score**2, 1400) / 2)
            step = at - (score - normal) / np.maximum(slope, 1e-300)
            settled = np.abs(step - at) <= 1e-9 * size
            inside = settled | ((step > low) & (step < high))
            at = np.where(inside, step, (low + high) / 2)
            if settled.all():
                break
        return np.asarray(at)

    def _weighty(self) -> Mixture:
        """Without the parts that count for nothing in any column: they cost time only."""
        kept = self.weight.max(axis=1) > 1e-12
        return Mixture(self.weight[kept], self.centre[kept], self.spread[kept], self.freedom[kept])
