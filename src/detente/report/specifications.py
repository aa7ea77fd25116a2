"""A specification curve to a drawing: effects in order with their intervals, and which choices each stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.report import words
from detente.report.axes import ticks
from detente.report.drawing import NARROW, WIDE, framed, line, text

if TYPE_CHECKING:
    from detente.turning_points import SpecificationCurve
    from detente.turning_points.belief.curve import Choice

ASKED = ("method", "shape", "window", "scale")
PLOT, ROW, HEAD, GAP = 130, 14, 12, 10
"""Heights: of the effects' area, of a row of the matrix, above the effects, and before each kind of choice."""


@dataclass(frozen=True, slots=True)
class _Area:
    """Where effects stand: the i-th choice in the i-th column."""

    left: int
    edge: int
    low: float
    high: float
    columns: int

    def x(self, column: int) -> float:
        return round(self.left + (column + 0.5) * (self.edge - self.left) / self.columns, 1)

    def y(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(HEAD + PLOT - share * PLOT, 1)


def drawn(curve: SpecificationCurve, unit: str, label: str, *, shown: Choice | None = None) -> str:
    """The drawing in both widths.

    Args:
        curve: All choices.
        unit: The unit of the measure, for choices that are not shares of what was expected.
        label: What a screen reader says of it.
        shown: The choice that the page reports, which is marked.
    """
    return "".join(_drawn(curve, unit, label, width, shown) for width in (WIDE, NARROW))


def is_share(curve: SpecificationCurve) -> bool:
    """Whether the effects are shares of what was expected, not values in the measure's unit."""
    return curve.unit.startswith("share of the level")


def _drawn(curve: SpecificationCurve, unit: str, label: str, width: int, shown: Choice | None) -> str:
    low, high = _reach(curve.choices)
    area = _Area(128, width - 8, low, high, len(curve.choices))
    rows = list(_rows(curve.choices))
    height = rows[-1][1] + 8
    parts = [
        *_grid(area, unit, share=is_share(curve)),
        *_effects(area, curve.choices, shown),
        *_matrix(area, curve.choices, rows),
    ]
    return framed(parts, width, height, label)


def _reach(choices: Sequence[Choice]) -> tuple[float, float]:
    """All effects, zero, and of their intervals as much as leaves the effects readable."""
    low, high = min(0.0, *(one.effect for one in choices)), max(0.0, *(one.effect for one in choices))
    room = 0.75 * (high - low) or 1.0
    low = max(low - room, min(low, *(one.low for one in choices)))
    high = min(high + room, max(high, *(one.high for one in choices)))
    return low - 0.03 * (high - low), high + 0.03 * (high - low)


def _grid(area: _Area, unit: str, *, share: bool) -> Iterator[str]:
    for tick in ticks(area.low, area.high, most=5):
        y = area.y(tick)
        said = words.number(100 * tick, "%", signed=True) if share else words.gap(tick, unit, short=True)
        zero = abs(tick) < 1e-9 * (area.high - area.low)
        yield line(area.left, y, area.edge, y, "zero" if zero else "grid")
        yield text(area.left - 6, y + 4, "0" if zero else said, anchor="end")


def _effects(area: _Area, choices: Sequence[Choice], shown: Choice | None) -> Iterator[str]:
    """Intervals that leave out zero in full strength, others pale; each kind is one path, to keep the page small."""
    for found, kind in ((False, "pale"), (True, "told")):
        places = [(area.x(at), one) for at, one in enumerate(choices) if one.found is found]
        yield _path(kind, (f"M{x:g} {area.y(one.low):g}V{area.y(one.high):g}" for x, one in places))
        yield _path(f"{kind} spot", (f"M{x:g} {area.y(one.effect):g}h0" for x, one in places))
    if shown is not None:
        x, y = area.x(choices.index(shown)), area.y(shown.effect)
        yield f'<circle class="chosen" cx="{x:g}" cy="{y:g}" r="5"/>'


def _path(kind: str, steps: Iterator[str]) -> str:
    return f'<path class="{kind}" d="{"".join(steps)}"/>'


def _rows(choices: Sequence[Choice]) -> Iterator[tuple[str, int, tuple[str, str]]]:
    """Each value of each kind of choice: label, height, and which it is."""
    y = HEAD + PLOT + GAP
    for name in ASKED:
        for value in dict.fromkeys(sorted(getattr(one, name) for one in choices)):
            y += ROW
            yield value, y, (name, value)
        y += GAP


def _matrix(area: _Area, choices: Sequence[Choice], rows: Sequence[tuple[str, int, tuple[str, str]]]) -> Iterator[str]:
    for label, y, (name, value) in rows:
        yield text(area.left - 8, y, label, anchor="end")
        marked = (f"M{area.x(at):g} {y - 4}h0" for at, one in enumerate(choices) if getattr(one, name) == value)
        yield _path("mark", marked)
