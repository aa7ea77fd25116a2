"""Counts, regressors and exposure to rates: what each family of count models knows of a contrast of log rates.

All work on the log scale. "robust" takes the working values of a negative-binomial fit, which lie on the scale of log
rates and scatter evenly, and averages over autocorrelation, drift, trend and season as `shapes` does for measures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.effects.averaging import Blend, blend
from detente.turning_points.effects.classical import sandwich
from detente.turning_points.effects.designs import Design
from detente.turning_points.effects.shapes import optional
from detente.turning_points.noise import Array, Mixture, grid, log_prior

Family = Literal["robust", "poisson", "quasi-poisson", "negative-binomial", "hac"]
Interval = tuple[float, float, float, float]
"""Middle, low, high, and the two-sided tail probability at zero."""
PRIOR = log_prior(0.2, 0.2)
"""Probability of no autocorrelation and of no drift of the log rate, from simulation (docs: count series)."""
EVENTS_A_COEFFICIENT = 10
"""A season is considered only where there are as many events for each of its coefficients."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A log-linear model of counts.

    Attributes:
        x: Regressors; the first columns are those of the design.
        beta: Their coefficients.
        mu: Expected counts.
        shape: Over-dispersion: the variance is mu + shape · mu².
        known: A contrast of the coefficients and a constant to its interval and tail probability.
        seasonal: Probability that a season is in the model: for an average between 0 and 1.
        textbook: Whether every block is in the model, with the trend right behind the columns of the design.
    """

    x: Array
    beta: Array
    mu: Array
    shape: float
    known: Callable[[Array, float], Interval]
    seasonal: float = 0.0
    textbook: bool = False


def regress(x: Array, y: Array, offset: Array, shape: float = 0.0) -> tuple[Array, Array]:
    """Coefficients and expected counts of a log-linear model with variance mu + shape · mu² (Poisson at 0).

    References:
        McCullagh and Nelder (1989), Generalized Linear Models, chapter 9, for the estimating equations.

    Raises:
        SeriesError: The rates run off to zero or infinity: some coefficient has no events to be told from.
    """
    beta = np.zeros(x.shape[1])
    line = x @ beta + np.log(y.sum() / np.exp(offset).sum())
    for step in range(300):
        mu = np.exp(line + offset)
        weighted = x * (mu / (1 + shape * mu))[:, None]
        new = np.linalg.lstsq(x.T @ weighted, weighted.T @ (line + (y - mu) / mu), rcond=None)[0]
        change = float(np.abs(x @ new - line).max())
        # A long step is halved until it is short: far out the exponential overshoots.
        beta = new if step == 0 or change <= 2 else beta + (new - beta) * 2 / change
        line = x @ beta
        if np.abs(line).max() > 40:
            break
        if change < 1e-10:
            return beta, np.exp(line + offset)
    raise SeriesError(
        "the counts do not determine every rate: some periods that the model tells apart have no events",
        hint='take model="level", leave the season out, or take longer periods',
    )


def pearson(y: Array, mu: Array, coefficients: int) -> float:
    """Dispersion: squared residuals in units of the Poisson variance, per degree of freedom; 1 for Poisson counts."""
    return float(((y - mu) ** 2 / mu).sum() / (len(y) - coefficients))


def deviance(y: Array, mu: Array, shape: float) -> float:
    """Twice the log likelihood that the fit falls short of a perfect one, at the given over-dispersion."""
    from scipy.special import xlogy

    if shape == 0:
        return float(2 * (xlogy(y, y / mu) - (y - mu)).sum())
    return float(2 * (xlogy(y, y / mu) - (y + 1 / shape) * np.log((1 + shape * y) / (1 + shape * mu))).sum())


def dispersed(x: Array, y: Array, offset: Array) -> tuple[Array, Array, float]:
    """Coefficients, expected counts and over-dispersion by moments: squared residuals as large as expected."""
    beta, mu = regress(x, y, offset)
    freedom = len(y) - x.shape[1]

    def excess(shape: float) -> float:
        return float(((y - mu) ** 2 / (mu + shape * mu**2)).sum() - freedom)

    if excess(0.0) <= 0:
        return beta, mu, 0.0
    from scipy.optimize import brentq

    shape = 0.0
    for _ in range(3):
        top = 1.0
        while excess(top) > 0:
            top *= 4
        shape = float(brentq(excess, 0.0, top)) if excess(0.0) > 0 else 0.0
        beta, mu = regress(x, y, offset, shape)
    return beta, mu, shape


def _likeliest_shape(x: Array, y: Array, offset: Array) -> float:
    """Maximum-likelihood over-dispersion of a negative binomial; 0 where the counts show none."""
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    def loss(log_shape: float) -> float:
        shape = float(np.exp(log_shape))
        mu, size = regress(x, y, offset, shape)[1], 1 / shape
        ratio = np.log1p(shape * mu)
        return -float((gammaln(y + size) - gammaln(size) + y * (np.log(shape * mu) - ratio) - size * ratio).sum())

    if pearson(y, regress(x, y, offset)[1], x.shape[1]) <= 1:
        return 0.0
    return float(np.exp(minimize_scalar(loss, bounds=(-12, 4), method="bounded", options={"xatol": 1e-6}).x))


def textbook(split: Design, offset: Array, family: Family, confidence: float) -> Rates:
    """Level, event, trend and season by maximum (quasi-)likelihood with normal quantiles, as in tutorials."""
    from scipy.stats import norm

    x = np.column_stack([split.x, *optional(split)])
    y = split.y
    shape = _likeliest_shape(x, y, offset) if family == "negative-binomial" else 0.0
    beta, mu = regress(x, y, offset, shape)
    weight = mu / (1 + shape * mu)
    inverse = np.linalg.inv(x.T @ (x * weight[:, None]))
    covariance = inverse
    if family == "quasi-poisson":
        covariance = inverse * pearson(y, mu, x.shape[1])
    if family == "hac":
        covariance = sandwich(split.positions, x * (y - mu)[:, None], inverse)
    reach = float(norm.ppf((1 + confidence) / 2))

    def known(contrast: Array, constant: float) -> Interval:
        middle, spread = float(contrast @ beta) + constant, float(np.sqrt(contrast @ covariance @ contrast))
        return middle, middle - reach * spread, middle + reach * spread, float(2 * norm.sf(abs(middle) / spread))

    return Rates(x, beta, mu, shape, known, float(split.season.shape[1] > 0), textbook=True)


def robust(split: Design, offset: Array, confidence: float) -> Rates:
    """Level and event, and perhaps trend and season, under over-dispersed counts whose log rate wanders."""
    enough = split.y.sum() >= EVENTS_A_COEFFICIENT * split.season.shape[1]
    blocks = [part for part in optional(split) if part is not split.season or enough]
    width = split.x.shape[1] + sum(part.shape[1] for part in blocks)
    x = np.column_stack([split.x, *blocks])
    mine = tuple(range(split.x.shape[1]))
    models, shape = _linearised(split, blocks, mine, offset)
    for _ in range(3):
        if models.likeliest == mine:
            break
        mine = models.likeliest
        models, shape = _linearised(split, blocks, mine, offset)
    seasonal = models.share(width - 1) if any(part is split.season for part in blocks) else 0.0
    return Rates(x, models.mean, np.exp(x @ models.mean + offset), shape, _known(models, confidence), seasonal)


def _linearised(split: Design, blocks: Sequence[Array], mine: tuple[int, ...], offset: Array) -> tuple[Blend, float]:
    """Average over the models, all seen from the fit of one of them."""
    full = np.column_stack([split.x, *blocks])
    beta, mu, shape = dispersed(full[:, mine], split.y, offset)
    scale = np.sqrt(mu + shape * mu**2)
    size = (mu / scale)[:, None]
    worked = (split.y - mu) / scale + size[:, 0] * (full[:, mine] @ beta)
    return blend(grid(split.positions), PRIOR, size * split.x, [size * part for part in blocks], worked), shape


def _known(models: Blend, confidence: float) -> Callable[[Array, float], Interval]:
    tail = (1 - confidence) / 2

    def known(contrast: Array, constant: float) -> Interval:
        mixture = _main_part(models.mixture(contrast))
        middle, low, high = (float(mixture.quantile(at)[0]) + constant for at in (0.5, tail, 1 - tail))
        return middle, low, high, float(mixture.tail(-constant)[0])

    return known


def _main_part(known: Mixture) -> Mixture:
    """The mixture without the parts that weigh nothing: most of them, and each costs as much as the others."""
    keep = known.weight[:, 0] > 1e-7
    parts = (known.weight / known.weight[keep].sum(), known.centre, known.spread, known.freedom)
    return Mixture(*(part[keep] for part in parts))


def effective_events(split: Design, offset: Array, side: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """How many independent events one side is worth: fewer than it has where counts scatter or wander.

    The inverse of the squared standard error of the log rate; that of k Poisson events is 1/√k.
    """
    from scipy.stats import norm

    y, off = split.y[side], offset[side]
    positions = tuple(int(at) for at in np.asarray(split.positions)[side] - np.asarray(split.positions)[side][0])
    beta, mu, shape = dispersed(np.ones((len(y), 1)), y, off)
    scale = np.sqrt(mu + shape * mu**2)
    size = mu / scale
    known = blend(grid(positions), PRIOR, size[:, None], [], (y - mu) / scale + size * beta[0]).mixture(np.ones(1))
    width = float(known.quantile(0.975)[0] - known.quantile(0.025)[0])
    return min(float(y.sum()), (2 * float(norm.ppf(0.975)) / width) ** 2)
