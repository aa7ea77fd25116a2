"""Values in time to the evidence for one change more, of level or of slope, beside those already known.

The noise may be autocorrelated, drift, or bend smoothly (`noise.bending`), so that neither a drifting level nor growth
that bends by itself passes for a change. Everything is exact: nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from detente.turning_points.noise import BENDING, Array, Kinds, bending, coarse

EDGE = 3
"""Fewest observations between two changes, and before the first and after the last."""
PRIOR_BREAK, PRIOR_BEND, PRIOR_SPELL = 0.5, 0.25, 0.25
"""Prior probability of a change; and, given one, that it is one of slope, and that the level changes twice at once."""
SPELLS = 120
"""A spell begins and ends at one of at most so many dates; each end is placed to the period afterwards."""
FINEST = 1e-10
"""Least variance of the noise, as a share of that of the series: without it, rounding errors would be compared."""
BATCH = 800_000
"""Numbers held at once for each hypothesis: few for the memory, many enough for two processors to work side by side."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change: the observation (from 0) that opens the new regime, and whether slope or level changes there."""

    first_new: int
    slope: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log evidence, prior included, up to a constant.

    Attributes:
        first_new: The candidates: observations (from 0) that may open a new regime.
        none: No change more, one number for each series.
        level: A change of level at each candidate, candidate × series.
        slope: A change of slope at each candidate, candidate × series.
        spell: A change of level at one candidate and another at a later one, pair × series.
        ends: The two candidates of each pair, as rows of `first_new`.
    """

    first_new: NDArray[np.intp]
    none: Array
    level: Array
    slope: Array
    spell: Array
    ends: NDArray[np.intp]

    @property
    def no_break(self) -> Array:
        """Probability of no change more, for each series."""
        return np.asarray(np.exp(self.none - self._total))

    @property
    def by_date(self) -> Array:
        """Probability of a change at each candidate, candidate × series; where there may be two they add up to more."""
        dates = np.exp(np.logaddexp(self.level, self.slope) - self._total)
        pairs = np.exp(self.spell - self._total)
        for end in self.ends.T:
            np.add.at(dates, end, pairs)
        return np.asarray(dates)

    @property
    def _total(self) -> Array:
        parts = np.vstack([self.none[None], self.level, self.slope, self.spell])
        return np.asarray(np.logaddexp.reduce(parts, axis=0))

    def single(self) -> Evidence:
        """The same without spells: what `evidence` gives with `spells=False`."""
        if not len(self.ends):
            return self
        moved = np.log((1 - PRIOR_BEND) / (1 - PRIOR_BEND - PRIOR_SPELL))
        return replace(self, level=self.level + moved, spell=self.spell[:0], ends=self.ends[:0])

    def likeliest(self, column: int = 0) -> tuple[Change, ...]:
        """The likeliest change of a series, or two where a spell is likelier, if there is any."""
        level, slope, spell = self.level[:, column], self.slope[:, column], self.spell[:, column]
        single = np.logaddexp(level, slope)
        if np.logaddexp.reduce(spell, initial=-np.inf) > np.logaddexp.reduce(single):
            return tuple(Change(int(self.first_new[end]), False) for end in self.ends[spell.argmax()])
        at = int(single.argmax())
        return (Change(int(self.first_new[at]), bool(slope[at] > level[at])),)


def evidence(
    positions: tuple[int, ...], y: Array, *, season: int = 0, known: tuple[Change, ...] = (), spells: bool = True
) -> Evidence:
    """Weigh one change more against none, for each column of *y*.

    Question: beside the changes already known, did the level or the slope change once more, and when? Assumes Gaussian
    noise of one variance, made of an AR(1) process, a random walk and an integrated random walk, each perhaps absent; a
    linear trend that is perhaps absent; a season that stays as it is. Prior: change or none evenly; dates evenly over
    periods; a change has the unit-information (g = n) prior, so that scale and origin of the values do not matter.

    Args:
        positions: The period of each value.
        y: The values, one series a column, each of standard deviation 1.
        season: Periods in a year where a season is to be taken out; 0 for none.
        known: Changes that are there whatever else is.
        spells: Whether the level may also change twice at once; a spell hardly shows one change at a time.

    References:
        Zellner (1986), in Goel and Zellner (eds), Bayesian Inference and Decision Techniques.
        Liang, Paulo, Molina, Clyde and Berger (2008), Journal of the American Statistical Association 103.
    """
    layout = _layout(positions, season, known)
    space = _space(positions, layout, bending(positions))
    none, level, slope = _in_turn(y, space.log_weight.size * len(layout.first_new), partial(_weighed, layout, space))
    ends, share = np.zeros((0, 2), dtype=np.intp), 0.0
    spell: Array = np.zeros((0, y.shape[1]))
    if spells and len(found := _ends(layout)):
        ends, share = found, PRIOR_SPELL
        few = _space(positions, layout, coarse(positions))
        pairs = _pairs(few, layout, ends)
        (spell,) = _in_turn(y, len(few.log_weight) * len(ends), partial(_weighed_spells, layout, few, ends, pairs))
    return Evidence(
        first_new=layout.first_new,
        none=none + np.log(1 - PRIOR_BREAK),
        level=level + layout.log_level[:, None] + np.log(PRIOR_BREAK * (1 - PRIOR_BEND - share)),
        slope=slope + layout.log_bend[:, None] + np.log(PRIOR_BREAK * PRIOR_BEND),
        spell=spell + np.log(max(PRIOR_BREAK * share, 1e-300) / max(len(ends), 1)),
        ends=ends,
    )


def _in_turn(y: Array, size: int, weigh: Callable[[Array], tuple[Array, ...]]) -> list[Array]:
    """Weigh the series in turn, as many at once as memory allows."""
    many = max(1, BATCH // size)
    parts = [weigh(y[:, low : low + many]) for low in range(0, y.shape[1], many)]
    return [np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)]


def seasonal(positions: tuple[int, ...], season: int) -> Array:
    """A column for the level of each part of the year that occurs; one column of ones without a season."""
    phase = np.asarray(positions) % max(season, 1)
    return np.asarray((phase[:, None] == np.unique(phase)).astype(float))


def regressors(positions: tuple[int, ...], known: tuple[Change, ...]) -> list[Array]:
    """A step for each change of level, a ramp from the last old observation for each change of slope."""
    where = np.asarray(positions, dtype=float)
    return [
        np.maximum(where - where[one.first_new - 1], 0.0)
        if one.slope
        else (where >= where[one.first_new]).astype(float)
        for one in known
    ]


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the positions and the known changes fix.

    Attributes:
        base: Regressors that are there in any case, the trend excepted.
        log_level: Log prior of the date of a change of level; `log_bend` of one of slope.
        log_slope: Log prior standard deviation of the trend; `trend` the prior probability that there is one.
    """

    time: Array
    base: Array
    first_new: NDArray[np.intp]
    log_level: Array
    log_bend: Array
    log_slope: float
    trend: float


def _layout(positions: tuple[int, ...], season: int, known: tuple[Change, ...]) -> _Layout:
    where = np.asarray(positions, dtype=float)
    time, n = where - where.mean(), len(positions)
    base = np.column_stack([seasonal(positions, season), *regressors(positions, known)])
    axis, _ = np.linalg.qr(base)
    slope = time - axis @ (axis.T @ time)
    candidates = np.arange(EDGE, n - EDGE + 1)
    width = np.diff(where)[candidates - 1]
    level, bend = (_log_dates(width, candidates, known, slope=one) for one in (False, True))
    trend = 1.0 if any(one.slope for one in known) else 0.5
    return _Layout(time, base, candidates, level, bend, float(np.log(n / (slope @ slope)) / 2), trend)


def _log_dates(width: Array, candidates: NDArray[np.intp], known: tuple[Change, ...], *, slope: bool) -> Array:
    """Even over periods; none near a known change, save that the level may change just where a slope does."""
    # A slope bends at the last old observation: three either side of it, or reading backwards would differ.
    near = (candidates <= EDGE) if slope else np.zeros(len(candidates), dtype=bool)
    for one in known:
        near |= (np.abs(candidates - one.first_new) < EDGE) & ~((candidates == one.first_new) & (one.slope != slope))
    free = np.where(near, 0.0, width)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(free / max(free.sum(), 1e-300)))


def _ends(layout: _Layout) -> NDArray[np.intp]:
    """Pairs of candidates for the two ends of a spell, as rows of the candidates."""
    free = np.flatnonzero(np.isfinite(layout.log_level))
    few = free[:: max(1, -(-len(free) // SPELLS))]
    first, second = np.triu_indices(len(few), 1)
    pairs = np.column_stack([few[first], few[second]])
    return np.asarray(pairs[pairs[:, 1] - pairs[:, 0] >= EDGE])


@dataclass(frozen=True, slots=True)
class _Space:
    """The whitened regressors under every kind of noise: kind × observation or candidate × regressor.

    Attributes:
        base: Orthonormal basis of the regressors that are there in any case.
        trend: What the trend adds to it, of length one.
        on_steps: What steps share with base and trend, the trend last; `on_ramps` what ramps share.
        level_power: Squared length of each step beside the base; beside the trend as well `sloped_power`, `ramp_power`.
        log_weight: Log prior, precision and size of the base, for each kind; `log_trend` what the trend adds.
        bends: Kinds that have a trend always.
    """

    whiteners: Array
    base: Array
    trend: Array
    on_steps: Array
    on_ramps: Array
    level_power: Array
    sloped_power: Array
    ramp_power: Array
    log_weight: Array
    log_trend: Array
    bends: NDArray[np.bool_]


def _space(positions: tuple[int, ...], layout: _Layout, noise: Kinds) -> _Space:
    white = noise.whiteners
    base, root = np.linalg.qr(white @ layout.base)
    trend = _beside(base, white @ layout.time[:, None])
    length = np.linalg.norm(trend[:, :, 0], axis=1)
    trend = trend / length[:, None, None]
    steps, ramps = _sums(layout, white.transpose(0, 2, 1) @ np.concatenate([base, trend], axis=2))
    all_steps, all_ramps = (power[noise.members] for power in _powers(positions))
    level_power = all_steps - (steps[:, :, :-1] ** 2).sum(axis=2)
    size = np.log(np.abs(np.diagonal(root, axis1=1, axis2=2))).sum(axis=1)
    return _Space(
        whiteners=white,
        base=base,
        trend=trend,
        on_steps=steps,
        on_ramps=ramps,
        level_power=_usable(level_power, all_steps),
        sloped_power=_usable(level_power - steps[:, :, -1] ** 2, all_steps),
        ramp_power=_usable(all_ramps - (ramps**2).sum(axis=2), all_ramps),
        log_weight=noise.log_prior + noise.log_precision - size,
        log_trend=-np.log(length) - layout.log_slope,
        bends=noise.bends,
    )


def _beside(basis: Array, part: Array) -> Array:
    """What is left of *part* beside an orthonormal basis, for each kind."""
    return np.asarray(part - basis @ (basis.transpose(0, 2, 1) @ part))


def _sums(layout: _Layout, white: Array) -> tuple[Array, Array]:
    """Products of every step and of every ramp with columns that are whitened back (kind × observation × column)."""
    late = np.cumsum(white[:, ::-1], axis=1)[:, ::-1]
    later = np.cumsum((white * layout.time[:, None])[:, ::-1], axis=1)[:, ::-1]
    steps = late[:, layout.first_new]
    return steps, later[:, layout.first_new] - layout.time[layout.first_new - 1][:, None] * steps


@lru_cache(maxsize=8)
def _powers(positions: tuple[int, ...]) -> tuple[Array, Array]:
    """Squared length of every whitened step and ramp, kind × candidate."""
    where = np.asarray(positions, dtype=float)
    time, n = where - where.mean(), len(positions)
    candidates = np.arange(EDGE, n - EDGE + 1)
    steps, ramps = [], []
    for white in bending(positions).whiteners:
        step = np.cumsum(white[:, ::-1], axis=1)[:, ::-1][:, candidates]
        ramp = np.cumsum((white * time)[:, ::-1], axis=1)[:, ::-1][:, candidates] - time[candidates - 1] * step
        steps.append((step**2).sum(axis=0))
        ramps.append((ramp**2).sum(axis=0))
    return np.stack(steps), np.stack(ramps)


def _usable(left: Array, whole: Array) -> Array:
    """The power, or infinity where what is there in any case explains the change wholly: then it explains nothing."""
    return np.asarray(np.where(left > 1e-9 * whole, left, np.inf)[:, :, None])


@dataclass(frozen=True, slots=True)
class _Products:
    """What the values share with the regressors: without a trend, and beside one."""

    steps: Array
    level: Array
    sloped_steps: Array
    ramps: Array
    line: Array


def _products(layout: _Layout, space: _Space, y: Array) -> _Products:
    data = _beside(space.base, space.whiteners @ y)
    steps, ramps = _sums(layout, space.whiteners.transpose(0, 2, 1) @ data)
    slope = space.trend.transpose(0, 2, 1) @ data
    level = (data**2).sum(axis=1)[:, None]
    return _Products(
        steps=steps,
        level=level,
        sloped_steps=steps - space.on_steps[:, :, -1:] * slope,
        ramps=ramps - space.on_ramps[:, :, -1:] * slope,
        line=np.maximum(level - slope**2, 0.0),
    )


def _weighed(layout: _Layout, space: _Space, y: Array) -> tuple[Array, Array, Array]:
    """Log evidence of no change, and of one of level and of slope at each candidate, summed over kinds of noise."""
    made, flat = _products(layout, space, y), ~space.bends
    n, freedom = layout.base.shape[0], layout.base.shape[0] - layout.base.shape[1]
    weight = (space.log_weight + space.log_trend)[:, None, None]
    sloped = weight + np.log(layout.trend)
    none = [sloped + _log_evidence(made.line, 0.0, n, freedom, 0)]
    level = [sloped + _log_evidence(made.line, made.sloped_steps**2 / space.sloped_power, n, freedom, 1)]
    slope = weight + _log_evidence(made.line, made.ramps**2 / space.ramp_power, n, freedom, 1)
    if layout.trend < 1:
        even = space.log_weight[flat][:, None, None] + np.log(1 - layout.trend) - np.log(1 - BENDING)
        alone, explained = made.level[flat], made.steps[flat] ** 2 / space.level_power[flat]
        none.append(even + _log_evidence(alone, 0.0, n, freedom, 0))
        level.append(even + _log_evidence(alone, explained, n, freedom, 1))
    return _total(none)[0], _total(level), _total([slope])


def _pairs(space: _Space, layout: _Layout, ends: NDArray[np.intp]) -> tuple[Array, Array]:
    """For each spell the product of its two steps beside the base, and beside the trend as well."""
    few, where = np.unique(ends, return_inverse=True)
    first, second = where.reshape(ends.shape).T
    late, loads = layout.first_new[few], space.on_steps[:, few]
    products = []
    for white, load in zip(space.whiteners, loads, strict=True):
        steps = np.cumsum(white[:, ::-1], axis=1)[:, ::-1][:, late]
        beside = steps.T @ steps - load[:, :-1] @ load[:, :-1].T
        along = np.outer(load[:, -1], load[:, -1])
        products.append((beside[first, second], (beside - along)[first, second]))
    level, sloped = zip(*products, strict=True)
    return np.stack(level)[:, :, None], np.stack(sloped)[:, :, None]


def _weighed_spells(
    layout: _Layout, space: _Space, ends: NDArray[np.intp], pairs: tuple[Array, Array], y: Array
) -> tuple[Array]:
    """Log evidence of two changes of level at once, for each pair of ends, summed over kinds of noise."""
    made = _products(layout, space, y)
    n, freedom = layout.base.shape[0], layout.base.shape[0] - layout.base.shape[1]
    explained = _both(made.sloped_steps, space.sloped_power, pairs[1], ends)
    sloped = (space.log_weight + space.log_trend)[:, None, None] + np.log(layout.trend)
    parts = [sloped + _log_evidence(made.line, explained, n, freedom, 2)]
    if layout.trend < 1:
        even = space.log_weight[:, None, None] + np.log(1 - layout.trend)
        explained = _both(made.steps, space.level_power, pairs[0], ends)
        parts.append(even + _log_evidence(made.level, explained, n, freedom, 2))
    return (_total(parts),)


def _both(steps: Array, power: Array, pairs: Array, ends: NDArray[np.intp]) -> Array:
    """Sum of squares that the two steps of each spell explain together."""
    first, second = steps[:, ends[:, 0]], steps[:, ends[:, 1]]
    size, other = power[:, ends[:, 0]], power[:, ends[:, 1]]
    usable = np.isfinite(size) & np.isfinite(other)
    size, other = np.where(usable, size, 1.0), np.where(usable, other, 1.0)
    left = size * other - pairs**2
    usable &= left > 1e-9 * size * other
    raw = (first**2 * other - 2 * first * second * pairs + second**2 * size) / np.where(usable, left, 1.0)
    return np.asarray(np.where(usable, raw, 0.0))


def _log_evidence(null: Array, explained: Array | float, n: int, freedom: int, regressors: int) -> Array:
    """Zellner's g-prior with g = n: log evidence of *regressors* that explain this much of the null model's rest."""
    g = n if regressors else 0
    left = null - g / (1 + g) * explained
    return np.asarray(-regressors / 2 * np.log(1 + g) - freedom / 2 * np.log(left + n * FINEST))


def _total(parts: list[Array]) -> Array:
    """The sum over kinds of noise, of numbers given as logarithms."""
    logs = np.concatenate(parts, axis=0)
    highest = logs.max(axis=0)
    return np.asarray(highest + np.log(np.exp(logs - highest).sum(axis=0)))
