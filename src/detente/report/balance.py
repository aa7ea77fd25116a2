"""The main dimensions to one drawing: where each stood before, where it stands after, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from detente.report.axes import GLYPH, Paper, ticks
from detente.report.drawing import NARROW, WIDE, line, svg, text

ROW, HEAD, FOOT = 62, 34, 26


@dataclass(frozen=True, slots=True)
class End:
    """A level with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """A dimension before and after; where it has no index, the reason."""

    title: str
    before: End | None = None
    after: End | None = None
    said: str = ""


def drawn(sides: Sequence[Side], label: str) -> str:
    """The drawing in both widths."""
    return "".join(_drawn(sides, label, width) for width in (WIDE, NARROW))


def _drawn(sides: Sequence[Side], label: str, width: int) -> str:
    reach = [0.0, *(edge for side in sides for end in (side.before, side.after) if end for edge in (end.low, end.high))]
    span = max(abs(min(reach)), abs(max(reach)), 1.0) * 1.08
    height = HEAD + ROW * len(sides) + FOOT
    # The value axis lies flat: days stand for values, a thousand to a standard deviation.
    flat = Paper(width, height, _at(-span), _at(span), 0, 1, left=10, right=10, top=HEAD, bottom=FOOT)
    parts = [*_axis(flat, span)]
    for number, side in enumerate(sides):
        parts += _row(flat, side, HEAD + ROW * number)
    return svg(parts, flat, label)


def _at(value: float) -> date:
    return date.fromordinal(365_000 + round(1000 * value))


def _axis(paper: Paper, span: float) -> Iterator[str]:
    yield text(paper.left, 14, "← less close", "ax")
    yield text(paper.edge, 14, "closer →", "ax", anchor="end")
    for tick in ticks(-span, span, most=(paper.edge - paper.left) // 60):
        x = paper.x(_at(tick))
        yield line(x, paper.top - 8, x, paper.foot, "zero" if abs(tick) < 1e-9 else "grid")
        yield text(x, paper.foot + 17, f"{tick:+g}".replace("-", "−") if abs(tick) > 1e-9 else "0", anchor="middle")


def _row(paper: Paper, side: Side, top: int) -> Iterator[str]:
    yield text(paper.left, top + 12, side.title, "head at")
    room = int((paper.width - 20) / GLYPH)
    said = side.said if len(side.said) <= room else f"{side.said[: room - 1].rstrip()}…"
    yield text(paper.left, top + 27, said, "ax at")
    if side.before is None or side.after is None:
        return
    middle = top + 41
    left, right = paper.x(_at(side.before.value)), paper.x(_at(side.after.value))
    for end, kind, at in ((side.before, "was", middle - 3), (side.after, "reach", middle + 3)):
        yield line(paper.x(_at(end.low)), at, paper.x(_at(end.high)), at, kind)
    if abs(right - left) > 14:
        yield line(left, middle, right + (7 if right < left else -7), middle, "line")
    yield f'<circle class="dot open" cx="{left:g}" cy="{middle}" r="5"/>'
    yield f'<circle class="dot" cx="{right:g}" cy="{middle}" r="5"/>'
