"""A timeline to whether it changed at all, under noise that may be autocorrelated and drift, and between which periods.

The work grows with the cube of the number of values: a series of more than `LONGEST` is judged by the means of blocks
of neighbouring periods.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.turning_points.dating.posterior import DatePosterior, Kind, date_posterior
from detente.turning_points.noise import Array
from detente.turning_points.timeline import Timeline

LONGEST = 500


class Verdict(NamedTuple):
    """What can be told from such noise.

    Attributes:
        no_break: Probability of no change.
        first: Earliest period that may be the last of the old regime, given one change; *last* the latest.
        block: How many periods were averaged.
    """

    no_break: float
    first: int
    last: int
    block: int


def verdict(timeline: Timeline, y: Array, *, model: Kind, confidence: float) -> Verdict:
    """Judge a series by the posterior over dates.

    Question: did the level (or level and trend) change at all, and when at the earliest and latest? Assumes what
    `posterior.date_posterior` does; where blocks are averaged, that their means have such noise as well. The ends are
    then one block farther out, for a change within a block may show in the next.

    Args:
        timeline: What was observed.
        y: Its values, scaled.
        model: What changes.
        confidence: Probability between the ends.
    """
    positions = np.asarray(timeline.positions)
    block = -(-(int(positions[-1]) + 1) // LONGEST) if len(positions) > LONGEST else 1
    where, number, counts = np.unique(positions // block, return_inverse=True, return_counts=True)
    means = np.bincount(number, weights=y) / counts
    posterior = date_posterior(tuple(int(at) for at in where), means[:, None], model=model)
    first, last = _credible(posterior, confidence)
    if block > 1:
        first, last = max(first - 1, 0), min(last + 1, len(where) - 1)
    opens, closes = np.searchsorted(number, first), np.searchsorted(number, last, side="right") - 1
    return Verdict(float(posterior.no_break[0]), int(positions[opens]), int(positions[closes]), block)


def _credible(posterior: DatePosterior, confidence: float) -> tuple[int, int]:
    """First and last observation that may close the old regime, given one change."""
    below = posterior.by_date[:, 0].cumsum() / posterior.by_date[:, 0].sum()
    tail = (1 - confidence) / 2
    low, high = (min(int(np.searchsorted(below, at)), len(below) - 1) for at in (tail, 1 - tail))
    return int(posterior.first_new[low]) - 1, int(posterior.first_new[high]) - 1
