"""Residual sums of squares to the number of breaks: two criteria.

Both are taken to be least at the number of breaks to choose. They assume independent errors: with autocorrelated ones
they choose too many (Bai and Perron 2006), LWZ fewer than BIC.
"""

from __future__ import annotations

import math

C0, DELTA0 = 0.299, 0.1
"""The constants of Liu, Wu and Zidek."""


def bic(rss: float, n: int, regressors: int, breaks: int) -> float:
    """Bayesian information criterion of a partition, each regime with its own coefficients, one variance for all.

    Question: are so many breaks worth their coefficients and dates? Assumes independent Gaussian errors. Of a perfect
    fit it is minus infinity.

    References:
        Yao (1988), Statistics & Probability Letters 6(3); Zeileis, Leisch, Hornik and Kleiber (2002), Journal of
        Statistical Software 7(2), for the count of parameters.
    """
    if rss <= 0:
        return -math.inf
    deviance = n * (math.log(rss) + 1 - math.log(n) + math.log(2 * math.pi))
    return deviance + math.log(n) * (regressors + 1) * (breaks + 1)


def lwz(rss: float, n: int, regressors: int, breaks: int) -> float:
    """The modified Schwarz criterion of a partition: a heavier penalty than that of BIC.

    Question: the same as of `bic`, where errors may have heavier tails than the Gaussian's.

    References:
        Liu, Wu and Zidek (1997), Statistica Sinica 7(2), 497–525.
    """
    parameters = (breaks + 1) * regressors + breaks
    if rss <= 0 or n <= parameters:
        return -math.inf if n > parameters else math.inf
    return math.log(rss / (n - parameters)) + parameters * C0 * math.pow(math.log(n), 2 + DELTA0) / n
