"""Values and regressors to tests of whether the coefficients change at all: F over all dates, fluctuation processes.

Statistics are those of R's strucchange. Every p-value is asymptotic and assumes independent errors; autocorrelation
makes it too small: `breaks` reports the F test but decides by another. Where the limit has no closed form the p-value
comes from seeded draws of the limiting process (20,000 paths of 1,000 steps): its standard error at p = .01 is .0007.
Those of moving sums and estimates come from 60,000 draws of Gaussian errors on the sample's own regressors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError

Array = NDArray[np.floating[Any]]
PATHS, STEPS, SEED = 20_000, 1_000, 19_930_707
TIMES = np.arange(1, STEPS + 1, dtype=np.float32) / np.float32(STEPS)


class Stability(NamedTuple):
    """A test statistic and its p-value under constant coefficients and independent errors."""

    stat: float
    p: float


def f_statistics(y: Array, x: Array, span: tuple[int, int]) -> Array:
    """Chow's F for a break after each observation from the first to the last of *span*, counted from 1.

    Raises:
        SeriesError: The regressors of a part are collinear.

    References:
        Andrews (1993), Econometrica 61(4).
    """
    n, regressors = x.shape
    q = np.linalg.qr(x)[0] * np.sqrt(n)
    rest = y - q @ (q.T @ y) / n
    ends = np.arange(span[0], span[1] + 1) - 1
    products = np.cumsum(q[:, :, None] * q[:, None, :], axis=0)
    scores = np.cumsum(q * rest[:, None], axis=0)
    early = _explained(products[ends], scores[ends])
    late = _explained(products[-1] - products[ends], scores[-1] - scores[ends])
    whole = float(rest @ rest)
    # A perfect step has no residual: the floor keeps F finite.
    split = np.maximum(whole - early - late, 1e-12 * float(y @ y))
    return np.asarray((whole - split) / split * (n - 2 * regressors))


def _explained(products: Array, scores: Array) -> Array:
    """What each part's own coefficients explain of the residuals of the common ones."""
    sizes = np.linalg.eigvalsh(products)
    if (sizes[:, 0] <= 1e-12 * sizes[:, -1]).any():
        raise SeriesError(
            "the regressors of a part of the series are collinear",
            hint="raise `trim`, or use fewer lags or regressors",
        )
    return np.asarray((scores * np.linalg.solve(products, scores[:, :, None])[:, :, 0]).sum(axis=1))


def trimmed(n: int, trim: float) -> tuple[int, int]:
    """First and last observation after which a break is tried when a share *trim* is left on either side."""
    first = int(np.floor(trim * n + 1e-9))
    return first, n - first


def _log_mean_exp(values: Array) -> Array:
    highest = values.max(axis=-1, keepdims=True)
    return np.asarray(highest[..., 0] + np.log(np.exp(values - highest).mean(axis=-1)))


Functional = Literal["sup", "ave", "exp"]
FUNCTIONALS: dict[Functional, Callable[[Array], Array]] = {
    "sup": lambda f: np.asarray(f.max(axis=-1)),
    "ave": lambda f: np.asarray(f.mean(axis=-1)),
    "exp": lambda f: np.asarray(_log_mean_exp(f / 2)),
}


def f_test(
    y: Array,
    x: Array,
    *,
    functional: Functional = "sup",
    trim: float = 0.15,
    span: tuple[int, int] | None = None,
    trending: bool = False,
) -> Stability:
    """Test constant coefficients by the largest (sup), mean (ave) or exponential mean (exp) F over all dates.

    Question: do the coefficients change once, at an unknown date? Assumes independent errors, and regressors whose
    spread is the same throughout; say *trending* where two of them are a constant and a straight line, for then the
    limit is another and the usual p-value is too small.

    References:
        Andrews (1993), Econometrica 61(4); Andrews and Ploberger (1994), Econometrica 62(6); Hansen (1997), Journal of
        Business & Economic Statistics 15(1), for p-values, here drawn instead of read from his tables.
        Hansen (2000), Journal of Econometrics 97(1), on trending regressors.
    """
    n, regressors = x.shape
    first, last = span or trimmed(n, trim)
    stat = float(FUNCTIONALS[functional](f_statistics(y, x, (first, last))))
    # Spans are widened to multiples of a twentieth, which errs towards larger p, so that draws serve many lengths.
    low, high = np.floor(20 * first / n + 1e-9) / 20, np.ceil(20 * last / n - 1e-9) / 20
    draws = f_draws(functional, regressors, float(low), float(high), trending)
    return Stability(stat, share_above(draws, stat))


@lru_cache(maxsize=64)
def f_draws(functional: Functional, regressors: int, low: float, high: float, trending: bool = False) -> Array:
    """Sorted draws of the limit of a functional of F over the dates from a share *low* to a share *high*."""
    inside = slice(max(round(low * STEPS), 1) - 1, min(round(high * STEPS), STEPS - 1))
    times = TIMES[inside]

    def one(bridges: Array) -> Array:
        even = bridges[:, int(trending) :, inside]
        path = np.einsum("pdt,pdt->pt", even, even) / (times * (1 - times))
        if trending:
            path = path + _line_path(bridges[:, 0])[:, inside]
        return np.asarray(FUNCTIONALS[functional](path))

    return _draws(one, regressors - int(trending))


def _line_path(bridges: Array) -> Array:
    """F of a constant and a straight line that change together, along paths of the summed residuals of a constant.

    With s the time less a half, the scores of the line are the integral of s over the path; what a line common to
    both parts explains is taken out of both scores.
    """
    time = TIMES.astype(float)
    centred = time - 0.5
    slope = centred * bridges - np.cumsum(bridges, axis=1, dtype=float) / STEPS
    common = slope[:, -1:] * 12
    level = bridges - common * (time**2 - time) / 2
    slope -= common * (centred**3 + 0.125) / 3
    first, cross, second = _line_weights(time)
    return np.asarray(first * level**2 + 2 * cross * level * slope + second * slope**2)


def _line_weights(time: Array) -> tuple[Array, Array, Array]:
    """What the scores of the early part count in F: the inverse cross products of both parts added up."""
    early = (time, (time**2 - time) / 2, ((time - 0.5) ** 3 + 0.125) / 3)
    late = tuple(product[-1] - product for product in early)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, cross, second = (
            sum(part[at] / (part[0] * part[2] - part[1] ** 2) for part in (early, late)) for at in (2, 1, 0)
        )
    return np.asarray(first), np.asarray(-cross), np.asarray(second)


def _draws(functional: Callable[[Array], Array], dimensions: int) -> Array:
    rng = np.random.default_rng(SEED)
    found: list[Array] = []
    for _ in range(PATHS // 500):
        walks = rng.standard_normal((500, dimensions, STEPS), dtype=np.float32).cumsum(axis=2)
        walks *= np.float32(STEPS**-0.5)
        found.append(functional(walks - TIMES * walks[..., -1:]))
    return np.sort(np.concatenate(found))


def share_above(draws: Array, stat: float) -> float:
    """The share of sorted draws above a statistic, which is counted among them: never zero."""
    above = len(draws) - np.searchsorted(draws, stat)
    return float((above + 1) / (len(draws) + 1))


def ols_cusum(y: Array, x: Array) -> Stability:
    """Test constant coefficients by the largest cumulative sum of least-squares residuals.

    References:
        Ploberger and Krämer (1992), Econometrica 60(2).
    """
    stat = float(np.abs(_residual_process(y, x)).max())
    return Stability(stat, _bridge_p(stat))


def _residual_process(y: Array, x: Array) -> Array:
    """Cumulative sum of the residuals over sigma √n, from zero."""
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    sigma = np.sqrt(residuals @ residuals / (len(y) - x.shape[1]))
    return np.asarray(np.concatenate([[0.0], residuals.cumsum()]) / (sigma * np.sqrt(len(y))))


def _bridge_p(stat: float, dimensions: int = 1) -> float:
    """That the largest of several independent Brownian bridges exceeds a height (Kolmogorov's distribution)."""
    from scipy.stats import kstwobign

    # −expm1 and log1p keep the digits of small probabilities.
    return float(-np.expm1(dimensions * np.log1p(-kstwobign.sf(stat))))


def rec_cusum(y: Array, x: Array) -> Stability:
    """Test constant coefficients by the cumulative sum of recursive residuals against lines that open with time.

    References:
        Brown, Durbin and Evans (1975), Journal of the Royal Statistical Society B 37(2); Zeileis (2000), for p-values.
    """
    from scipy.stats import norm

    surprises = _recursive_residuals(y, x)
    times = np.arange(1, len(surprises) + 1) / len(surprises)
    process = surprises.cumsum() / (surprises.std(ddof=1) * np.sqrt(len(surprises)))
    stat = float((np.abs(process) / (1 + 2 * times)).max())
    crossing = norm.sf(3 * stat) + np.exp(-4 * stat**2) * (norm.cdf(stat) + norm.cdf(5 * stat) - 1)
    p = 2 * (crossing - np.exp(-16 * stat**2) * norm.sf(stat))
    return Stability(stat, float(p) if stat >= 0.3 else 1 - 0.1465 * stat)


def _recursive_residuals(y: Array, x: Array) -> Array:
    start = x.shape[1]
    found = []
    for at in range(start, len(y)):
        q, r = np.linalg.qr(x[:at])
        loading = np.linalg.solve(r.T, x[at])
        found.append((y[at] - loading @ (q.T @ y[:at])) / np.sqrt(1 + loading @ loading))
    return np.array(found)


def ols_mosum(y: Array, x: Array, *, share: float = 0.15) -> Stability:
    """Test constant coefficients by the largest moving sum of least-squares residuals.

    References:
        Chu, Hornik and Kuan (1995), Biometrika 82(3).
    """
    n, width = len(y), int(np.floor(share * len(y)))
    weights = np.full((n - width + 1, 1, 1), n**-0.5)
    return _moving(y, x, Windows(np.ones((n, 1)), weights, width), share)


class Windows(NamedTuple):
    """What is looked at in each window: the sum of *scores* times residuals, weighted by a matrix."""

    scores: Array
    weights: Array
    width: int

    def single(self) -> Windows:
        """The same in single precision: enough for draws."""
        return Windows(self.scores.astype(np.float32), self.weights.astype(np.float32), self.width)

    def largest(self, residuals: Array, freedom: int) -> Array:
        """The largest entry over all windows, in standard deviations, for each column of residuals."""
        sums = np.cumsum(self.scores[:, :, None] * residuals[:, None, :], axis=0)
        sums = np.concatenate([np.zeros_like(sums[:1]), sums])
        moving = np.abs(self.weights @ (sums[self.width :] - sums[: -self.width])).max(axis=(0, 1))
        return np.asarray(moving / np.sqrt((residuals**2).sum(axis=0) / freedom))


def _moving(y: Array, x: Array, windows: Windows, share: float) -> Stability:
    """The largest moving statistic and its p-value: from Gaussian errors on these very regressors.

    The limit would do for long series only: at a hundred values its p may be four times too large.
    """
    n, q = len(y), np.linalg.qr(x)[0]
    freedom = n - x.shape[1]
    stat = float(windows.largest((y - q @ (q.T @ y))[:, None], freedom)[0])
    if n > STEPS:
        return Stability(stat, share_above(_moving_draws(windows.scores.shape[1], share), stat))
    rng, found, windows, q = np.random.default_rng(SEED), [], windows.single(), q.astype(np.float32)
    for _ in range(3 * PATHS // 1000):
        errors = rng.standard_normal((n, 1000), dtype=np.float32)
        found.append(windows.largest(errors - q @ (q.T @ errors), freedom))
    return Stability(stat, share_above(np.sort(np.concatenate(found)), stat))


@lru_cache(maxsize=16)
def _moving_draws(dimensions: int, share: float) -> Array:
    width = round(share * STEPS)

    def largest(bridges: Array) -> Array:
        return np.asarray(np.abs(bridges[..., width:] - bridges[..., :-width]).max(axis=(1, 2)))

    return _draws(largest, dimensions)


def recursive_estimates(y: Array, x: Array) -> Stability:
    """Test constant coefficients by how far the estimates from the first observations lie from the final ones.

    References:
        Ploberger, Krämer and Kontrus (1989), Journal of Econometrics 40(2).
    """
    n, regressors = x.shape
    paths = [k / np.sqrt(n) * _distance(y, x, slice(0, k)) for k in range(regressors, n)]
    stat = float(np.abs(paths).max())
    return Stability(stat, _bridge_p(stat, regressors))


def moving_estimates(y: Array, x: Array, *, share: float = 0.15) -> Stability:
    """Test constant coefficients by how far the estimates in a moving window lie from the final ones.

    References:
        Chu, Hornik and Kuan (1995), Econometric Theory 11(4).
    """
    n, width = len(y), int(np.floor(share * len(y)))
    products = [x[k : k + width].T @ x[k : k + width] for k in range(n - width + 1)]
    weights = np.stack([_root(one / width) @ np.linalg.inv(one) for one in products]) * width / np.sqrt(n)
    return _moving(y, x, Windows(x, weights, width), share)


def _root(product: Array) -> Array:
    values, vectors = np.linalg.eigh(product)
    return np.asarray(vectors @ np.diag(np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


def _distance(y: Array, x: Array, part: slice) -> Array:
    """Estimates of a part less those of the whole, scaled by the part's own regressors so that their noise is white."""
    whole = np.linalg.lstsq(x, y, rcond=None)[0]
    sigma = np.sqrt(((y - x @ whole) ** 2).sum() / (len(y) - x.shape[1]))
    root = _root(x[part].T @ x[part] / len(y[part]))
    return np.asarray(root @ (np.linalg.lstsq(x[part], y[part], rcond=None)[0] - whole) / sigma)
