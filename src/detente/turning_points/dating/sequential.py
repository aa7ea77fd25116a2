"""Partitions to the number of breaks that tests support: UDmax and WDmax, then one more break at a time.

The p-values are those of Bai and Perron's limits, drawn: they assume regressors whose spread is the same throughout
(or a constant and a straight line), and independent errors, or many values where the errors' autocorrelation is allowed
for. With few values and strong autocorrelation they are too small (docs: beside strucchange).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from detente.turning_points.dating import segmentation
from detente.turning_points.dating.long_series import Array
from detente.turning_points.dating.segmentation import Partitions
from detente.turning_points.dating.stability import Stability, f_draws, f_statistics, share_above

LEVEL = 0.05
"""Below this p a test speaks for a break; WDmax weighs its terms by critical values at it."""
PATHS, TOGETHER, LONGEST, SEED = 4_000, 500, 300, 19_980_101


@dataclass(frozen=True, slots=True)
class Asked:
    """How the tests are to be made.

    Attributes:
        least: Shortest segment.
        trending: Whether two of the regressors are a constant and a straight line.
        hac: Whether errors may be autocorrelated.
    """

    least: int
    trending: bool = False
    hac: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """What the tests say.

    Attributes:
        number: The number of breaks chosen.
        ud: Largest F over 1, 2, … breaks, against none.
        wd: The same with weights that make all terms equally likely to pass their critical values.
        steps: The test of one more break for 0, 1, … breaks, as far as it was made.
    """

    number: int
    ud: Stability
    wd: Stability
    steps: tuple[Stability, ...]


def choose(y: Array, x: Array, parts: Partitions, asked: Asked) -> Sequence:
    """Choose the number of breaks by tests.

    Question: how many breaks can be told from errors without any? None unless UDmax is significant; then as many as
    the tests of one more break (from one on) support in a row. Two changes that cancel hide from the test of one
    against none, which is therefore reported and not asked.

    Args:
        y: The values.
        x: One row of regressors for each value.
        parts: Their best partitions; there must be room for one break.
        asked: How the tests are to be made.

    References:
        Bai and Perron (1998), Econometrica 66(1), 47–78; (2003), Journal of Applied Econometrics 18(1), section 5.5.
    """
    ud, wd = double_maximum(y, x, parts, asked)
    steps = [one_more(y, x, parts.at(0), asked)]
    number = int(ud.p <= LEVEL)
    while 0 < number < len(parts.breaks):
        steps.append(one_more(y, x, parts.at(number), asked))
        if steps[-1].p > LEVEL:
            break
        number += 1
    return Sequence(number, ud, wd, tuple(steps))


def one_more(y: Array, x: Array, breaks: tuple[int, ...], asked: Asked) -> Stability:
    """Test l breaks against l + 1: supF(l + 1 | l).

    Question: does one of the regimes fall into two? The limit is the largest of l + 1 independent largest F.

    References:
        Bai and Perron (1998), Econometrica 66(1), proposition 7.
    """
    n, regressors = x.shape
    low = float(np.floor(20 * asked.least / n + 1e-9)) / 20
    draws = f_draws("sup", regressors, low, 1 - low, asked.trending)
    roomy = [part for part in segmentation.segments(breaks, n) if part.stop - part.start >= 2 * asked.least]
    stat = max((_largest(y[part], x[part], asked) for part in roomy), default=0.0)
    return Stability(stat, float(-np.expm1((len(breaks) + 1) * np.log1p(-min(share_above(draws, stat), 1 - 1e-12)))))


def _largest(y: Array, x: Array, asked: Asked) -> float:
    """Largest F of one break; with autocorrelation allowed for, that of the break which fits best."""
    path = f_statistics(y, x, (asked.least, len(y) - asked.least))
    best = int(path.argmax())
    return float(path[best]) * (_shrinkage(y, x, (asked.least + best,)) if asked.hac else 1.0)


def double_maximum(y: Array, x: Array, parts: Partitions, asked: Asked) -> tuple[Stability, Stability]:
    """Test no break against any number up to that of the partitions: UDmax and WDmax.

    Question: is there any break? p-values are from white noise of the same length (up to 300 values).

    References:
        Bai and Perron (1998), Econometrica 66(1), section 4.2; (2003), Journal of Applied Econometrics 18(1).
    """
    n, regressors = x.shape
    number, rss = np.arange(1, len(parts.breaks) + 1), np.array(parts.rss)
    # A perfect step has no residual: the floor keeps F finite.
    left = np.maximum(rss[1:], 1e-12 * float(y @ y))
    stats = (rss[0] - left) / left * (n - (number + 1) * regressors) / number
    if asked.hac:
        stats = stats * np.array([_shrinkage(y, x, breaks) for breaks in parts.breaks])
    length = min(n, LONGEST)
    noise = noise_stats(length, asked.least * length // n, len(number), (regressors, asked.trending))
    critical = np.quantile(noise, 1 - LEVEL, axis=0)
    ud, wd = (_highest(stats * by, noise * by) for by in (np.ones(len(number)), critical[0] / critical))
    return ud, wd


def _highest(stats: Array, noise: Array) -> Stability:
    highest = float(stats.max())
    return Stability(highest, share_above(np.sort(noise.max(axis=1)), highest))


def _shrinkage(y: Array, x: Array, breaks: tuple[int, ...]) -> float:
    """Variance of the residuals over their long-run variance: what autocorrelation leaves of F.

    That one number does is true of a constant and a line, whose neighbouring values are alike.
    """
    left = y - segmentation.fitted(y, x, breaks)
    variance = float(left @ left) / len(y)
    return variance / long_run(left) if variance > 1e-12 * float(y @ y) / len(y) else 1.0


def long_run(errors: Array) -> float:
    """Long-run variance of errors with mean zero: what their sum varies by, over their number.

    Quadratic spectral kernel; its width comes from a first-order autoregression.

    References:
        Andrews (1991), Econometrica 59(3), equations 3.2, 5.2 and 6.4.
    """
    n = len(errors)
    rho = float(errors[1:] @ errors[:-1] / max(float(errors[:-1] @ errors[:-1]), 1e-300))
    rho = min(max(rho, -0.97), 0.97)
    width = max(1.3221 * (4 * rho**2 / (1 - rho) ** 4 * n) ** 0.2, 1e-3)
    lags = np.arange(1, n)
    angle = 6 * np.pi * lags / (5 * width)
    kernel = 3 / angle**2 * (np.sin(angle) / angle - np.cos(angle))
    shared = np.correlate(errors, errors, mode="full")[n - 1 :] / n
    return float(shared[0] + 2 * kernel @ shared[1:])


@lru_cache(maxsize=16)
def noise_stats(n: int, least: int, most: int, shape: tuple[int, bool]) -> Array:
    """F over the number of breaks of white noise, path × number of breaks.

    Args:
        n: Length.
        least: Shortest segment.
        most: Most breaks.
        shape: How many regressors, and whether two of them are a constant and a straight line. Any further one is
            white noise in the limit: it adds an independent copy of what a constant explains.
    """
    rng = np.random.default_rng(SEED)
    return np.concatenate([_f_of_noise(rng, (n, least, most), *shape) for _ in range(PATHS // TOGETHER)])


def _f_of_noise(rng: np.random.Generator, size: tuple[int, int, int], regressors: int, trending: bool) -> Array:
    n, least, most = size
    y = rng.standard_normal((n, regressors - int(trending), TOGETHER), dtype=np.float32)
    sums, moments = _from_zero(y), None
    if trending:
        moments = _from_zero(np.arange(1, n + 1, dtype=np.float32)[:, None] * y[:, 0])
    ends = (*range(least, n - least + 1), n)
    best = np.full((n + 1, TOGETHER), -np.inf, dtype=np.float32)
    best[list(ends)] = [_gains(sums, moments, slice(0, 1), end)[0] for end in ends]
    whole = best[n].copy()
    left = (y[:, 0] ** 2).sum(axis=0) - whole
    stats = []
    for breaks in range(1, most + 1):
        first, longer = breaks * least, np.full_like(best, -np.inf)
        for end in (later for later in ends if later >= first + least):
            starts = slice(first, end - least + 1)
            longer[end] = (best[starts] + _gains(sums, moments, starts, end)).max(axis=0)
        best, gain = longer, longer[n] - whole
        stats.append(gain / breaks / (left - gain) * (n - (breaks + 1) * regressors))
    return np.stack(stats, axis=1)


def _from_zero(values: Array) -> Array:
    return np.concatenate([np.zeros_like(values[:1]), values.cumsum(axis=0)])


def _gains(sums: Array, moments: Array | None, starts: slice, end: int) -> Array:
    """What one more level (and line) from each start to an end explains."""
    behind = np.arange(starts.start, starts.stop)[:, None]
    length = (end - behind).astype(np.float32)
    rise = sums[end] - sums[starts]
    gain = (rise**2).sum(axis=1) / length
    if moments is None:
        return np.asarray(gain)
    tilt = moments[end] - moments[starts] - (behind + end + 1) / 2 * rise[:, 0]
    return np.asarray(gain + tilt**2 / (length * (length**2 - 1) / 12))
