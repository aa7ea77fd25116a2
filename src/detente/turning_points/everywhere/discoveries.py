"""Evidence for many changes to those that can be named with few false ones among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.turning_points.noise import Array


def by_evidence(log_evidence: Array, share: float) -> Array:
    """Which hypotheses to reject so that the expected share of false ones is at most *share*: e-BH.

    Question: which of many Bayes factors against "no change" are large enough, given how many were looked at? Assumes
    of each only that its expectation is one at most where nothing changed, and nothing of how they hang together:
    states share their shocks.

    Args:
        log_evidence: Natural logarithms of the Bayes factors; NaN where a series could not be judged.
        share: The false discovery rate.

    References:
        Wang and Ramdas (2022), Journal of the Royal Statistical Society B 84(3), 822–852.
    """
    return _step_up(-log_evidence, lambda ranks, many: -np.log(many / (share * ranks)))


def by_p(p: Array, share: float) -> Array:
    """Which hypotheses to reject where each has a p-value: Benjamini–Yekutieli, under any dependence.

    References:
        Benjamini and Yekutieli (2001), Annals of Statistics 29(4), 1165–1188.
    """
    return _step_up(p, lambda ranks, many: share * ranks / (many * (1 / ranks).sum()))


def _step_up(against: Array, limit: Callable[[Array, int], Array]) -> Array:
    """The hypotheses up to the last, in order, that keeps its limit; those that could not be judged never."""
    judged = ~np.isnan(against)
    order = np.argsort(np.where(judged, against, np.inf), kind="stable")
    many = int(judged.sum())
    found = np.zeros(len(against), dtype=bool)
    if many:
        keeps = np.flatnonzero(against[order[:many]] <= limit(np.arange(1.0, many + 1), many))
        found[order[: keeps[-1] + 1 if len(keeps) else 0]] = True
    return found
