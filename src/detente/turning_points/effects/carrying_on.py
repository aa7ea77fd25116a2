"""Values before an event to what each period after it would have been, whatever the shape of the change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.turning_points.effects.averaging import Blend
from detente.turning_points.effects.selection import Perhaps, weigh
from detente.turning_points.noise import Array, Grid, Mixture


@dataclass(frozen=True, slots=True)
class Carried:
    """The values before, carried on under every kind of noise.

    Attributes:
        each: The value of each observation after the event, one a column.
        total: Their sum up to each observation, one a column.
    """

    each: Mixture
    total: Mixture


def carry_on(noise: Grid, perhaps: Perhaps, y: Array, before: int) -> Carried:
    """Forecast the observations after the event from those before it.

    Question: what would the values have been? Assumes that noise, trend, season and the tie to the controls carry on;
    nothing about the shape of the change.

    Args:
        noise: The kinds of noise, over all observations.
        perhaps: Regressors over whose presence is averaged, at all observations.
        y: Values, of which only those before the event are used.
        before: Number of observations before the event.

    References:
        Goldberger (1962), Journal of the American Statistical Association 57, for best linear prediction.
    """
    early = noise.whiteners[:, :before, :before]
    past = Grid(early, np.log(np.diagonal(early, axis1=1, axis2=2)).sum(axis=1))
    x = np.column_stack([np.ones(len(y)), perhaps.columns])
    models = weigh(past, x[:before, :1], perhaps.rows(slice(before)), y[:before])
    parts = [
        _ahead(noise.whiteners[kind], x, y, before, (models, number, int(kind)))
        for number, weight in enumerate(models.weights)
        for kind in np.flatnonzero(weight[:, 0] > 1e-4 / weight.size)
    ]
    weight, freedom, mean, each, total_mean, total = (np.stack(part) for part in zip(*parts, strict=True))
    weight = np.broadcast_to((weight / weight.sum())[:, None], mean.shape)
    return Carried(
        Mixture(weight, mean, each, freedom[:, None].astype(float)),
        Mixture(weight, total_mean, total, freedom[:, None].astype(float)),
    )


def _ahead(
    whitener: Array, x: Array, y: Array, before: int, which: tuple[Blend, int, int]
) -> tuple[float, int, Array, Array, Array, Array]:
    """Weight, freedom, and mean and spread of values and sums, under one choice of regressors and kind of noise."""
    from scipy.linalg import solve_triangular

    models, number, kind = which
    fit, mine = models.fits[number], list(models.columns[number])
    late = np.eye(len(y) - before)
    own = solve_triangular(whitener[before:, before:], late, lower=True)
    tied = own @ whitener[before:, :before]
    lean = x[before:, mine] + tied @ x[:before, mine]
    beta = fit.coefficients[kind, :, 0]
    mean = lean @ beta - tied @ y[:before]
    loose = solve_triangular(fit.root[kind], lean.T, trans="T").T
    size = np.sqrt(fit.rss[kind, 0] / fit.freedom)
    each = size * np.sqrt((own**2).sum(axis=1) + (loose**2).sum(axis=1))
    total = size * np.sqrt((own.cumsum(axis=0) ** 2).sum(axis=1) + (loose.cumsum(axis=0) ** 2).sum(axis=1))
    return float(models.weights[number][kind, 0]), fit.freedom, mean, each, mean.cumsum(), total
