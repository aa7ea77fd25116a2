"""Values, controls and many guesses of the standard deviations to their fit and forecast: a batch of Kalman filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.turning_points.noise import Array


@dataclass(frozen=True, slots=True)
class Shape:
    """Components beside level and noise: a slope, a season of so many periods (0: none), an AR(1) process."""

    sloped: bool
    cycle: int
    autoregression: bool


@dataclass(frozen=True, slots=True)
class Data:
    """Standardised values and controls.

    Attributes:
        y: One value a period from the first observed one on, NaN where unknown.
        x: Controls with a first column of ones, zero where *y* is unknown; no column at all where there is no control.
        before: Number of periods before the event.
    """

    y: Array
    x: Array
    before: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """What the filter makes of each guess: fit before the event, forecasts after it.

    Attributes:
        log_likelihood: Of the values without controls.
        cross: Products of the whitened innovations of the controls; `product` those with the values.
        noise: Variance of the observations.
        ahead: For each period after: forecast of the value, then what of each control its own forecast leaves.
        variance: Of the value of each period after.
        total: `ahead` summed over the periods with a value; `total_variance` of that sum.
    """

    log_likelihood: Array
    cross: Array
    product: Array
    noise: Array
    ahead: Array
    variance: Array
    total: Array
    total_variance: Array


@dataclass(frozen=True, slots=True)
class _System:
    """Transition, its decay, variances of the steps, first state and its variance, and what of the state is seen."""

    transition: Array
    decay: Array
    steps: Array
    start: Array
    spread: Array
    seen: Array


@dataclass(slots=True)
class _State:
    """Mean (of values and controls) and covariance of the state, and the sum over periods already forecast."""

    mean: Array
    cov: Array
    link: Array
    total: Array
    total_variance: Array

    def advance(self, system: _System, fade: Array) -> None:
        """Move on by a period."""
        diagonal: NDArray[np.intp] = np.arange(len(system.seen))
        self.mean = system.decay[:, :, None] * (system.transition @ self.mean)
        self.cov = fade * (system.transition @ self.cov @ system.transition.T)
        self.cov[:, diagonal, diagonal] += system.steps
        self.link = system.decay * (self.link @ system.transition.T)

    def learn(self, load: Array, size: Array, surprise: Array) -> None:
        """Take in a value."""
        gain = load / size[:, None]
        self.mean = self.mean + gain[:, :, None] * surprise[:, None, :]
        self.cov = self.cov - gain[:, :, None] * load[:, None, :]

    def add(self, load: Array, size: Array, step: Array, seen: Array) -> None:
        """Add a forecast to the sum."""
        self.total_variance = self.total_variance + 2 * self.link @ seen + size
        self.link, self.total = self.link + load, self.total + step


def filtered(points: Array, data: Data, shape: Shape) -> Filtered:
    """Run the filter for all guesses at once over values and controls, and on over the periods after the event.

    Args:
        points: A guess a row: logarithms of the standard deviations of observation, level, slope, season and
            autoregression, and the inverse hyperbolic tangent of the autocorrelation, as far as there are such.
        data: Values and controls.
        shape: The components.

    References:
        Durbin and Koopman (2012), Time Series Analysis by State Space Methods, chapters 4 and 6.
    """
    system, noise = _system(points, data, shape), np.exp(2 * points[:, 0])
    state = _first(system, len(points), 1 + data.x.shape[1])
    fade = system.decay[:, :, None] * system.decay[:, None, :]
    white, sizes, ahead = [], [], []
    for now, row in enumerate(np.column_stack([data.y, data.x])):
        if now:
            state.advance(system, fade)
        load = state.cov @ system.seen
        size = load @ system.seen + noise
        expected = np.einsum("m,gmw->gw", system.seen, state.mean)
        known = not np.isnan(row[0])
        if now >= data.before:
            step = np.concatenate([expected[:, :1], row[1:] - expected[:, 1:]], axis=1)
            if known:
                state.add(load, size, step, system.seen)
            ahead.append((step, size, state.total, state.total_variance))
        elif known:
            white.append((row - expected) / np.sqrt(size)[:, None])
            sizes.append(np.log(size))
            state.learn(load, size, row - expected)
    innovations = np.stack(white, axis=1)
    products = innovations.transpose(0, 2, 1) @ innovations
    forecasts = (np.stack(part, axis=1) for part in zip(*ahead, strict=True))
    fit = -(np.sum(sizes, axis=0) + products[:, 0, 0]) / 2
    return Filtered(fit, products[:, 1:, 1:], products[:, 1:, 0], noise, *forecasts)


def _first(system: _System, count: int, width: int) -> _State:
    size = len(system.seen)
    mean = np.zeros((count, size, width))
    mean[..., 0] = system.start
    cov = system.spread[:, :, None] * np.eye(size)
    return _State(mean, cov, np.zeros((count, size)), np.zeros((count, width)), np.zeros(count))


def _system(points: Array, data: Data, shape: Shape) -> _System:
    """Components one below the other: level (and slope), season, autoregression; first states as in bsts."""
    from scipy.linalg import block_diag

    sd, count = np.exp(points), len(points)
    known = data.y[: data.before][~np.isnan(data.y[: data.before])]
    blocks, start, seen = [np.eye(1)], [known[0]], [1.0]
    steps = [sd[:, 1]]
    if shape.sloped:
        blocks = [np.array([[1.0, 1.0], [0.0, 1.0]])]
        start, seen, steps = [*start, (known[-1] - known[0]) / len(known)], [*seen, 0.0], [*steps, sd[:, 2]]
    if shape.cycle:
        rest = shape.cycle - 2
        blocks.append(np.vstack([-np.ones(rest + 1), np.eye(rest, rest + 1)]))
        start, seen = [*start, *[0.0] * (rest + 1)], [*seen, 1.0, *[0.0] * rest]
        steps += [sd[:, 2 + shape.sloped], *[np.zeros(count)] * rest]
    decay, spread = np.ones((count, len(seen))), np.ones((count, len(seen)))
    if shape.autoregression:
        rho, step = np.tanh(points[:, -1:]), sd[:, -2:-1]
        blocks, start, seen, steps = [*blocks, np.eye(1)], [*start, 0.0], [*seen, 1.0], [*steps, step[:, 0]]
        decay, spread = np.hstack([decay, rho]), np.hstack([spread, step**2 / (1 - rho**2)])
    return _System(block_diag(*blocks), decay, np.stack(steps, axis=1) ** 2, np.array(start), spread, np.array(seen))
