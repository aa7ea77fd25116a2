"""Standardised years to an index, its band, and the change between two spans of years: numbers only.

Arrays are measure × year, NaN where unknown. Nothing here knows what a measure is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

RHOS = np.linspace(0.0, 0.95, 20)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


def standardise(values: Array, window: Mask, scale: str = "z") -> Array:
    """Each measure in units of its standard deviation in the window.

    Args:
        scale: `z`: mean and standard deviation; `range`: middle and width of the range, the width divided by its
            expectation for normal values, so that the unit is the same (Tippett 1925, Biometrika 17); `rank`: normal
            score of the place a value would take among those of the window, which levels off beyond its ends
            (van der Waerden 1952, Indagationes Mathematicae 14).
    """
    inside = values[:, window]
    if scale == "rank":
        return _normal_scores(values, inside)
    if scale == "range":
        low, high = np.nanmin(inside, axis=1), np.nanmax(inside, axis=1)
        unit = np.array([_expected_range(int(count)) for count in (~np.isnan(inside)).sum(axis=1)])
        return np.asarray((values - ((low + high) / 2)[:, None]) / ((high - low) / unit)[:, None])
    mean, spread = np.nanmean(inside, axis=1), np.nanstd(inside, axis=1, ddof=1)
    return np.asarray((values - mean[:, None]) / spread[:, None])


def _normal_scores(values: Array, inside: Array) -> Array:
    from scipy.special import ndtri

    known = (~np.isnan(inside)).sum(axis=1)[:, None]
    below = (inside[:, None, :] < values[:, :, None]).sum(axis=2)
    same = (inside[:, None, :] == values[:, :, None]).sum(axis=2)
    place = np.clip(below + (same + 1) / 2, 1, known)
    return np.where(np.isnan(values), np.nan, ndtri(place / (known + 1)))


def _expected_range(count: int) -> float:
    """Expected range of *count* standard normal values."""
    from scipy.special import ndtr

    grid = np.linspace(-8, 8, 4001)
    below = ndtr(grid)
    return float(np.trapezoid(1 - below**count - (1 - below) ** count, grid))


def weighted(scores: Array, weights: Array) -> Array:
    """The weighted mean of the measures known in each year; NaN where they hold less than half of all weight.

    Args:
        scores: … × measure × year.
        weights: Of each measure, or … × measure.
    """
    known = ~np.isnan(scores)
    held = known * weights[..., None]
    total = held.sum(axis=-2)
    enough = (total >= 0.5 * weights.sum(axis=-1)[..., None] - 1e-12) & (total > 0)
    sums = (np.where(known, scores, 0.0) * weights[..., None]).sum(axis=-2)
    return np.where(enough, sums / np.where(enough, total, 1.0), np.nan)


def blocks(size: int, length: float, draws: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Positions of resampled periods, draw × period: the stationary bootstrap (Politis and Romano 1994, JASA 89)."""
    at = np.arange(size)
    opens = rng.random((draws, size)) < 1 / length
    opens[:, 0] = True
    opened = np.maximum.accumulate(np.where(opens, at, 0), axis=1)
    first = np.take_along_axis(rng.integers(size, size=(draws, size)), opened, axis=1)
    return np.asarray((first + at - opened) % size)


def baseline_draws(values: Array, window: Mask, weights: Array, rng: np.random.Generator, draws: int) -> Array:
    """The index under resampled baselines, draw × year: what the finite window leaves open about mean and deviation.

    The same years are drawn for all measures, so that what moves together stays together. The spread of the resampled
    means is stretched by the ratio of Student's t to the normal and by √(n/(n−1)): resampling n values alone is too
    narrow when n is small. A measure that does not vary in a draw is left out of that draw.
    """
    from scipy.special import stdtrit

    inside = values[:, window]
    size = inside.shape[1]
    drawn = inside[:, blocks(size, block_length(size), draws, rng)]
    count = (~np.isnan(drawn)).sum(axis=2)
    usable = count >= 3
    sums = np.where(np.isnan(drawn), 0.0, drawn).sum(axis=2)
    means = sums / np.maximum(count, 1)
    squares = np.where(np.isnan(drawn), 0.0, (drawn - means[:, :, None]) ** 2).sum(axis=2)
    spread = np.sqrt(squares / np.maximum(count - 1, 1))
    known = (~np.isnan(inside)).sum(axis=1)
    stretch = np.sqrt(known / (known - 1)) * stdtrit(known - 1, 0.975) / 1.959964
    centre = np.nanmean(inside, axis=1)[:, None]
    means = centre + (means - centre) * stretch[:, None]
    level = np.nanstd(inside, axis=1, ddof=1)[:, None]
    spread = np.where(usable & (spread > 1e-6 * level), spread, np.nan)
    scores = (values[:, None, :] - means[:, :, None]) / spread[:, :, None]
    return weighted(scores.transpose(1, 0, 2), weights)


def block_length(size: int) -> int:
    """Mean length of the blocks: the cube root of the number of periods, at least two."""
    return max(2, round(float(np.cbrt(size))))


def measure_draws(scores: Array, weights: Array, rng: np.random.Generator, draws: int) -> Array:
    """The index with the measures themselves resampled, as deviations from it, draw × year.

    As if those chosen were a sample of all that could show the dimension. Zero for fewer than three measures: two say
    nothing about how much others would differ.
    """
    number, years = scores.shape
    if number < 3:
        return np.zeros((draws, years))
    times = rng.multinomial(number, np.full(number, 1 / number), size=draws)
    known = ~np.isnan(scores)
    held = (times * weights) @ known
    sums = (times * weights) @ np.where(known, scores, 0.0)
    drawn = np.where(held > 0, sums / np.where(held > 0, held, 1.0), np.nan)
    return np.asarray((drawn - weighted(scores, weights)) * np.sqrt(number / (number - 1)))


def error_draws(errors: Array, scores: Array, weights: Array, rng: np.random.Generator, draws: int) -> Array:
    """Deviations of the index that the sources' own errors (in units of the scores) allow, draw × year."""
    held = np.where(np.isnan(scores), 0.0, weights[:, None])
    share = held / np.maximum(held.sum(axis=0), 1e-12)
    deviation = np.sqrt(((share * np.where(np.isnan(errors), 0.0, errors)) ** 2).sum(axis=0))
    return np.asarray(rng.standard_normal((draws, scores.shape[1])) * deviation)


@dataclass(frozen=True, slots=True)
class Levels:
    """The level before, the level after, and the change between them."""

    before: Estimate
    after: Estimate
    change: Estimate
    autocorrelation: float
    freedom: float


def levels(years: Array, values: Array, after: Mask) -> Levels:
    """Means of two spans of years, and their difference.

    Question: how far apart are the levels, given how much single years stray from them?
    Assumption: deviations from the two levels are a first-order autoregression of one variance, never negatively
    correlated. Its coefficient is the one whose expected residual autocorrelation is the one found, which repairs the
    downward bias of short series; variance and degrees of freedom are the exact first two moments under it. With 19
    years before and 4 after, the 95 % interval covered the truth in 96, 93, 91 and 89 of 100 simulated series with
    coefficients 0, 0.5, 0.7 and 0.9.
    Reference: Satterthwaite 1946, Biometrics Bulletin 2; Andrews 1993, Econometrica 61 (the idea of the repair).

    Args:
        years: Of the values; gaps are allowed.
        after: Which of them lie after the turning point.
    """
    fit = _fit(years, values, np.column_stack([~after, after]).astype(float))
    return Levels(fit.of(1, 0), fit.of(0, 1), fit.of(-1, 1), fit.autocorrelation, fit.freedom)


def drift(years: Array, values: Array) -> Estimate:
    """How far a straight line through the values goes in ten years; noise as in `levels`."""
    return _fit(years, values, np.column_stack([np.ones(len(years)), (years - years.mean()) / 10])).of(0, 1)


@dataclass(frozen=True, slots=True)
class _Fit:
    coefficients: Array
    covariance: Array
    autocorrelation: float
    freedom: float

    def of(self, *weights: float) -> Estimate:
        """A weighted sum of the coefficients, with its interval."""
        from scipy.special import stdtrit

        loading = np.array(weights)
        value, variance = float(loading @ self.coefficients), float(loading @ self.covariance @ loading)
        reach = float(stdtrit(self.freedom, 0.975)) * max(variance, 0.0) ** 0.5
        return Estimate(value, value - reach, value + reach)


def _fit(years: Array, values: Array, design: Array) -> _Fit:
    """Least squares; variance, covariance and freedom under autoregressive noise."""
    project = np.linalg.pinv(design)
    residual = np.eye(len(values)) - design @ project
    lag = np.abs(years[:, None] - years)
    rho = _autocorrelation(residual @ values, residual, lag)
    noise = residual @ rho**lag
    scale = float(values @ residual @ values) / float(np.trace(noise))
    freedom = float(np.trace(noise)) ** 2 / float((noise * noise.T).sum())
    return _Fit(project @ values, project @ rho**lag @ project.T * scale, rho, freedom)


def _autocorrelation(deviations: Array, residual: Array, lag: Array) -> float:
    next_to = (lag == 1) / 2.0
    total = float(deviations @ deviations)
    if total <= 0 or not next_to.any():
        return 0.0
    found = float(deviations @ next_to @ deviations) / total
    pairs = residual @ next_to @ residual
    noise = RHOS[:, None, None] ** lag
    expected = (noise * pairs).sum(axis=(1, 2)) / (noise * residual).sum(axis=(1, 2))
    return float(np.interp(found, expected, RHOS))
