"""Values in time to all their changes: the likeliest first, then the next beside it, until there is none to be told.

The first step asks of the whole series whether anything changed; false alarms are decided there. Later steps keep the
changes already found and weigh one more under noise that is learnt anew; at last each date is weighed again beside the
others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from detente.turning_points.dating.evidence import EDGE, Change, Evidence, evidence
from detente.turning_points.noise import Array

DOUBT = 0.15
"""A change is found when the probability of none is at most this; then at most 5 % of series without one have one."""
ROOM = 10
"""There is at most one change for so many observations."""
ROUNDS = 3
NEAR, FAR = 2, 4.0
"""Neighbours on either side, and robust standard deviations, beyond which a value is far out."""
LAST = 0.5
"""The only change left must be at least so probable; that something changed is known by then."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One change with the probability of each date it may have, the other changes given.

    Attributes:
        change: The likeliest.
        chances: Probability of each observation to open the new regime; they sum to `probability`.
        probability: That there is a change between its neighbours at all.
    """

    change: Change
    chances: Array
    probability: float


@dataclass(frozen=True, slots=True)
class Search:
    """What was found.

    Attributes:
        placed: The changes in time order; none where no change can be told.
        no_break: Probability that nothing changed.
        first: Probability of each observation to open a new regime, before any change is found.
        rest: The same for one change more, after those found; `no_more` the probability that there is none.
    """

    placed: tuple[Placed, ...]
    no_break: float
    first: Array
    rest: Array
    no_more: float


def standardised(y: Array) -> Array:
    """Each column with mean 0 and standard deviation 1."""
    return np.asarray((y - y.mean(axis=0)) / y.std(axis=0))


def search(
    positions: tuple[int, ...],
    y: Array,
    *,
    season: int = 0,
    first: Evidence | None = None,
    none: float | None = None,
    doubt: float = DOUBT,
) -> Search:
    """Find the changes of level and of slope in one series.

    Question: how often did the level or the slope change, and when? Assumptions and references as in
    `evidence.evidence`; beyond that, a change found is taken as certain when the next is looked for.

    Args:
        positions: The period of each value.
        y: The values.
        season: Periods in a year where a season is to be taken out; 0 for none.
        first: The evidence for a first change, where many series were weighed together.
        none: The guarded probability of no change, where that is known as well.
        doubt: A change is found when the probability of none is at most this.
    """
    scaled, n = standardised(y[:, None]), len(y)
    first = evidence(positions, scaled, season=season) if first is None else first
    if none is None:
        none = float(guarded(positions, y[:, None], first, season=season, doubt=doubt)[0])
    known: tuple[Change, ...] = ()
    step = first
    while none <= doubt and float(step.no_break[0]) <= doubt and len(known) < max(1, n // ROOM):
        known = _sorted((*known, *step.likeliest()))
        step = evidence(positions, scaled, season=season, known=known)
    placed, settled = _settled(positions, scaled, season, known, first, doubt)
    if placed and settled != known:
        step = evidence(positions, scaled, season=season, known=settled)
    begun = _spread(first, n) * (1 - none) / max(1 - float(first.no_break[0]), 1e-300)
    if placed:
        return Search(placed, none, begun, _spread(step, n), float(step.no_break[0]))
    return Search((), none, begun, begun, none)


def guarded(positions: tuple[int, ...], y: Array, first: Evidence, *, season: int = 0, doubt: float = DOUBT) -> Array:
    """Probability of no change, for each column, not below that of the values without what stands far out among them.

    A few values far from their neighbours can pass for a change where the noise has heavy tails; a change must show
    without them too. Only series with a change are weighed again.
    """
    none = first.no_break.copy()
    found = np.flatnonzero(none <= doubt)
    calm = tamed(y[:, found])
    found, calm = found[calm.std(axis=0) > 0], calm[:, calm.std(axis=0) > 0]
    if len(found):
        again = evidence(positions, standardised(calm), season=season).no_break
        none[found] = np.maximum(none[found], again)
    return np.asarray(none)


def tamed(y: Array) -> Array:
    """Values drawn in to four robust standard deviations around the median of themselves and two on either side.

    Question: what would the series be without single values far out? Assumes that a regime lasts three values at least;
    where most values equal their neighbours, nothing is drawn in.

    References:
        Hampel (1974), Journal of the American Statistical Association 69.
    """
    wide = np.pad(y, ((NEAR, NEAR), (0, 0)), constant_values=np.nan)
    middle = np.nanmedian(np.lib.stride_tricks.sliding_window_view(wide, 2 * NEAR + 1, axis=0), axis=-1)
    spread = 1.4826 * np.median(np.abs(y - middle), axis=0)
    reach = np.where(spread > 0, FAR * spread, np.inf)
    return np.asarray(middle + np.clip(y - middle, -reach, reach))


def only(whole: Evidence, column: int) -> Evidence:
    """The evidence for one of many series weighed together."""
    part = slice(column, column + 1)
    return replace(
        whole, none=whole.none[part], level=whole.level[:, part], slope=whole.slope[:, part], spell=whole.spell[:, part]
    )


def _settled(
    positions: tuple[int, ...], y: Array, season: int, known: tuple[Change, ...], first: Evidence, doubt: float
) -> tuple[tuple[Placed, ...], tuple[Change, ...]]:
    """Weigh each date again beside the others until none moves, and leave out what no longer stands, one by one."""
    while known:
        for _ in range(ROUNDS):
            placed = tuple(_placed(positions, y, season, known, at, first) for at in range(len(known)))
            moved = tuple(one.change for one in placed)
            if moved == known or not _apart(moved):
                break
            known = moved
        weakest = min(placed, key=lambda one: one.probability)
        if weakest.probability >= (1 - doubt if len(known) > 1 else LAST):
            return placed, tuple(one.change for one in placed)
        known = tuple(one.change for one in placed if one is not weakest)
    return (), ()


def _apart(known: tuple[Change, ...]) -> bool:
    """Whether the changes keep their order and their distance: two may have moved towards each other at once."""
    return all(
        later.first_new - earlier.first_new >= EDGE
        or (later.first_new == earlier.first_new and later.slope != earlier.slope)
        for earlier, later in pairwise(known)
    )


def _placed(
    positions: tuple[int, ...], y: Array, season: int, known: tuple[Change, ...], at: int, first: Evidence
) -> Placed:
    """Weigh one change between its neighbours, the others given."""
    others = known[:at] + known[at + 1 :]
    weighed = evidence(positions, y, season=season, known=others, spells=False) if others else first.single()
    own = known[at].first_new
    low = max((one.first_new for one in others if one.first_new < own), default=0)
    high = min((one.first_new for one in others if one.first_new > own), default=len(y))
    inside = (weighed.first_new > low) & (weighed.first_new < high)
    chances = np.zeros(len(y))
    within = replace(
        weighed,
        level=np.where(inside[:, None], weighed.level, -np.inf),
        slope=np.where(inside[:, None], weighed.slope, -np.inf),
    )
    chances[weighed.first_new] = within.by_date[:, 0]
    return Placed(within.likeliest()[0], chances, float(chances.sum()))


def _spread(weighed: Evidence, n: int) -> Array:
    chances = np.zeros(n)
    chances[weighed.first_new] = weighed.by_date[:, 0]
    return chances


def _sorted(known: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple(sorted(known, key=_order))


def _order(change: Change) -> tuple[int, bool]:
    return change.first_new, change.slope


def credible(chances: Array, confidence: float) -> tuple[int, int]:
    """First and last observation of the central interval of a change, given that there is one."""
    below = chances.cumsum() / chances.sum()
    tail = (1 - confidence) / 2
    low = int(np.searchsorted(below, tail))
    high = int(np.searchsorted(below, 1 - tail))
    return low, min(high, len(chances) - 1)
