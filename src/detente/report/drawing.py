"""Plain numbers to drawings: SVG without colours of its own, so that the page decides them by light or dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape

from detente.report import words
from detente.report.axes import LABEL_ROW, Paper, extent, rows_needed, staggered, ticks, year_ticks

WIDE, NARROW = 720, 340
"""Widths of the two versions of a drawing: letters keep their size on a desk and on a phone."""


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a series; `value` None where it is unknown."""

    start: date
    end: date
    value: float | None
    status: str = "final"


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that is drawn through a picture: the claimed one, or a rival by its number."""

    when: date
    label: str
    name: str
    kind: str = "rival"


@dataclass(frozen=True, slots=True)
class Found:
    """A break that a method found: the first day of the new level, with its interval.

    Attributes:
        last_of_old: The last period of the old level, in words; `label` the same with its interval.
        sure: Whether the break can be told from autocorrelated, drifting noise.
    """

    when: date
    low: date | None = None
    high: date | None = None
    last_of_old: str = ""
    label: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Level:
    """A mean over a span of time, with its band where it has one."""

    start: date
    end: date
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """What a drawing of one series shows."""

    label: str
    points: tuple[Point, ...]
    unit: str = ""
    frequency: str = "year"
    moments: tuple[Moment, ...] = ()
    found: tuple[Found, ...] = ()
    levels: tuple[Level, ...] = ()
    expected: tuple[tuple[date, float, float, float], ...] = ()
    """Day, low, middle, high of what a model expects without the event."""
    from_zero: bool = False
    bars: bool = False
    first: date | None = None
    last: date | None = None
    height: int = 230
    beside: int = 0
    """Room kept free at the right, so that time stands where it does in a drawing that needs the room."""
    data: str = ""
    """Key of the series among the page's data, so that a pointer can ask for the value under it."""
    band: tuple[tuple[date, float, float], ...] = field(default=(), repr=False)


def both(picture: Picture) -> str:
    """The drawing in the width for a desk and in the one for a phone; the page shows one of them."""
    return wide(picture) + slim(picture)


def slim(picture: Picture) -> str:
    """The drawing in the width for a phone, where drawings stand side by side."""
    return series(picture, NARROW)


def wide(picture: Picture) -> str:
    """The drawing in the width for a desk."""
    return series(picture, WIDE)


def series(picture: Picture, width: int) -> str:
    """A series over time: its line, the dates claimed, the breaks found, the levels before and after."""
    on = paper(picture, width)
    parts = [
        *_grid(on, picture.unit),
        *_band(on, picture.band),
        *_levels(on, picture.levels),
        *_expected(on, picture.expected),
        *(_bars if picture.bars else _line)(on, picture),
        *dates_through(on, picture.moments),
        *_breaks(on, picture.found),
    ]
    return svg(parts, on, picture.label, data=picture.data)


def svg(parts: Iterable[str], paper: Paper, label: str, *, data: str = "") -> str:
    """An SVG element that a screen reader names and a pointer can ask."""
    scale = f"{paper.left},{paper.edge},{paper.first.isoformat()},{paper.last.isoformat()},{paper.top},{paper.foot}"
    asked = f' data-m="{escape(data)}" data-s="{scale},{paper.low:.6g},{paper.high:.6g}"' if data else ""
    return framed(parts, paper.width, paper.height, label, asked)


def framed(parts: Iterable[str], width: int, height: int, label: str, more: str = "") -> str:
    """An SVG element that a screen reader names, in the class of its width; *more* are further attributes."""
    size = "wide" if width > NARROW else "slim"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pic {size}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(label)}"{more}>{"".join(parts)}</svg>'
    )


def text(x: float, y: float, words_: str, kind: str = "ax", anchor: str = "start") -> str:
    """A label."""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{side}>{escape(words_)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<path class="{kind}" d="M{x1:g} {y1:g}L{x2:g} {y2:g}"/>'


def paper(picture: Picture, width: int) -> Paper:
    """The inner area of a drawing of a series, and its scales."""
    known = [point.value for point in picture.points if point.value is not None]
    shown = [*known, *(edge for _, low, high in picture.band for edge in (low, high))]
    shown += [end for level in picture.levels for end in (level.low, level.value, level.high) if end is not None]
    shown += [middle for _, _, middle, _ in picture.expected]
    low, high = extent(shown, from_zero=picture.from_zero)
    first = picture.first or min(point.start for point in picture.points)
    last = picture.last or max(point.end for point in picture.points)
    left = 14 + round(6.4 * max(len(words.number(tick, picture.unit, short=True)) for tick in ticks(low, high)))
    top = head_room(width, picture.moments, first, last)
    return Paper(width, picture.height, first, last, low, high, left=left, right=10 + picture.beside, top=top)


def _grid(paper: Paper, unit: str) -> Iterable[str]:
    for tick in ticks(paper.low, paper.high):
        y = paper.y(tick)
        yield line(paper.left, y, paper.edge, y, "zero" if tick == 0 else "grid")
        yield text(paper.left - 6, y + 4, words.number(tick, unit, short=True), anchor="end")
    yield from time_axis(paper)


def time_axis(paper: Paper) -> Iterable[str]:
    """Years under the drawing."""
    for start in year_ticks(paper.first, paper.last, most=(paper.edge - paper.left) // 52):
        x = paper.x(start)
        yield line(x, paper.foot, x, paper.foot + 4, "tick")
        yield text(min(max(x, 16), paper.edge - 12), paper.foot + 17, str(start.year), anchor="middle")


def _band(paper: Paper, band: Sequence[tuple[date, float, float]]) -> Iterable[str]:
    if band:
        upper = [f"{paper.x(when):g} {paper.y(high):g}" for when, _, high in band]
        lower = [f"{paper.x(when):g} {paper.y(low):g}" for when, low, _ in reversed(band)]
        yield f'<path class="band" d="M{"L".join([*upper, *lower])}Z"/>'


def _levels(paper: Paper, levels: Sequence[Level]) -> Iterable[str]:
    for level in levels:
        left, right, y = paper.x(level.start), paper.x(level.end), paper.y(level.value)
        if level.low is not None and level.high is not None:
            top, foot = paper.y(level.high), paper.y(level.low)
            yield f'<rect class="band" x="{left:g}" y="{top:g}" width="{right - left:g}" height="{foot - top:g}"/>'
        yield line(left, y, right, y, "mean")


def _expected(paper: Paper, expected: Sequence[tuple[date, float, float, float]]) -> Iterable[str]:
    """What was to be expected without the event, for the time after it; its band may leave the drawing."""
    if not expected:
        return
    yield from _band(paper, [(when, _held(low, paper), _held(high, paper)) for when, low, _, high in expected])
    middle = "L".join(f"{paper.x(when):g} {paper.y(_held(mid, paper)):g}" for when, _, mid, _ in expected)
    yield f'<path class="expected" d="M{middle}"/>'


def _held(value: float, paper: Paper) -> float:
    return min(max(value, paper.low), paper.high)


def dates_through(paper: Paper, moments: Sequence[Moment]) -> Iterable[str]:
    """The dates drawn through a picture: the claimed one named in the top row, rivals numbered below it."""
    shown = [moment for moment in moments if paper.shows(moment.when)]
    claimed = [moment for moment in shown if moment.kind == "claimed"]
    rivals = [moment for moment in shown if moment.kind != "claimed"]
    for first, part in ((0, claimed), (1, rivals)):
        yield from _dates_at(paper, part, first)


def head_room(width: int, moments: Sequence[Moment], first: date, last: date) -> int:
    """How much room the labels of the dates need above a picture."""
    paper = Paper(width, 100, first, last, 0, 1)
    rivals = [(paper.x(one.when), one.label) for one in moments if one.kind != "claimed" and paper.shows(one.when)]
    return 10 + LABEL_ROW * (1 + rows_needed(rivals, room=width - 2)) if moments else 14


def _dates_at(paper: Paper, shown: Sequence[Moment], first: int) -> Iterable[str]:
    placed = staggered([(paper.x(moment.when), moment.label) for moment in shown], room=paper.width - 2)
    for moment, (left, row, label) in zip(shown, placed, strict=True):
        x = paper.x(moment.when)
        level = 12 + LABEL_ROW * (first + row)
        drawn = line(x, level + 3, x, paper.foot, moment.kind) + text(left, level, label, f"at {moment.kind}-t")
        yield f"<g><title>{escape(moment.name)}, {words.day(moment.when)}</title>{drawn}</g>"


def _breaks(paper: Paper, found: Sequence[Found]) -> Iterable[str]:
    for one in found:
        x, y = paper.x(one.when), paper.foot
        if one.low and one.high and one.sure:
            yield line(paper.x(one.low), y - 4, paper.x(one.high), y - 4, "whisker")
        yield f'<path class="brk{"" if one.sure else " open"}" d="M{x:g} {y - 10:g}l5.5 10h-11z"/>'


def _line(paper: Paper, picture: Picture) -> Iterable[str]:
    """A line through the middles of the periods, broken where a period is unknown; long periods show their extent."""
    known = [(paper.at(_middle(point)), paper.y(point.value)) if point.value is not None else None
             for point in picture.points]  # fmt: skip
    for run in _runs(known):
        yield f'<path class="line" d="M{"L".join(f"{x:g} {y:g}" for x, y in run)}"/>'
    dense = len(picture.points) > 90
    for point, place in zip(picture.points, known, strict=True):
        if place is None or (dense and point.status not in ("partial", "approximate")):
            continue
        hollow = " open" if point.status in ("partial", "provisional", "approximate", "derived") else ""
        if picture.frequency in ("year", "fiscal_year"):
            yield line(paper.x(point.start), place[1], paper.x(point.end), place[1], f"held{hollow}")
        else:
            yield f'<circle class="dot{hollow}" cx="{place[0]:g}" cy="{place[1]:g}" r="2.6"/>'


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is not None:
            runs[-1].append(place)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _bars(paper: Paper, picture: Picture) -> Iterable[str]:
    base = paper.y(0.0)
    shape = []
    for point in picture.points:
        if point.value and math.isfinite(point.value):
            left, right = paper.x(point.start), paper.x(point.end + timedelta(days=1))
            thick = max(0.7, (right - left) * 0.82)
            shape.append(f"M{left:g} {base:g}V{paper.y(point.value):g}h{thick:.1f}V{base:g}z")
    yield f'<path class="bar" d="{"".join(shape)}"/>'
    for start, end in _unknown(picture.points, paper.first, paper.last):
        left, right = paper.x(start), paper.x(end + timedelta(days=1))
        size = f'width="{right - left:g}" height="{base - paper.top:g}"'
        yield f'<rect class="blank" x="{left:g}" y="{paper.top}" {size}/>'


def _unknown(points: Sequence[Point], first: date, last: date) -> Iterable[tuple[date, date]]:
    """Spans within the axis for which nothing is known: a bar chart must not let them look like zero."""
    reached = first
    for point in points:
        if point.value is not None:
            if point.start > reached:
                yield reached, point.start - timedelta(days=1)
            reached = max(reached, point.end + timedelta(days=1))
    if reached <= last:
        yield reached, last


def _middle(point: Point) -> float:
    return (point.start.toordinal() + point.end.toordinal() + 1) / 2
