"""Values before an event and controls to what the values after it would have been: a structural time-series model.

The model is that of the R package CausalImpact (local level and regression with a spike-and-slab prior, values
standardised on the periods before), and trend, season and autoregression where asked for. Given the standard
deviations everything is Gaussian and exact; these are integrated over by importance sampling from a randomised
low-discrepancy sequence. There is no Markov chain, so nothing has to burn in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from detente.errors import SeriesError
from detente.turning_points.effects.kalman import Data, Filtered, Shape, filtered
from detente.turning_points.effects.subsets import Subsets, likely_subsets
from detente.turning_points.noise import NORMAL, Array, Mixture

_PER_STAGE, _ROUNDS = 192, 12


@dataclass(frozen=True, slots=True)
class StateSpace:
    """What the model holds, and how finely it is integrated.

    Attributes:
        level_sd: Prior guess at the standard deviation of the steps of the level, in standard deviations of the values
            before the event (CausalImpact: prior.level.sd); worth 32 observations.
        trend: A level that walks, or a level and a slope that both do.
        season: Periods in a cycle; None: no season.
        autoregression: Whether an AR(1) component stands beside the level.
        draws: How many values of the standard deviations the answer is averaged over.
        seed: Of these values.
    """

    level_sd: float = 0.01
    trend: Literal["level", "slope"] = "level"
    season: int | None = None
    autoregression: bool = False
    draws: int = 1000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.level_sd <= 0 or self.draws < 100 or (self.season is not None and self.season < 2):
            raise SeriesError(
                f"no state-space model with level_sd {self.level_sd}, season {self.season} and {self.draws} draws",
                hint="level_sd is above 0, a season has two periods or more, and a hundred draws are the least",
            )

    @property
    def shape(self) -> Shape:
        """The components."""
        return Shape(self.trend == "slope", self.season or 0, self.autoregression)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A standard deviation: its prior guess, what the guess is worth in observations, and the most it can be."""

    guess: float
    worth: float
    most: float

    def log_prior(self, log_sd: Array) -> Array:
        """Log density of the logarithm, up to a constant: the precision has a gamma prior."""
        return np.asarray(-self.worth * log_sd - self.worth / 2 * self.guess**2 * np.exp(-2 * log_sd))

    @property
    def bounds(self) -> tuple[float, float]:
        """Where the logarithm is looked for."""
        reach = np.sqrt(self.worth) * 1e-2 if self.worth < 1 else np.exp(-2.5)
        return float(np.log(self.guess * reach)), float(np.log(self.most))


@dataclass(frozen=True, slots=True)
class Forecast:
    """The periods after the event had it not happened: a mixture of normals.

    Attributes:
        weight: Of each part.
        mean: Of each period after, part × period; `variance` likewise.
        total_mean: Of the sum up to each period over those with a value; `total_variance` likewise.
        included: Probability of each control.
        effective: How many independent draws the weights are worth.
    """

    weight: Array
    mean: Array
    variance: Array
    total_mean: Array
    total_variance: Array
    included: Array
    effective: float

    def each(self) -> Mixture:
        """What is known of the value of each period, one a column."""
        return self._mixture(self.mean, self.variance)

    def total(self) -> Mixture:
        """What is known of the sum up to each period, one a column."""
        return self._mixture(self.total_mean, self.total_variance)

    def _mixture(self, mean: Array, variance: Array) -> Mixture:
        freedom = np.full((len(mean), 1), NORMAL)
        weight = np.broadcast_to(self.weight[:, None], mean.shape)
        return Mixture(weight, mean, np.sqrt(variance), freedom)


def forecast(data: Data, model: StateSpace) -> Forecast:
    """Forecast the periods after the event from those before and the controls.

    Question: what would the values have been? Assumes that the components named in *model* carry on as before and that
    the controls were not affected. Where the values are autocorrelated or drift more than the prior of the level
    expects, the interval is too short (docs: calibration).

    References:
        Brodersen, Gallusser, Koehler, Remy and Scott (2015), Annals of Applied Statistics 9(1).
        Scott and Varian (2014), International Journal of Mathematical Modelling and Numerical Optimisation 5(1/2).
    """
    parts = _parameters(data, model)
    rng = np.random.default_rng(model.seed)
    bounds = np.array([part.bounds for part in parts] + [(-3.0, 3.0)] * model.autoregression)
    centre, root = bounds.mean(axis=1), np.diag((bounds[:, 1] - bounds[:, 0]) / 4)
    tempered = True
    for _ in range(_ROUNDS):
        points, log_density = _scatter(centre, root, _PER_STAGE, rng)
        scores = _score(points, bounds, parts, data, model) - log_density
        weight, tempered = _soften(scores)
        centre = weight @ points
        away = points - centre
        root = np.linalg.cholesky((weight[:, None] * away).T @ away * 1.2 + 1e-10 * np.eye(len(centre)))
        if not tempered:
            break
    points, log_density = _scatter(centre, root, model.draws, rng)
    inside = ((points > bounds[:, 0]) & (points < bounds[:, 1])).all(axis=1)
    return _forecast(points[inside], log_density[inside], parts, data, model)


def _parameters(data: Data, model: StateSpace) -> list[Parameter]:
    """Observation, level, slope, season, autoregression: priors as in bsts, for values of standard deviation 1."""
    noise = Parameter(np.sqrt(0.2), 50, 1.2) if data.x.shape[1] else Parameter(1.0, 0.01, 1.2)
    level = Parameter(model.level_sd, 32, 1.0)
    small = Parameter(0.01, 0.01, 1.0)
    return [
        noise,
        level,
        *([level] if model.trend == "slope" else []),
        *([small] if model.season else []),
        *([Parameter(0.01, 0.01, 1.5)] if model.autoregression else []),
    ]


def _scatter(centre: Array, root: Array, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Points of a multivariate t distribution with five degrees of freedom, and its log density up to a constant.

    They lie evenly: multiples of irrational numbers, shifted by chance.

    References:
        Niederreiter (1992), Random Number Generation and Quasi-Monte Carlo Methods, on Kronecker sequences.
    """
    from scipy.special import chdtri, ndtri

    d = len(centre)
    ratio = np.roots([1.0, *[0.0] * d, -1.0, -1.0])
    golden = float(ratio[np.abs(ratio.imag) < 1e-9].real.max())
    steps = golden ** -np.arange(1.0, d + 2)
    even = (rng.random(d + 1) + np.arange(count)[:, None] * steps) % 1.0
    even = np.clip(even, 1e-9, 1 - 1e-9)
    normal = ndtri(even[:, :d]) / np.sqrt(chdtri(5.0, even[:, d:]) / 5.0)
    return centre + normal @ root.T, -(5 + d) / 2 * np.log1p((normal**2).sum(axis=1) / 5)


def _soften(scores: Array) -> tuple[Array, bool]:
    """Weights worth an eighth of the points at least: where the raw ones are not, they are drawn towards each other."""
    shifted = scores - scores.max()
    for power in 2.0 ** -np.arange(12):
        weight = np.exp(power * shifted)
        weight /= weight.sum()
        if 1 / (weight**2).sum() >= len(scores) / 8:
            return weight, power < 1
    return weight, True


def _score(points: Array, bounds: Array, parts: list[Parameter], data: Data, model: StateSpace) -> Array:
    """Log posterior of the standard deviations up to a constant, the controls integrated out."""
    inside = ((points > bounds[:, 0]) & (points < bounds[:, 1])).all(axis=1)
    scores = np.full(len(points), -1e10)
    if inside.any():
        kept = points[inside]
        found = filtered(kept, data, model.shape)
        scores[inside] = _log_prior(kept, parts) + found.log_likelihood
        if data.x.shape[1]:
            evidence = likely_subsets(found.cross, found.product, found.noise, data.x).evidence
            scores[inside] += np.logaddexp.reduce(evidence, axis=1)
    return scores


def _log_prior(points: Array, parts: list[Parameter]) -> Array:
    total = sum(part.log_prior(points[:, number]) for number, part in enumerate(parts))
    if points.shape[1] > len(parts):
        total = total + np.log1p(-(np.tanh(points[:, -1]) ** 2))
    return np.asarray(total)


def _forecast(points: Array, log_density: Array, parts: list[Parameter], data: Data, model: StateSpace) -> Forecast:
    found = filtered(points, data, model.shape)
    scores = _log_prior(points, parts) + found.log_likelihood - log_density
    chosen = likely_subsets(found.cross, found.product, found.noise, data.x)
    joint = scores[:, None] + chosen.evidence
    weight = np.exp(joint - joint.max())
    weight /= weight.sum()
    blocks = [_part(weight[:, number], found, chosen, number) for number in range(len(chosen.members))]
    shares, mean, variance, total_mean, total_variance = (np.concatenate(part) for part in zip(*blocks, strict=True))
    included = np.zeros(data.x.shape[1])
    for number, members in enumerate(chosen.members):
        included[list(members)] += weight[:, number].sum()
    effective = float(1 / (weight.sum(axis=1) ** 2).sum())
    return Forecast(shares / shares.sum(), mean, variance, total_mean, total_variance, included[1:], effective)


def _part(weight: Array, found: Filtered, chosen: Subsets, number: int) -> list[Array]:
    """Weight, and mean and variance of values and of sums, under one subset of the controls."""
    kept = weight > 1e-6 / len(weight)
    beta, cov = (part[kept] for part in chosen.moments(number))
    columns = [1 + at for at in chosen.members[number]]
    rows = [weight[kept]]
    for path, spread in ((found.ahead, found.variance), (found.total, found.total_variance)):
        lean = path[kept][..., columns]
        rows.append(path[kept][..., 0] + np.einsum("ghk,gk->gh", lean, beta))
        rows.append(spread[kept] + np.einsum("ghk,gkl,ghl->gh", lean, cov, lean))
    return rows
