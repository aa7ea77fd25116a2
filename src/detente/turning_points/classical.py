"""Values and regressors to a contrast with textbook errors: Newey–West, and generalised least squares with AR(1)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.turning_points.designs import Design, Estimate
from detente.turning_points.noise import Array

Method = Callable[[tuple[int, ...], Array, Array, Array], tuple[float, float, Array]]


def newey_west(positions: tuple[int, ...], x: Array, y: Array, contrast: Array) -> tuple[float, float, Array]:
    """Least-squares estimate of a contrast and its autocorrelation-robust standard error.

    Bartlett weights up to lag 4 (n/100)^(2/9), with the small-sample factor n / (n − coefficients).

    References:
        Newey and West (1987), Econometrica 55(3); (1994), Review of Economic Studies 61(4), for the lag.
    """
    n, regressors = x.shape
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    scores = x * (y - x @ beta)[:, None]
    at = np.asarray(positions, dtype=float)
    window = np.floor(4 * (n / 100) ** (2 / 9)) + 1
    weights = np.maximum(1 - np.abs(at[:, None] - at) / window, 0.0)
    covariance = inverse @ (scores.T @ weights @ scores) @ inverse * n / (n - regressors)
    return float(contrast @ beta), float(np.sqrt(max(contrast @ covariance @ contrast, 0.0))), beta


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
    """The change of an interrupted series with Newey–West errors and t quantiles."""
    return _estimate(newey_west, split, confidence)


def ar1_estimate(split: Design, confidence: float) -> Estimate:
    """The change of an interrupted series with AR(1) errors and t quantiles."""
    return _estimate(prais_winsten, split, confidence)


def _estimate(method: Method, split: Design, confidence: float) -> Estimate:
    from scipy.stats import t

    freedom = len(split.y) - split.x.shape[1]
    reach = float(t.ppf((1 + confidence) / 2, freedom))

    def interval(contrast: Array) -> tuple[float, float, float, float]:
        middle, spread, _ = method(split.positions, split.x, split.y, contrast)
        return middle, middle - reach * spread, middle + reach * spread, spread

    middle, low, high, spread = interval(split.contrast)
    unit = np.eye(split.x.shape[1])
    beta = method(split.positions, split.x, split.y, split.contrast)[2]
    sloped = split.x.shape[1] > 2
    without = split.x @ np.where([0, 1, 0, 1][: len(beta)], 0.0, beta)
    return Estimate(
        effect=(middle, low, high, float(2 * t.sf(abs(middle) / spread, freedom))),
        step=float(beta[1]),
        slope=interval(unit[3])[:3] if sloped else None,
        projected=None,
        without=without,
    )
