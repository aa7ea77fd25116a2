"""A series to its least-squares partitions: every number of breaks, BIC, and intervals for the dates.

A break is counted as the last observation of the old regime, from 1, as in R's strucchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.dating import selection
from detente.turning_points.dating.long_series import Array, Whole, level_breaks

FLOATS = 1_000_000
"""How many numbers the first fits of several starts may take up at once."""


@dataclass(frozen=True, slots=True)
class Partitions:
    """The best partition for each number of breaks.

    Attributes:
        breaks: For m = 1, 2, … the last observations of the old regimes, counted from 1.
        rss: Residual sum of squares for m = 0, 1, ….
        n: Number of observations.
        regressors: Coefficients of each regime.
    """

    breaks: tuple[tuple[int, ...], ...]
    rss: tuple[float, ...]
    n: int
    regressors: int

    @property
    def bic(self) -> tuple[float, ...]:
        """Bayesian information criterion for m = 0, 1, …."""
        return tuple(selection.bic(rss, self.n, self.regressors, m) for m, rss in enumerate(self.rss))

    @property
    def lwz(self) -> tuple[float, ...]:
        """The criterion of Liu, Wu and Zidek for m = 0, 1, …."""
        return tuple(selection.lwz(rss, self.n, self.regressors, m) for m, rss in enumerate(self.rss))

    @property
    def best(self) -> int:
        """The number of breaks with the lowest BIC."""
        return int(np.argmin(self.bic))

    def at(self, number: int) -> tuple[int, ...]:
        """The breaks of the partition with *number* breaks."""
        return self.breaks[number - 1] if number else ()


def grown_fits(y: Array, x: Array, starts: Whole, least: int) -> Iterator[tuple[int, Array]]:
    """Least-squares fits that grow by one observation at a time, for all starts together.

    Args:
        y: The values.
        x: One row of regressors for each value.
        starts: Observations before the first of each segment, ascending.
        least: Shortest segment.

    Yields:
        How many observations are behind the ends, and the residual sums of squares of the starts that are at least
        *least* before. The array is changed by the next step.

    References:
        Brown, Durbin and Evans (1975), Journal of the Royal Statistical Society B 37(2), for the recursive update.
    """
    inverse, beta, rss = _start(y, x, starts, least)
    for end in range(least, len(y) + 1):
        alive = slice(0, int(np.searchsorted(starts, end - least, side="right")))
        older = slice(0, int(np.searchsorted(starts, end - least)))
        row = x[end - 1]
        gain = inverse[older] @ row
        spread = 1.0 + gain @ row
        surprise = y[end - 1] - beta[older] @ row
        rss[older] += surprise**2 / spread
        beta[older] += gain * (surprise / spread)[:, None]
        inverse[older] -= gain[:, :, None] * (gain / spread[:, None])[:, None, :]
        yield end, rss[alive]


def _start(y: Array, x: Array, starts: Whole, least: int) -> tuple[Array, Array, Array]:
    """Inverse cross product, coefficients and residual sum of squares of the shortest segment of each start."""
    count = x.shape[1]
    inverse, beta, rss = np.empty((len(starts), count, count)), np.empty((len(starts), count)), np.empty(len(starts))
    together = max(1, FLOATS // (least * count))
    for low in range(0, len(starts), together):
        part = slice(low, low + together)
        rows = starts[part, None] + np.arange(least)
        inverse[part], beta[part], rss[part] = _solved(y[rows], x[rows])
    return inverse, beta, rss


def _solved(y: Array, x: Array) -> tuple[Array, Array, Array]:
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

    Question: where do the coefficients of y = x b + e change? Assumes independent errors of one variance. Exact: by
    dynamic programming, whose memory grows with the length of the series only; faster where x is a constant.

    Args:
        y: The values.
        x: One row of regressors for each value.
        least: Shortest segment.
        max_breaks: Most breaks tried; fewer where the series is too short for so many.

    Raises:
        SeriesError: Fewer values than *least*, or a segment whose regressors are collinear.

    References:
        Bai and Perron (2003), Journal of Applied Econometrics 18(1), 1–22.
    """
    n, regressors = x.shape
    if least > n:
        raise SeriesError(f"{n} values are fewer than the shortest segment of {least}", hint="lower `trim`")
    most = max(min(max_breaks, n // least - 1), 0)
    constant = regressors == 1 and bool((x == x[0]).all()) and x[0, 0] != 0
    found = (level_breaks(y, least=least, most=most) if constant else _by_fits(y, x, least, most)) if most else ()
    rss = tuple(_rss(y, x, breaks) for breaks in ((), *found))
    return Partitions(found, rss, n, regressors)


def _by_fits(y: Array, x: Array, least: int, most: int) -> tuple[tuple[int, ...], ...]:
    """The best breaks for 1 … *most*, from fits that grow: no table of all segments is kept."""
    n = len(y)
    starts = np.concatenate([[0], np.arange(least, n - least + 1)])
    total = np.full((most + 1, n + 1), np.inf)
    came_from = np.zeros((most + 1, n + 1), dtype=np.intp)
    for end, rss in grown_fits(y, x, starts, least):
        total[0, end] = rss[0]
        if len(rss) > 1 and (end <= n - least or end == n):
            behind = starts[1 : len(rss)]
            candidates = total[:-1, behind] + rss[1:]
            best = candidates.argmin(axis=1)
            total[1:, end], came_from[1:, end] = candidates[np.arange(most), best], behind[best]
    return tuple(_trace(came_from[1 : m + 1], n) for m in range(1, most + 1))


def _trace(came_from: Whole, end: int) -> tuple[int, ...]:
    """Walk the table of best predecessors back from an end."""
    ends = []
    for table in came_from[::-1]:
        end = int(table[end])
        ends.append(end)
    return tuple(reversed(ends))


def _rss(y: Array, x: Array, breaks: tuple[int, ...]) -> float:
    return float(((y - fitted(y, x, breaks)) ** 2).sum())


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
