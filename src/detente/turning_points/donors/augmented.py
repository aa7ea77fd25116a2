"""Simplex weights to weights that a ridge regression corrects where no average of donors meets the treated unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.turning_points.donors.weights import Floats, simplex

PENALTIES, SMALLEST = 20, 1e-8
"""How many penalties are tried, and the smallest of them as a share of the largest."""


@dataclass(frozen=True, slots=True)
class Augmented:
    """Donor weights that sum to one; some may be negative.

    Attributes:
        weights: One a donor.
        penalty: Of the ridge regression, in squared units of the outcome.
        error: Mean squared error in a period before the event that the weights were not fitted to.
    """

    weights: Floats
    penalty: float
    error: float


def augmented(gaps: Floats) -> Augmented:
    """Give the weights of the ridge-augmented synthetic control.

    Question: what does a linear prediction from all periods before the event add to the simplex weights? Assumes that
    what it learns from the differences between donors holds for the treated unit; outside the donors' range that is
    extrapolation, which the penalty keeps small. The penalty is the largest whose error in periods left out one at a
    time is within one standard error of the smallest.

    Args:
        gaps: Periods before the event × donors: donors minus treated.

    References:
        Ben-Michael, Feller and Rothstein (2021), Journal of the American Statistical Association 116, sections 3 and 5.
    """
    penalties = _penalties(gaps)
    squared = np.array([_left_out(gaps, one, penalties) for one in range(len(gaps))]) ** 2
    error = squared.mean(axis=0)
    best = int(error.argmin())
    allowed = error[best] + squared[:, best].std(ddof=1) / len(gaps) ** 0.5
    chosen = int((error <= allowed).nonzero()[0][0])
    return Augmented(corrected(gaps, penalties[chosen]), float(penalties[chosen]), float(error[chosen]))


def corrected(gaps: Floats, penalty: float) -> Floats:
    """Simplex weights plus the correction of a ridge regression of the given penalty."""
    return np.asarray(_corrected(gaps, np.array([penalty]))[:, 0])


def _penalties(gaps: Floats) -> Floats:
    """From the largest squared singular value of the donors down."""
    largest = float(np.linalg.norm(_centred(gaps), 2)) ** 2 or 1.0
    return np.asarray(largest * np.geomspace(1.0, SMALLEST, PENALTIES))


def _centred(gaps: Floats) -> Floats:
    return np.asarray(gaps - gaps.mean(axis=1, keepdims=True))


def _left_out(gaps: Floats, one: int, penalties: Floats) -> Floats:
    """Gap in a period that the weights were not fitted to, one for each penalty."""
    return np.asarray(gaps[one] @ _corrected(np.delete(gaps, one, axis=0), penalties))


def _corrected(gaps: Floats, penalties: Floats) -> Floats:
    """Donors × penalties."""
    weights = simplex(gaps)
    left, sizes, right = np.linalg.svd(_centred(gaps), full_matrices=False)
    missed = left.T @ (gaps @ weights)
    shrunk = (sizes / (sizes**2 + penalties[:, None])).T
    return np.asarray(weights[:, None] - right.T @ (shrunk * missed[:, None]))
