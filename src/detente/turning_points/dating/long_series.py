"""A long series to its exact partitions into constant levels, in memory that grows with its length only.

P(s) is the sum of squares that the best k − 1 levels explain of the first s values, g(s, t) = (sum of s + 1 … t)² /
(t − s) what one more level explains; the best k levels explain of the first t the maximum over s of P(s) + g(s, t).
Starts stand in blocks that end at a corner b. With m the mean of b + 1 … t, d the sum of s + 1 … b, r = d − (b − s) m,

    g(s, t) = g(b, t) + 2 m d − m² (b − s) + r² / (t − s),

so that a range of m over neighbouring ends bounds what a start can reach at any of them. Starts whose bound is no
higher than what a corner reaches are left out. Nothing else is: the result is exact up to rounding.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Whole = NDArray[np.intp]
ENDS, BLOCK = 128, 64
"""How many ends are looked at together, and how many starts share a corner."""
ROUNDING = 1e-13
"""Share of the total by which a start must be better than a corner to be looked at."""


class Layer(NamedTuple):
    """What the best levels explain up to each start, and the starts of the next level in blocks.

    Attributes:
        sums: Sum of the first 0, 1, … values.
        explained: P for each start.
        first: Earliest start.
        corners: Last start of each full block.
        starts: The starts of each full block.
        ahead: Sum from each of them to the corner.
    """

    sums: Array
    explained: Array
    first: int
    corners: Whole
    starts: Whole
    ahead: Array


def level_breaks(y: Array, *, least: int, most: int) -> tuple[tuple[int, ...], ...]:
    """Find for m = 1 … *most* the m breaks that leave the lowest residual sum of squares around constant levels.

    Question: where does the mean change, if it changes m times? Exact up to rounding. Breaks are the last observations
    of the old regimes, counted from 1; of equally good partitions any one.

    Args:
        y: The values.
        least: Shortest segment.
        most: Most breaks; there must be room for them.

    References:
        Jackson et al. (2005), IEEE Signal Processing Letters 12(2), for the recursion; Rigaill (2015), Journal de la
        Société Française de Statistique 156(4), for leaving out starts without loss. The bound is our own.
    """
    n = len(y)
    sums = np.concatenate([[0.0], np.cumsum(y - y.mean())])
    explained = np.full(n + 1, -np.inf)
    explained[least:] = sums[least:] ** 2 / np.arange(least, n + 1)
    tables: list[Whole] = []
    found: list[tuple[int, ...]] = []
    for breaks in range(1, most + 1):
        first = breaks * least
        found.append(_walk_back(tables, _last_break(sums, explained, first, least)))
        if breaks < most:
            explained, table = _next_level(_layer(sums, explained, first, least), least)
            tables.append(table)
    return tuple(found)


def _last_break(sums: Array, explained: Array, first: int, least: int) -> int:
    n = len(sums) - 1
    starts = np.arange(first, n - least + 1)
    value = explained[starts] + (sums[n] - sums[starts]) ** 2 / (n - starts)
    return int(starts[value.argmax()])


def _walk_back(tables: list[Whole], last: int) -> tuple[int, ...]:
    breaks = [last]
    for table in reversed(tables):
        breaks.append(int(table[breaks[-1]]))
    return tuple(reversed(breaks))


def _layer(sums: Array, explained: Array, first: int, least: int) -> Layer:
    corners = np.arange(first + BLOCK - 1, len(sums) - 2 * least, BLOCK)
    starts = corners[:, None] - np.arange(BLOCK - 1, -1, -1)
    return Layer(sums, explained, first, corners, starts, sums[corners][:, None] - sums[starts])


def _next_level(layer: Layer, least: int) -> tuple[Array, Whole]:
    """One more level: what is explained up to each end that leaves room for another, and the start of that level."""
    n = len(layer.sums) - 1
    better, came_from = np.full(n + 1, -np.inf), np.zeros(n + 1, dtype=np.intp)
    for low in range(layer.first + least, n - least + 1, ENDS):
        ends = np.arange(low, min(low + ENDS, n - least + 1))
        # The latest start of the first end is never in a block, so that every end has one.
        whole = int(np.searchsorted(layer.corners, low - least))
        rest = np.arange(layer.first + whole * BLOCK, ends[-1] - least + 1)
        value, start = _best(layer, ends, rest, least)
        if whole:
            early, early_start = _best(layer, ends, _kept(layer, ends, whole), 0)
            value, start = np.maximum(value, early), np.where(early >= value, early_start, start)
        better[ends], came_from[ends] = value, start
    return better, came_from


def _kept(layer: Layer, ends: Whole, whole: int) -> Whole:
    """The starts of the first *whole* blocks that may be the best of some end: the corners, and what may beat them."""
    corners, starts, ahead = layer.corners[:whole], layer.starts[:whole], layer.ahead[:whole]
    rise = layer.sums[ends][:, None] - layer.sums[corners]
    mean = rise / (ends[:, None] - corners)
    rise *= mean
    reached = (rise + layer.explained[corners]).max(axis=1, keepdims=True)
    needed = (reached - rise).min(axis=0)
    low, high = mean.min(axis=0)[:, None], mean.max(axis=0)[:, None]
    middle, reach = (low + high) / 2, (high - low) / 2
    behind = np.arange(BLOCK - 1.0, -1.0, -1.0)
    off = np.abs(ahead - behind * middle)
    most = layer.explained[starts] + middle * (2 * ahead - middle * behind) + 2 * reach * off
    most += (off + reach * behind) ** 2 / (ends[0] - corners)[:, None]
    alive = most > needed[:, None] + ROUNDING * float(np.abs(reached).max())
    alive[:, -1] = True
    return np.asarray(starts[alive])


def _best(layer: Layer, ends: Whole, starts: Whole, least: int) -> tuple[Array, Whole]:
    """The best start of each end, and what it explains; starts nearer than *least* do not count."""
    value = layer.sums[ends][:, None] - layer.sums[starts]
    value *= value
    lengths = ends[:, None].astype(float) - starts
    if least:
        lengths[lengths < least] = np.nan
    value /= lengths
    value += layer.explained[starts]
    at = np.nanargmax(value, axis=1) if least else value.argmax(axis=1)
    return value[np.arange(len(ends)), at], starts[at]
