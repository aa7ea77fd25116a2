"""Units and periods to one treated unit, its donors, and what they are matched on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from detente.turning_points.donors.weights import Floats

Time = int | float | date
"""A period, as panels name it; a text of either is understood too."""


@dataclass(frozen=True, slots=True)
class Covariate:
    """The mean of a column over periods before the event: from `first` to `last`, None for all there are."""

    name: str
    first: Time | None = None
    last: Time | None = None

    @property
    def label(self) -> str:
        """The column and its periods, in words."""
        if self.first is None and self.last is None:
            return self.name
        ends = [str(end) for end in (self.first, self.last) if end is not None]
        return f"{self.name} {'–'.join(dict.fromkeys(ends))}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what."""

    unit: str
    time: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Donors:
    """A balanced panel around an event.

    Attributes:
        names: Donors, in alphabetical order, then the treated unit.
        times: Periods, in order; the first `before` of them are before the event.
        outcome: Periods × units.
        predictors: Predictors × units, each with standard deviation one; no rows where none were asked for.
        labels: Names of the predictors.
        many: How many units the treated column is the mean of.
    """

    names: tuple[str, ...]
    times: tuple[Any, ...]
    before: int
    outcome: Floats
    predictors: Floats
    labels: tuple[str, ...]
    many: int = 1

    @property
    def treated(self) -> int:
        """Number of the treated unit, which is the last."""
        return len(self.names) - 1

    @property
    def fingerprint(self) -> str:
        """Hash of the values."""
        said = repr((self.names, self.times, self.before)).encode()
        return hashlib.sha256(said + self.outcome.tobytes() + self.predictors.tobytes()).hexdigest()[:16]

    def gaps(self, unit: int, pool: Sequence[int]) -> Floats:
        """Outcome of the units in *pool* minus that of *unit*."""
        return self.outcome[:, list(pool)] - self.outcome[:, [unit]]

    def distances(self, unit: int, pool: Sequence[int]) -> Floats:
        """Predictors of the units in *pool* minus those of *unit*."""
        return self.predictors[:, list(pool)] - self.predictors[:, [unit]]

    def without(self, donor: int) -> Donors:
        """The panel without one donor."""
        kept = [one for one in range(len(self.names)) if one != donor]
        names = tuple(self.names[one] for one in kept)
        return replace(self, names=names, outcome=self.outcome[:, kept], predictors=self.predictors[:, kept])

    def moved(self, before: int, last: int | None = None) -> Donors:
        """The event as if it came after *before* periods, in a panel that ends after *last*; predictors are dropped."""
        times, outcome = self.times[:last], self.outcome[:last]
        return replace(self, before=before, times=times, outcome=outcome, predictors=self.predictors[:0], labels=())


@dataclass(frozen=True, slots=True)
class Cohorts:
    """A balanced panel in which several units had an event.

    Attributes:
        names: Units that never had it, in alphabetical order, then those that had.
        times: Periods, in order.
        outcome: Periods × units.
        starts: Treated unit → number of periods before its event.
    """

    names: tuple[str, ...]
    times: tuple[Any, ...]
    outcome: Floats
    starts: Mapping[str, int]

    @property
    def never(self) -> int:
        """How many units never had the event."""
        return len(self.names) - len(self.starts)

    @property
    def fingerprint(self) -> str:
        """Hash of the values."""
        said = repr((self.names, self.times, sorted(self.starts.items()))).encode()
        return hashlib.sha256(said + self.outcome.tobytes()).hexdigest()[:16]
