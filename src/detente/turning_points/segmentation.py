"""A series to its least-squares partitions: every number of breaks, BIC, and intervals for the dates.

A break is counted as the last observation of the old regime, from 1, as in R's strucchange.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Partitions:
    """The best partition for each number of breaks.

    Attributes:
        breaks: For m = 1, 2, … the last observations of the old regimes, counted from 1.
        rss: Residual sum of squares for m = 0, 1, ….
        bic: Bayesian information criterion for m = 0, 1, ….
    """

    breaks: tuple[tuple[int, ...], ...]
    rss: tuple[float, ...]
    bic: tuple[float, ...]

    @property
    def best(self) -> int:
        """The number of breaks with the lowest BIC."""
        return int(np.argmin(self.bic))

    def at(self, number: int) -> tuple[int, ...]:
        """The breaks of the partition with *number* breaks."""
        return self.breaks[number - 1] if number else ()


def segment_rss(y: Array, x: Array, least: int) -> Array:
    """Residual sum of squares of every segment: entry [i, j] is that of observations i … j, both included.

    All starts are carried along together: a least-squares fit on the first *least* observations, then one recursive
    update for each further observation (Brown, Durbin and Evans 1975, JRSS B 37). Shorter segments are infinite.
    """
    n = len(y)
    table = np.full((n, n), np.inf)
    starts = np.arange(n - least + 1)
    rows = starts[:, None] + np.arange(least)
    inverse, beta, rss = _start(y[rows], x[rows])
    table[starts, starts + least - 1] = rss
    for end in range(least, n):
        alive = slice(0, end - least + 1)
        row = x[end]
        gain = inverse[alive] @ row
        spread = 1.0 + gain @ row
        surprise = y[end] - beta[alive] @ row
        rss[alive] += surprise**2 / spread
        beta[alive] += gain * (surprise / spread)[:, None]
        inverse[alive] -= gain[:, :, None] * gain[:, None, :] / spread[:, None, None]
        table[alive, end] = rss[alive]
    return table


def _start(y: Array, x: Array) -> tuple[Array, Array, Array]:
    """Inverse cross product, coefficients and residual sum of squares of a batch of segments."""
    q, r = np.linalg.qr(x)
    diagonal = np.abs(np.diagonal(r, axis1=1, axis2=2))
    if (diagonal.min(axis=1) <= 1e-10 * diagonal.max(axis=1)).any():
        raise SeriesError(
            f"a segment of {x.shape[1]} observations cannot identify {x.shape[2]} coefficients",
            hint="raise `trim`, or use fewer regressors",
        )
    scores = np.einsum("sij,si->sj", q, y)
    upper = np.linalg.inv(r)
    beta = np.einsum("sij,sj->si", upper, scores)
    residuals = y - np.einsum("sij,sj->si", x, beta)
    return upper @ upper.transpose(0, 2, 1), beta, (residuals**2).sum(axis=1)


def shortest_segment(trim: float, n: int, regressors: int) -> int:
    """The fewest observations a segment may have: a share of the series, and more than its coefficients."""
    return max(int(np.floor(trim * n + 1e-9)), regressors + 1)


def partition(y: Array, x: Array, *, least: int, max_breaks: int) -> Partitions:
    """Find the partition with the lowest residual sum of squares for each number of breaks.

    Question: where do the coefficients of y = x b + e change? Assumes independent errors of one variance. Exact, by
    dynamic programming.

    Args:
        y: The values.
        x: One row of regressors for each value.
        least: Shortest segment.
        max_breaks: Most breaks tried; fewer where the series is too short for so many.

    References:
        Bai and Perron (2003), Journal of Applied Econometrics 18(1), 1–22.
        Zeileis, Leisch, Hornik and Kleiber (2002), Journal of Statistical Software 7(2), for the criterion.
    """
    n, regressors = x.shape
    cost = segment_rss(y, x, least)
    most = min(max_breaks, n // least - 1)
    total = cost[0].copy()
    rss, came_from = [float(total[-1])], []
    for _ in range(most):
        candidates = total[:-1, None] + cost[1:, :]
        came_from.append(candidates.argmin(axis=0))
        total = candidates.min(axis=0)
        rss.append(float(total[-1]))
    found = tuple(_trace(came_from[: m + 1], n) for m in range(most))
    return Partitions(found, tuple(rss), tuple(_bic(r, n, regressors, m) for m, r in enumerate(rss)))


def _trace(came_from: list[Any], n: int) -> tuple[int, ...]:
    """Walk the table of best predecessors back from the last observation."""
    end, ends = n - 1, []
    for table in reversed(came_from):
        end = int(table[end])
        ends.append(end + 1)
    return tuple(reversed(ends))


def _bic(rss: float, n: int, regressors: int, breaks: int) -> float:
    if rss <= 0:
        return float("-inf")
    deviance = n * (np.log(rss) + 1 - np.log(n) + np.log(2 * np.pi))
    return float(deviance + np.log(n) * (regressors + 1) * (breaks + 1))


def segments(breaks: tuple[int, ...], n: int) -> tuple[slice, ...]:
    """The segments that the breaks cut a series of n observations into."""
    edges = (0, *breaks, n)
    return tuple(slice(low, high) for low, high in pairwise(edges))


def fitted(y: Array, x: Array, breaks: tuple[int, ...]) -> Array:
    """The least-squares fit of each segment."""
    parts = [x[part] @ np.linalg.lstsq(x[part], y[part], rcond=None)[0] for part in segments(breaks, len(y))]
    return np.concatenate(parts)


def argmax_cdf(at: float, xi: float, phi: float) -> float:
    """Distribution of where a two-sided Brownian motion with drift has its highest point.

    Left of zero the motion has variance 1 and drift −1/2, right of it variance *phi* and drift −*xi*/2.

    References:
        Bai (1997), Review of Economics and Statistics 79(4), appendix B.
    """
    from scipy.stats import norm

    # The left branch is the mirrored right branch of the process scaled so that its right side is standard.
    mirrored = at < 0
    ratio, noise, time = (1.0 / xi, 1.0 / phi, -at * xi**2 / phi) if mirrored else (xi, phi, at)
    root = np.sqrt(time)
    slope = ratio * root / (2 * np.sqrt(noise))
    tail = (ratio + noise) * time / 2 + norm.logcdf(-(ratio + 2 * noise) * root / (2 * np.sqrt(noise)))
    first = ratio * (ratio + 2 * noise) / ((noise + ratio) * noise)
    second = (ratio + 2 * noise) ** 2 / ((noise + ratio) * noise)
    upper = -(
        ratio * root * np.exp(-(slope**2) / 2) / np.sqrt(2 * np.pi * noise)
        + first * np.exp(tail)
        + (2 - second - ratio**2 * time / (2 * noise)) * norm.cdf(-slope)
    )
    return float(upper if mirrored else 1 - upper)


def date_intervals(
    y: Array, x: Array, breaks: tuple[int, ...], *, confidence: float
) -> tuple[tuple[int, int, int] | None, ...]:
    """Confidence interval of each break: (low, break, high), last observations of the old regime, counted from 1.

    Question: how far may the true date be from the estimated one? Assumes breaks far apart and independent errors;
    the regressors and the error variance may differ between neighbouring regimes. An end may lie outside the series;
    None where the interval cannot be computed.

    References:
        Bai (1997), Review of Economics and Statistics 79(4); Bai and Perron (2003), section 4.
    """
    parts = [_regime(y[part], x[part]) for part in segments(breaks, len(y))]
    pairs = zip(breaks, parts, parts[1:], strict=False)
    return tuple(_interval(at, old, new, (1 - confidence) / 2) for at, old, new in pairs)


def _regime(y: Array, x: Array) -> tuple[Array, float, Array]:
    """Coefficients, error variance and mean cross product of one regime."""
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    return beta, float(((y - x @ beta) ** 2).mean()), x.T @ x / len(y)


def _interval(
    at: int, old: tuple[Array, float, Array], new: tuple[Array, float, Array], tail: float
) -> tuple[int, int, int] | None:
    """One interval by inverting `argmax_cdf`."""
    from scipy.optimize import brentq

    delta = new[0] - old[0]
    shift_old, shift_new = float(delta @ old[2] @ delta), float(delta @ new[2] @ delta)
    if old[1] <= 0 or new[1] <= 0 or shift_old <= 0:
        return (at, at, at) if shift_old > 0 and old[1] <= 0 and new[1] <= 0 else None
    xi = shift_new / shift_old
    phi = xi * new[1] / old[1]
    if not tail < argmax_cdf(0.0, xi, phi) < 1 - tail:
        return None
    reach = 1000.0
    while argmax_cdf(reach, xi, phi) < 1 - tail or argmax_cdf(-reach, xi, phi) > tail:
        reach += 1000.0
    scale = old[1] / shift_old
    high = scale * brentq(lambda s: argmax_cdf(s, xi, phi) - (1 - tail), 0.0, reach)
    low = scale * brentq(lambda s: argmax_cdf(s, xi, phi) - tail, -reach, 0.0)
    return at - int(np.ceil(high)), at, at - int(np.floor(low))
