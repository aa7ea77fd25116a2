"""Values in time to an estimate whose interval autocorrelation does not fool.

Two tools. `coefficient` averages a regression over AR(1) and random-walk noise of every strength (the machinery behind
the effect of an intervention). `average` is for the mean of a series that stays about one level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with the ends of its interval."""

    value: float
    low: float
    high: float
    n: int

    @property
    def sign(self) -> int:
        """1 or -1 where the interval leaves zero out, else 0."""
        if self.low > 0:
            return 1
        return -1 if self.high < 0 else 0


def coefficient(
    y: Array, regressors: Sequence[Array], positions: Sequence[int], *, which: int = 0, confidence: float = 0.95
) -> Estimate:
    """Estimate one coefficient of a regression in time.

    Question: how does y move with a regressor? Assumes a linear relation and noise that is AR(1) plus a random walk,
    both of unknown strength, over which the answer is averaged.

    Args:
        regressors: Columns beside the constant.
        which: The column asked about.

    References:
        Cochrane and Orcutt (1949), Journal of the American Statistical Association 44, for AR(1) errors;
        Hoeting, Madigan, Raftery and Volinsky (1999), Statistical Science 14, for averaging over models.
    """
    from detente.turning_points.effects import robust

    x = np.column_stack([np.ones(len(y)), *regressors])
    if len(y) < x.shape[1] + 3 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise SeriesError(
            f"{len(y)} values cannot identify {x.shape[1]} coefficients", hint="widen the window of the claim"
        )
    contrast = np.zeros(x.shape[1])
    contrast[which + 1] = 1.0
    size = float(np.abs(y).max()) or 1.0
    known = robust.average(robust.kinds_of_noise(tuple(positions)), x, (y / size)[:, None]).uncalibrated(contrast)
    tail = (1 - confidence) / 2
    middle, low, high = (float(known.quantile(level)[0]) * size for level in (0.5, tail, 1 - tail))
    return Estimate(middle, low, high, len(y))


def average(y: Array, *, confidence: float = 0.95) -> Estimate:
    """Estimate the mean of a series that stays about one level.

    Question: is the mean above or below zero? Assumes AR(1) deviations from one level; the number of independent values
    is n (1 − r) / (1 + r), with r the first autocorrelation, corrected for its bias in short series and never below 0.

    References:
        Bayley and Hammersley (1946), Supplement to the Journal of the Royal Statistical Society 8(2);
        Kendall (1954), Biometrika 41, for the bias.
    """
    from scipy.stats import t

    n = len(y)
    if n < 3:
        raise SeriesError(f"{n} values are too few for an interval", hint="widen the window of the claim")
    mean, centred = float(y.mean()), y - y.mean()
    power = float((centred**2).sum())
    if power <= (1e-12 * max(abs(mean), 1e-300)) ** 2:
        return Estimate(mean, mean, mean, n)
    raw = float((centred[1:] * centred[:-1]).sum()) / power
    rho = min(max(raw + (1 + 3 * raw) / n, 0.0), 0.95)
    independent = max(n * (1 - rho) / (1 + rho), 2.0)
    reach = float(t.ppf((1 + confidence) / 2, independent - 1)) * np.sqrt(power / (n - 1) / independent)
    return Estimate(mean, mean - float(reach), mean + float(reach), n)


@dataclass(frozen=True, slots=True)
class Spans:
    """Averages of consecutive spans of a series.

    Attributes:
        means: Average of each span.
        spreads: Standard error of each average.
        freedom: Degrees of freedom that autocorrelation leaves.
        rho: First autocorrelation of the deviations.
    """

    means: tuple[float, ...]
    spreads: tuple[float, ...]
    freedom: float
    rho: float
    n: int

    def difference(self, late: int, early: int, confidence: float) -> Estimate:
        """Average of one span less that of another, with its interval."""
        from scipy.stats import t

        gap = self.means[late] - self.means[early]
        reach = float(t.ppf((1 + confidence) / 2, self.freedom)) * float(
            np.hypot(self.spreads[late], self.spreads[early])
        )
        return Estimate(gap, gap - reach, gap + reach, self.n)


def spans(parts: Sequence[Array]) -> Spans:
    """Average consecutive spans of a series, each about a level of its own.

    Question: do the spans differ on average? Assumes AR(1) deviations of one strength and variance about the level of
    each span, and no drift: where the level drifts, differences come too easily, so ask `coefficient` as well.

    References:
        As in `average`.
    """
    deviations = np.concatenate([part - part.mean() for part in parts])
    n, groups = len(deviations), len(parts)
    power = float((deviations**2).sum())
    raw = sum(float(((part - part.mean())[1:] * (part - part.mean())[:-1]).sum()) for part in parts) / max(
        power, 1e-300
    )
    rho = min(max(raw + (groups + 3 * raw) / n, 0.0), 0.95)
    thinned = (1 - rho) / (1 + rho)
    variance = power / max(n - groups, 1)
    return Spans(
        means=tuple(float(part.mean()) for part in parts),
        spreads=tuple(float(np.sqrt(variance / max(len(part) * thinned, 1.0))) for part in parts),
        freedom=max(n * thinned - groups, 1.0),
        rho=rho,
        n=n,
    )
