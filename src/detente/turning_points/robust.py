"""Values and a date to the change at that date, with unknown autocorrelation, drift and trend averaged out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.turning_points.designs import Design, Estimate
from detente.turning_points.noise import (
    Array,
    Fit,
    Grid,
    Mixture,
    fit,
    grid,
    last_averaged,
    log_likelihood,
    log_prior,
    normalise,
)

NO_RHO, NO_DRIFT = 0.2, 0.1
"""Prior probability of no autocorrelation and of no drift: drift is presumed, for its absence makes intervals short."""


@dataclass(frozen=True, slots=True)
class Averaged:
    """The models considered, and how much each counts.

    Attributes:
        fits: One for each set of regressors; the first columns are the same in all.
        weights: One for each fit, kind × series; together they sum to one.
    """

    fits: tuple[Fit, ...]
    weights: tuple[Array, ...]

    def mixture(self, contrast: Array) -> Mixture:
        """What is known of a contrast of the coefficients that all models share."""
        padded = [_padded(contrast, model) for model in self.fits]
        return Mixture(
            weight=np.concatenate(self.weights),
            centre=np.concatenate([m.estimate(c) for m, c in zip(self.fits, padded, strict=True)]),
            spread=np.concatenate([m.spread(c) for m, c in zip(self.fits, padded, strict=True)]),
            freedom=np.concatenate([np.full((len(m.rss), 1), float(m.freedom)) for m in self.fits]),
        )

    def expected(self, x: Array) -> Array:
        """Model-averaged fit at rows of regressors (as many columns as the largest model), row × series."""
        parts = [
            np.einsum("gs,gps,np->ns", weight, model.coefficients, x[:, : model.coefficients.shape[1]])
            for model, weight in zip(self.fits, self.weights, strict=True)
        ]
        return np.asarray(sum(parts))


def _padded(contrast: Array, model: Fit) -> Array:
    return np.concatenate([contrast, np.zeros(model.coefficients.shape[1] - len(contrast))])


def average(noise: Grid, x: Array, y: Array, *, optional: Array | None = None) -> Averaged:
    """Fit *x*, and *x* with an optional regressor, and weigh them by their evidence.

    The optional regressor (a trend) has a unit-information prior in its evidence and even prior odds.
    """
    plain = fit(noise, x, y)
    base = log_likelihood(noise, plain) + log_prior(NO_RHO, NO_DRIFT)[:, None]
    if optional is None:
        return Averaged((plain,), (normalise(base),))
    wider = fit(noise, np.column_stack([x, optional]), y)
    g = len(x)
    shrunk = np.log((1 + g * wider.rss / plain.rss) / (1 + g))
    weights = normalise(np.concatenate([base, base - np.log(1 + g) / 2 - plain.freedom / 2 * shrunk]))
    return Averaged((plain, wider), (weights[: len(base)], weights[len(base) :]))


def estimate(split: Design, confidence: float) -> Estimate:
    """The change of an interrupted series under every kind of noise; a linear trend is averaged over as well."""
    sloped = split.x.shape[1] > 2
    trend = np.asarray(split.positions, dtype=float) - np.mean(split.positions)
    # Centred and scaled: a large level would eat the digits of a small variation.
    middle, scale = float(split.y.mean()), float(split.y.std())
    scaled = (split.y - middle) / scale
    models = average(grid(split.positions), split.x, scaled[:, None], optional=None if sloped else trend)
    known = models.mixture(split.contrast)
    counterfactual = np.column_stack([split.x, trend])
    counterfactual[:, 1] = 0.0
    if sloped:
        counterfactual[:, 3] = 0.0
    return Estimate(
        effect=(*_interval(known, confidence, scale), float(known.tail()[0])),
        step=_interval(models.mixture(np.eye(split.x.shape[1])[1]), confidence, scale)[0],
        slope=_interval(models.mixture(np.eye(split.x.shape[1])[3]), confidence, scale) if sloped else None,
        projected=None if sloped else _projected(split, scaled, trend, (confidence, scale)),
        without=models.expected(counterfactual)[:, 0] * scale + middle,
    )


def _interval(known: Mixture, confidence: float, scale: float) -> tuple[float, float, float]:
    tail = (1 - confidence) / 2
    middle, low, high = (float(known.quantile(at)[0]) * scale for at in (0.5, tail, 1 - tail))
    return middle, low, high


def _projected(split: Design, scaled: Array, trend: Array, asked: tuple[float, float]) -> tuple[float, float, float]:
    """The average change when each period after the event may have its own: only the periods before teach the noise."""
    after = int(split.after.sum())
    y, time = (np.append(part[:-after], part[-after:].mean()) for part in (scaled, trend))
    x = np.column_stack([np.ones(len(y)), np.eye(len(y))[:, -1]])
    models = average(last_averaged(grid(split.positions), after), x, y[:, None], optional=time)
    return _interval(models.mixture(np.array([0.0, 1.0])), *asked)
