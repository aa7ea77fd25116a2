"""Counts in time to where their rate changed: exact partitions, and a probability for each date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError
from detente.turning_points.dating.posterior import EDGE, DatePosterior, date_posterior
from detente.turning_points.noise import Array

ODDS = 0.5
"""Odds of a change before the counts are seen. With them at most 5 % of series without a change get a probability of no
change of 0.2 or less, also where the log rate drifts (docs: count series)."""
MOST = 2000
"""Longest series that is partitioned: the table of all segments has so many rows and columns."""


@dataclass(frozen=True, slots=True)
class CountPartitions:
    """The best partition of counts for each number of breaks.

    Attributes:
        breaks: For m = 1, 2, … the last observations of the old regimes, counted from 1.
        deviance: Twice the log likelihood lost against a rate for each period, for m = 0, 1, ….
        dispersion: Deviance over degrees of freedom in the largest partition, at least 1: what `bic` divides by.
        bic: Deviance over dispersion plus log n for each rate and each date, for m = 0, 1, ….
    """

    breaks: tuple[tuple[int, ...], ...]
    deviance: tuple[float, ...]
    dispersion: float
    bic: tuple[float, ...]

    @property
    def best(self) -> int:
        """The number of breaks with the lowest criterion."""
        return int(np.argmin(self.bic))

    def at(self, number: int) -> tuple[int, ...]:
        """The breaks of the partition with *number* breaks."""
        return self.breaks[number - 1] if number else ()


def count_partition(
    counts: Sequence[float] | NDArray[Any], *, exposure: Array | None = None, least: int = EDGE, max_breaks: int = 5
) -> CountPartitions:
    """Find the partition of counts with the highest Poisson likelihood for each number of breaks.

    Question: where did the rate change? Exact, by dynamic programming over all segments. Dates and likelihoods are
    those of independent Poisson counts; `bic` allows for one over-dispersion everywhere, but not for a rate that
    wanders: judge whether there is a change at all by `count_posterior`.

    Args:
        counts: Whole numbers from 0 on.
        exposure: What the counts come from, one positive number each.
        least: Shortest segment.
        max_breaks: Most breaks tried; fewer where the series is too short for so many.

    Raises:
        SeriesError: Values that are no counts, fewer than two segments, or more than `MOST` values.

    References:
        Bai and Perron (2003), Journal of Applied Econometrics 18(1), for the programme; Braun, Braun and Müller (2000),
        Biometrika 87(2), for the quasi-likelihood criterion.
    """
    y = _checked(counts)
    n, size = len(y), np.ones(len(y)) if exposure is None else np.asarray(exposure, dtype=float)
    if least < 1 or not 2 * least <= n <= MOST or size.shape != y.shape or not (size > 0).all():
        raise SeriesError(
            f"{n} counts in segments of {least} or more cannot be partitioned",
            hint=f"give {max(2 * least, 2)} to {MOST} counts, and an exposure above zero for each or none at all",
        )
    cost = _costs(y, size, least)
    found, lost = _programme(cost, min(max_breaks, n // least - 1))
    saturated = _log_rate_term(y, size).sum()
    deviance = [max(2 * (saturated + one), 0.0) for one in lost]
    freedom = n - len(lost)
    dispersion = max(1.0, deviance[-1] / freedom)
    bic = tuple(one / dispersion + np.log(n) * (2 * m + 1) for m, one in enumerate(deviance))
    return CountPartitions(found, tuple(deviance), dispersion, bic)


def _checked(counts: Sequence[float] | NDArray[Any]) -> Array:
    y = np.asarray(counts, dtype=float)
    if y.ndim == 0 or not np.isfinite(y).all() or (y < 0).any() or (y != np.round(y)).any():
        raise SeriesError("the values are no counts", hint="counts are whole numbers from 0 on; leave unknown ones out")
    return y


def _log_rate_term(events: Array, size: Array) -> Array:
    """Log likelihood of events at the rate they have, up to what does not depend on the partition."""
    from scipy.special import xlogy

    return np.asarray(xlogy(events, events / size) - events)


def _costs(y: Array, size: Array, least: int) -> Array:
    """What every segment costs: entry [i, j] is that of observations i … j − 1; infinite where it is too short."""
    events, exposed = (np.concatenate([[0.0], part.cumsum()]) for part in (y, size))
    many = events[None, :] - events[:, None]
    long = exposed[None, :] - exposed[:, None]
    short = least > np.subtract.outer(np.arange(len(events)), np.arange(len(events))).T
    return np.where(short, np.inf, -_log_rate_term(np.where(short, 0.0, many), np.where(short, 1.0, long)))


def _programme(cost: Array, most: int) -> tuple[tuple[tuple[int, ...], ...], list[float]]:
    """The best breaks for 1 … *most*, and the cost for 0 … *most*."""
    n = len(cost) - 1
    total, lost, came_from, found = cost[0], [float(cost[0, n])], [], []
    for _ in range(most):
        candidates = total[:, None] + cost
        came_from.append(candidates.argmin(axis=0))
        total = candidates.min(axis=0)
        lost.append(float(total[n]))
        end, ends = n, []
        for table in reversed(came_from):
            end = int(table[end])
            ends.append(end)
        found.append(tuple(reversed(ends)))
    return tuple(found), lost


def stabilised(counts: NDArray[Any]) -> Array:
    """Counts on the scale on which Poisson counts scatter evenly: √(count + 3/8).

    Question: on which scale may counts be read as values with even noise? Assumes Poisson counts; those that scatter
    more keep some unevenness, and a series of zeros and ones is only shifted and scaled.

    References:
        Anscombe (1948), Biometrika 35(3/4).
    """
    return np.asarray(np.sqrt(_checked(counts) + 3 / 8))


def count_posterior(positions: tuple[int, ...], counts: NDArray[Any]) -> DatePosterior:
    """Compute the posterior over the date of one change of rate, for each column of *counts*.

    Question: when did the rate of events change, if it did? Assumes at most one change, and counts whose square root
    scatters with noise that is AR(1) plus a random walk, both unknown, perhaps around a linear trend: it holds for
    counts that scatter more than Poisson counts and for rates that wander. Like `date_posterior` on `stabilised`
    counts, with lower odds of a change.

    Args:
        positions: The period of each count.
        counts: Whole numbers from 0 on, one series a column (or one series).

    Returns:
        The posterior; `step` is the log ratio of the rates after and before each candidate, half an event added to
        either. A series of equal counts has no change for sure.

    References:
        Anscombe (1948), Biometrika 35(3/4); and those of `date_posterior`.
    """
    y = stabilised(counts)
    y = y[:, None] if y.ndim == 1 else y
    raw = np.asarray(counts, dtype=float).reshape(y.shape)
    spread = y.std(axis=0)
    moves = spread > 1e-12
    found = date_posterior(positions, y / np.where(moves, spread, 1.0))
    odds = ODDS * (1 - found.no_break)
    none = np.where(moves, found.no_break / (found.no_break + odds), 1.0)
    # A constant column has no evidence to compare; its dates are worth nothing.
    dates = np.nan_to_num(found.by_date) * np.where(moves, (1 - none) / np.maximum(1 - found.no_break, 1e-300), 0.0)
    return replace(found, by_date=dates, no_break=none, step=_log_ratio(raw, found.first_new))


def _log_ratio(counts: Array, first_new: NDArray[np.intp]) -> Array:
    before = counts.cumsum(axis=0)[first_new - 1]
    after = counts.sum(axis=0) - before
    periods = first_new[:, None]
    return np.asarray(np.log((after + 0.5) / (len(counts) - periods)) - np.log((before + 0.5) / periods))
