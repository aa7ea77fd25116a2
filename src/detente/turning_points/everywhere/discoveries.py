"""Evidence for many changes to those that can be named with few false ones among them."""

from __future__ import annotations

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
    judged = ~np.isnan(log_evidence)
    order = np.argsort(-np.where(judged, log_evidence, -np.inf), kind="stable")
    many = int(judged.sum())
    ranks = np.arange(1, many + 1)
    enough = log_evidence[order[:many]] >= np.log(many / (share * ranks)) if many else np.zeros(0, dtype=bool)
    last = int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0
    found = np.zeros(len(log_evidence), dtype=bool)
    found[order[:last]] = True
    return found


def by_p(p: Array, share: float) -> Array:
    """Which hypotheses to reject where each has a p-value: Benjamini–Yekutieli, under any dependence.

    References:
        Benjamini and Yekutieli (2001), Annals of Statistics 29(4), 1165–1188.
    """
    judged = ~np.isnan(p)
    order = np.argsort(np.where(judged, p, np.inf), kind="stable")
    many = int(judged.sum())
    ranks = np.arange(1, many + 1)
    enough = p[order[:many]] <= share * ranks / (many * (1 / ranks).sum()) if many else np.zeros(0, dtype=bool)
    last = int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0
    found = np.zeros(len(p), dtype=bool)
    found[order[:last]] = True
    return found
