"""Placebos to intervals: which effects would leave the treated unit no stranger than a donor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.placebos import SCALED, Apart, Compared, Method
from detente.turning_points.donors.weights import Floats, spread

LEVEL = 0.05
"""Intervals hold the effect in all but this share of panels, if their assumption holds."""
FEWEST = 19
"""With fewer donors no unit can be so unusual that an interval of this level leaves anything out."""
FEWEST_FOR_ERROR = 10
"""With fewer donors the spread of their placebos is no measure of a standard error."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the mean effect lies, by one way of telling.

    Attributes:
        name: `placebos`, `standard error` or `conformal`.
        lower: None where there is no interval; `upper` likewise.
        p: Of no effect, by the same reasoning; None where it has none.
        detail: What it assumes, or why there is none.
    """

    name: str
    lower: float | None
    upper: float | None
    p: float | None
    detail: str

    def excludes(self, value: float) -> bool:
        """Whether there is an interval, and the value is outside."""
        return self.lower is not None and self.upper is not None and not self.lower <= value <= self.upper


def by_placebos(panel: Donors, method: Method, both: list[Apart]) -> tuple[Interval, dict[int, tuple[float, float]]]:
    """Give the interval of the mean effect, and that of each period after the event.

    Question: which effects, taken off the treated unit, leave its gap no larger than those of donors? A donor's gap
    counts in units of its own typical gap before the event where the method must meet the level. In each comparison
    both units have the same pool, without the other, so that neither fits better for want of a donor and the event does
    not reach the placebos. Assumes that the treated unit could as well have been any of the donors.

    Args:
        panel: The panel.
        method: What the units were compared by.
        both: What `apart` gave, of `FEWEST` donors or more.

    References:
        Firpo and Possebom (2018), Journal of Causal Inference 6(2), for the inversion; Barber, Candès, Ramdas and
        Tibshirani (2021), Annals of Statistics 49(1), for comparisons in which both are left out.
    """
    scale = _scale(panel, method, both)
    means = np.array([[one.treated.average(), one.donor.average()] for one in both])
    lower, upper = inverted(means[:, 0], np.abs(means[:, 1]) * scale)
    larger = int((np.abs(means[:, 1]) * scale >= np.abs(means[:, 0]) * (1 - 1e-9)).sum())
    told = f"if the treated unit could as well have been any of {len(both)} donors"
    found = Interval("placebos", lower, upper, (1 + larger) / (1 + len(both)), told)
    periods: dict[int, tuple[float, float]] = {}
    for when in range(panel.before, len(panel.times)):
        gaps = np.array([[one.treated.gaps[when], one.donor.gaps[when]] for one in both])
        periods[when] = inverted(gaps[:, 0], np.abs(gaps[:, 1]) * scale)
    return found, periods


def too_few(donors: int) -> Interval:
    """Say why so few donors give no interval."""
    told = f"{donors} donors tell no more than one in {donors + 1}; 95 % needs {FEWEST}"
    return Interval("placebos", None, None, None, told)


def inverted(centres: Floats, reaches: Floats) -> tuple[float, float]:
    """Ends of the effects that more than `LEVEL` of all units, the treated one included, are as far from.

    Args:
        centres: Effect on the treated unit, in each comparison.
        reaches: Size of the effect found where nothing happened, in the same comparison.
    """
    enough = int(np.floor(LEVEL * (len(centres) + 1) + 1e-9))
    return float(np.sort(centres - reaches)[enough - 1]), float(np.sort(centres + reaches)[-enough])


def _scale(panel: Donors, method: Method, both: Sequence[Apart]) -> Floats:
    """How the typical gap of the treated unit before the event compares with that of each donor.

    A near-zero gap before the event is luck when periods are few, so a share of the donors' usual gap is added that
    falls with the number of periods.
    """
    if method not in SCALED:
        return np.ones(len(both))
    squared = np.array([[one.treated.missed(), one.donor.missed()] for one in both])
    floor = 1e-4 * spread(panel.outcome[: panel.before, : panel.treated]) ** 2
    usual = np.sqrt(squared + np.median(squared[:, 1]) / panel.before + floor)
    return np.asarray(usual[:, 0] / usual[:, 1])


def by_error(effect: float, others: list[Compared], method: Method) -> tuple[float, Interval] | None:
    """Give the standard error, which is the spread of effects found at donors, and its interval; None for few donors.

    The spread is the limit of drawing one donor again and again.

    References:
        Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12), algorithm 4.
    """
    from scipy.special import stdtr, stdtrit

    if method in SCALED or len(others) <= FEWEST_FOR_ERROR:
        return None
    effects = np.array([one.average() for one in others[:-1]])
    error = float(effects.std())
    reach = float(stdtrit(len(effects) - 1, 1 - LEVEL / 2)) * error
    p = float(2 * stdtr(len(effects) - 1, -abs(effect) / error)) if error else None
    told = f"standard error {error:.3g}, the spread of the effects found at donors, if they vary as the treated unit"
    return error, Interval("standard error", effect - reach, effect + reach, p, told)
