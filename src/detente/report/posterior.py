"""The probability of each date to a drawing: bars by period beside the claimed date, its rivals, and no change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from detente.report import readings, words
from detente.report.axes import Paper, ticks
from detente.report.drawing import NARROW, WIDE, Picture, dates_through, line, svg, text, time_axis
from detente.report.drawing import paper as paper_of

if TYPE_CHECKING:
    from detente.report.readings import Fact
    from detente.turning_points import DateComparison

PLOT = 84
"""Height of the bars' own area."""
SLOT = 54
"""Room at the right for the bar of no change; the series' own drawing above leaves the same, so that dates align."""
DENSE = 60
LEAST = 0.1
"""The axis reaches this probability at least, so that dates of which none is likely do not look like peaks."""


def drawn(fact: Fact, series: Picture) -> str:
    """The drawing in both widths, on the time axis of the series' own drawing; empty where dates were not compared."""
    dates = fact.reading.dates
    if dates is None:
        return ""
    return "".join(_drawn(fact, dates, series, width) for width in (WIDE, NARROW))


def said(fact: Fact) -> str:
    """The chances in a sentence; empty where dates were not compared."""
    dates = fact.reading.dates
    if dates is None:
        return ""
    named = [f"{name} {readings.seen(chance)}" for name, chance in _named(fact)]
    top = max(range(len(dates.dates)), key=dates.probabilities.__getitem__)
    start, follows = _spans(fact, dates)[top]
    likeliest = fact.label(start, follows - timedelta(days=1))
    chance = words.chance(dates.probabilities[top])
    return (
        f"Of a change at each date: {'; '.join(named)}; another date {words.chance(dates.p_elsewhere)}; no change "
        f"{words.chance(dates.p_no_break)}. Likeliest single period: {likeliest}, {chance}."
    )


def _named(fact: Fact) -> Iterator[tuple[str, readings.Chance]]:
    if fact.claimed:
        yield "the claimed date", fact.claimed
    yield from ((rival.name, rival) for rival in fact.rivals)


def _drawn(fact: Fact, dates: DateComparison, series: Picture, width: int) -> str:
    model = paper_of(series, width)
    top = max(LEAST, 1.12 * max(*dates.probabilities, dates.p_no_break))
    paper = replace(model, height=model.top + PLOT + model.bottom, low=0.0, high=top)
    spans = _spans(fact, dates)
    parts = [
        *_window(paper, dates, spans),
        *_grid(paper),
        *_bars(paper, dates, spans),
        *_none(paper, dates.p_no_break),
        *dates_through(paper, series.moments),
    ]
    label = f"Chart: when the level of {fact.measure.title}, {fact.who}, changed, if it did. {said(fact)}"
    return svg(parts, paper, label)


def _spans(fact: Fact, dates: DateComparison) -> list[tuple[date, date]]:
    """First day of each period that may open a new level, and of what follows it."""
    ends = {cell.start: cell.end for cell in fact.tracked.cells}
    return [(start, ends.get(start, start) + timedelta(days=1)) for start, _ in dates.dates]


def _window(paper: Paper, dates: DateComparison, spans: list[tuple[date, date]]) -> Iterator[str]:
    """The periods that count for the claimed date."""
    if dates.claimed.probability is None:
        return
    names = [name for _, name in dates.dates]
    first, last = dates.claimed.windowed.split(" to ")
    left = paper.x(spans[names.index(first)][0] if first in names else spans[0][0])
    right = paper.x(spans[names.index(last)][1] if last in names else spans[-1][1])
    size = f'width="{right - left:g}" height="{paper.foot - paper.top:g}"'
    yield f'<rect class="band" x="{left:g}" y="{paper.top:g}" {size}/>'


def _grid(paper: Paper) -> Iterator[str]:
    for tick in ticks(0.0, paper.high, most=3):
        y = paper.y(tick)
        yield line(paper.left, y, paper.edge, y, "grid" if tick else "zero")
        yield text(paper.left - 6, y + 4, f"{100 * tick:.3g}{words.HARD}%", anchor="end")
    yield from time_axis(paper)


def _bars(paper: Paper, dates: DateComparison, spans: list[tuple[date, date]]) -> Iterator[str]:
    """A bar a period; where they are many, one outline, to keep the page small."""
    base = paper.y(0.0)
    bars = [(paper.x(start), paper.x(end), paper.y(chance))
            for (start, end), chance in zip(spans, dates.probabilities, strict=True)]  # fmt: skip
    if len(bars) > DENSE:
        steps = (f"V{y:g}H{list(same)[-1][1]:g}" for y, same in groupby(bars, key=itemgetter(2)))
        shape = f"M{bars[0][0]:g} {base:g}{''.join(steps)}V{base:g}z"
    else:
        shape = "".join(
            f"M{left:g} {base:g}V{y:g}H{left + 0.86 * (right - left):.1f}V{base:g}z" for left, right, y in bars
        )
    yield f'<path class="bar" d="{shape}"/>'


def _none(paper: Paper, chance: float) -> Iterator[str]:
    """The bar of no change, in the room at the right."""
    base, y, middle = paper.y(0.0), paper.y(chance), paper.edge + 32
    yield f'<path class="bar" d="M{middle - 9} {base:g}V{y:g}h18V{base:g}z"/>'
    yield text(middle, y - 4, words.chance(chance), "at", anchor="middle")
    yield text(middle, paper.foot + 17, "no change", anchor="middle")
