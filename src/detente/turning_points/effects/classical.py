"""Values and regressors to a contrast with textbook errors: Newey–West, and generalised least squares with AR(1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.effects.designs import Design, Estimate
from detente.turning_points.noise import Array

Method = Callable[[tuple[int, ...], Array, Array, Array], tuple[float, float, Array]]


def newey_west(positions: tuple[int, ...], x: Array, y: Array, contrast: Array) -> tuple[float, float, Array]:
    """Least-squares estimate of a contrast and its autocorrelation-robust standard error.

    Bartlett weights up to lag 4 (n/100)^(2/9), with the small-sample factor n / (n − coefficients).

    References:
        Newey and West (1987), Econometrica 55(3); (1994), Review of Economic Studies 61(4), for the lag.
    """
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    covariance = sandwich(positions, x * (y - x @ beta)[:, None], inverse)
    return float(contrast @ beta), max(float(contrast @ covariance @ contrast), 0.0) ** 0.5, beta


def sandwich(positions: tuple[int, ...], scores: Array, inverse: Array) -> Array:
    """Covariance of coefficients from their scores, one row a value, and the inverse information."""
    n, regressors = len(scores), scores.shape[1]
    at = np.asarray(positions, dtype=float)
    window = int(4 * (n / 100) ** (2 / 9)) + 1
    weights = np.maximum(1 - np.abs(at[:, None] - at) / window, 0.0)
    return np.asarray(inverse @ (scores.T @ weights @ scores) @ inverse * n / (n - regressors))


def prais_winsten(positions: tuple[int, ...], x: Array, y: Array, contrast: Array) -> tuple[float, float, Array]:
    """Generalised least-squares estimate of a contrast and its standard error under AR(1) errors.

    The autocorrelation is estimated from the residuals and iterated; missing periods lengthen the lag.

    References:
        Prais and Winsten (1954), Cowles Commission Discussion Paper 383.
    """
    at = np.asarray(positions, dtype=float)
    lag = np.abs(at[:, None] - at)
    next_to = np.flatnonzero(np.diff(at) == 1)
    rho, previous = 0.0, 1.0
    white_x, white_y = x, y
    beta: Array = np.zeros(x.shape[1])
    for _ in range(50):
        if abs(rho - previous) < 1e-8:
            break
        factor = np.linalg.cholesky(np.where(lag == 0, 1.0, rho**lag))
        white_x, white_y = np.linalg.solve(factor, x), np.linalg.solve(factor, y)
        beta = np.linalg.lstsq(white_x, white_y, rcond=None)[0]
        residuals = y - x @ beta
        power = float(residuals @ residuals)
        previous = rho
        if power > 0 and len(next_to):
            rho = float(np.clip(residuals[next_to] @ residuals[next_to + 1] / power, -0.98, 0.98))
    surprise = white_y - white_x @ beta
    variance = float(surprise @ surprise) / (len(y) - x.shape[1])
    spread = np.sqrt(variance * contrast @ np.linalg.inv(white_x.T @ white_x) @ contrast)
    return float(contrast @ beta), float(spread), beta


def hac_estimate(split: Design, confidence: float) -> Estimate:
    """The change of an interrupted series with Newey–West errors and t quantiles.

    Raises:
        SeriesError: A pulse so short that it fits its own values: their residuals, and so the errors, would be zero.
    """
    q = np.linalg.qr(np.column_stack([split.x, split.season]))[0]
    if (q**2).sum(axis=1).max() > 0.9:
        raise SeriesError(
            "the change is fitted to single values, which leaves Newey–West errors nothing to judge it by",
            hint="use `intervention` or `its_ar1`, or a longer pulse",
        )
    return _estimate(newey_west, split, confidence)


def change(method: Method, split: Design, confidence: float) -> tuple[float, float, float, float]:
    """Average change, its low and high end and p by a textbook method, and nothing else."""
    from scipy.stats import t

    x = np.column_stack([split.x, split.season])
    freedom = len(split.y) - x.shape[1]
    middle, spread, _ = method(split.positions, x, split.y, np.pad(split.contrast, (0, split.season.shape[1])))
    reach = float(t.ppf((1 + confidence) / 2, freedom)) * spread
    return middle, middle - reach, middle + reach, float(2 * t.sf(abs(middle) / spread, freedom))


def ar1_estimate(split: Design, confidence: float) -> Estimate:
    """The change of an interrupted series with AR(1) errors and t quantiles."""
    return _estimate(prais_winsten, split, confidence)


def _estimate(method: Method, split: Design, confidence: float) -> Estimate:
    from scipy.stats import t

    x = np.column_stack([split.x, split.season])
    freedom = len(split.y) - x.shape[1]
    reach = float(t.ppf((1 + confidence) / 2, freedom))
    beta = method(split.positions, x, split.y, np.pad(split.contrast, (0, split.season.shape[1])))[2]

    def interval(contrast: Array) -> tuple[float, float, float, float]:
        whole = np.pad(contrast, (0, split.season.shape[1]))
        middle, spread, _ = method(split.positions, x, split.y, whole)
        return middle, middle - reach * spread, middle + reach * spread, spread

    middle, low, high, spread = interval(split.contrast)
    event = list(split.event)
    caused = x[:, event] @ beta[event]
    return Estimate(
        effect=(middle, low, high, float(2 * t.sf(abs(middle) / spread, freedom))),
        step=interval(split.opening)[0],
        slope=None if split.slope is None else interval(np.eye(split.x.shape[1])[split.slope])[:3],
        projected=None,
        without=x @ beta - caused,
        caused=caused,
    )
