"""A series to the effect it would show at each date, as if something had happened there."""

from __future__ import annotations

import numpy as np

from detente.turning_points.effects import robust
from detente.turning_points.noise import Array, Mixture, normalise


def at_every_date(positions: tuple[int, ...], y: Array, first_new: Array) -> Mixture:
    """What is known of a step at each of several dates, one a column: the answers of `robust.average`, all at once.

    The level, and then the trend, are taken out of the whitened values and steps; what is left of a step is its
    regressor (Frisch and Waugh 1933, Econometrica 1; Lovell 1963, Journal of the American Statistical Association 58).

    Args:
        positions: Where the observations stand in time.
        y: One value an observation, centred and scaled.
        first_new: The first observation of the new level, from 0, for each date.
    """
    n = len(positions)
    noise = robust.kinds_of_noise(positions)
    trend = np.asarray(positions, dtype=float) - np.mean(positions)
    kept = [_one_kind(whitener, y, trend, first_new) for whitener in noise.whiteners]
    log_size, plain, wider = (np.array(part) for part in zip(*kept, strict=True))
    base = (noise.log_precision[:, None] - log_size) - (n - 2) / 2 * np.log(plain[:, 1])
    base += robust.log_prior_of_kinds()[:, None]
    more = np.log((1 + n * wider[:, 1] / plain[:, 1]) / (1 + n))
    bent = base - np.log(1 + n) / 2 - (n - 2) / 2 * more + np.log(robust.TREND_ODDS)
    freedom = np.repeat([n - 2.0, n - 3.0], len(base))[:, None]
    rss, power = (np.concatenate([plain[:, at], wider[:, at]]) for at in (1, 2))
    known = Mixture(
        weight=normalise(np.concatenate([base, bent])),
        centre=np.concatenate([plain[:, 0], wider[:, 0]]),
        spread=np.sqrt(rss / freedom / power),
        freedom=np.broadcast_to(freedom, rss.shape),
    )
    return known.shortened(robust.shortening(n))


def _one_kind(whitener: Array, y: Array, trend: Array, first_new: Array) -> tuple[Array, Array, Array]:
    """Log size of the regressors; then, without and with a trend, coefficient, residual sum of squares and power."""
    level = whitener.sum(axis=1)
    size = np.linalg.norm(level)
    steps = np.cumsum(whitener[:, ::-1], axis=1)[:, ::-1][:, first_new]
    data, steps, slope = _without(level / size, (whitener @ y)[:, None], steps, (whitener @ trend)[:, None])
    plain = _step(data, steps)
    data, steps = _without(slope[:, 0] / np.linalg.norm(slope), data, steps)
    return np.log(size) + np.log(plain[2]) / 2, plain, _step(data, steps)


def _without(unit: Array, *parts: Array) -> list[Array]:
    return [part - unit[:, None] * (unit @ part) for part in parts]


def _step(data: Array, steps: Array) -> Array:
    power, cross = (steps**2).sum(axis=0), steps.T @ data[:, 0]
    rss = np.maximum((data**2).sum() - cross**2 / power, 1e-300)
    return np.array([cross / power, rss, power])
