"""Dates and values to places on paper: scales, ticks, and where labels fit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

GLYPH = 6.3
"""Mean width of a letter in the 11.5-pixel labels; labels are placed by it, so it errs on the wide side."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawing's inner area and its two scales.

    Attributes:
        first: Day at the left edge; `last` at the right.
        low: Value at the lower edge; `high` at the upper.
    """

    width: int
    height: int
    first: date
    last: date
    low: float
    high: float
    left: int = 56
    right: int = 10
    top: int = 30
    bottom: int = 24

    @property
    def foot(self) -> int:
        """The height at which the horizontal axis stands."""
        return self.height - self.bottom

    @property
    def edge(self) -> int:
        """The right end of the inner area."""
        return self.width - self.right

    def x(self, when: date) -> float:
        """Where a day stands."""
        return self.at(when.toordinal())

    def at(self, ordinal: float) -> float:
        """Where a day given by its ordinal stands; days outside are drawn at the edge."""
        share = (ordinal - self.first.toordinal()) / max(1, self.last.toordinal() - self.first.toordinal())
        return round(self.left + min(1.0, max(0.0, share)) * (self.edge - self.left), 1)

    def y(self, value: float) -> float:
        """Where a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.foot - share * (self.foot - self.top), 1)

    def shows(self, when: date) -> bool:
        """Whether a day lies within the drawing."""
        return self.first <= when <= self.last


def extent(values: Iterable[float], *, from_zero: bool) -> tuple[float, float]:
    """The lower and upper end of an axis that holds these values."""
    known = [value for value in values if math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero and low >= 0:
        return 0.0, high * 1.04 or 1.0
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return low - room, high + room
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def ticks(low: float, high: float, *, most: int = 5) -> list[float]:
    """Round numbers from *low* to *high*, *most* of them or fewer."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def year_ticks(first: date, last: date, *, most: int) -> list[date]:
    """The first days of years, a round number of years apart."""
    years = last.year - first.year + 1
    step = next((size for size in (1, 2, 5, 10, 20, 25) if years / size <= most), 50)
    starts = [date(year, 1, 1) for year in range(first.year, last.year + 1) if year % step == 0]
    return [start for start in starts if first <= start <= last]


LABEL_ROW = 13


def rows_needed(places: Sequence[tuple[float, str]], *, room: float) -> int:
    """How many rows of labels `staggered` takes."""
    return max((row for _, row, _ in staggered(places, room=room)), default=-1) + 1


def staggered(places: Sequence[tuple[float, str]], *, room: float) -> list[tuple[float, int, str]]:
    """Where labels stand that must not touch: the left end of each and the row it takes, in the order given."""
    ends: list[float] = []
    found: dict[int, tuple[float, int, str]] = {}
    for number, (x, text) in sorted(enumerate(places), key=lambda item: item[1][0]):
        wide = len(text) * GLYPH
        start = min(max(2.0, x - wide / 2), room - wide)
        row = next((row for row, end in enumerate(ends) if end + 4 <= start), len(ends))
        ends[row : row + 1] = [start + wide]
        found[number] = (round(start, 1), row, text)
    return [found[number] for number in range(len(places))]
