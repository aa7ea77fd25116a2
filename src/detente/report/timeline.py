"""The breaks of all measures to one drawing: a row each, the claimed date and its rivals drawn through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from detente.report.axes import GLYPH, Paper
from detente.report.drawing import NARROW, WIDE, Found, Moment, dates_through, head_room, line, svg, text, time_axis

ROW = 21


@dataclass(frozen=True, slots=True)
class Track:
    """A row of the drawing: a measure, where its data lie, and the breaks found in it."""

    name: str
    first: date
    last: date
    found: tuple[Found, ...] = ()
    who: str = ""
    robust: tuple[date, date] | None = None
    """Between which days a single change lies if errors may be autocorrelated."""
    heading: bool = False

    @property
    def label(self) -> str:
        """What the row is called."""
        return f"{self.name}, {self.who}" if self.who else self.name


def drawn(tracks: Sequence[Track], moments: Sequence[Moment], label: str, *, first: date, last: date) -> str:
    """The drawing in both widths."""
    return "".join(_drawn(tracks, moments, label, (first, last), width) for width in (WIDE, NARROW))


def _drawn(tracks: Sequence[Track], moments: Sequence[Moment], label: str, span: tuple[date, date], width: int) -> str:
    stacked = width == NARROW
    row = ROW + 13 if stacked else ROW
    heights = [ROW if track.heading else row for track in tracks]
    left = 8 if stacked else min(310, 20 + round(GLYPH * max(len(track.label) for track in tracks)))
    head = head_room(width - left, moments, *span) + 6
    paper = Paper(width, head + sum(heights) + 26, *span, 0, 1, left=left, right=12, top=head)
    parts = [*time_axis(paper), *dates_through(paper, moments)]
    top = head
    for track, height in zip(tracks, heights, strict=True):
        parts += _row(paper, track, top, stacked=stacked)
        top += height
    return svg(parts, paper, label)


def _row(paper: Paper, track: Track, top: int, *, stacked: bool) -> Iterable[str]:
    if track.heading:
        yield text(8, top + 15, track.name, "head")
        return
    middle = top + (24 if stacked else 11)
    yield text(8, top + (13 if stacked else 15), _cut(track, paper, stacked=stacked), "row at")
    begin, end = paper.x(max(track.first, paper.first)), paper.x(min(track.last, paper.last))
    yield line(begin, middle, max(end, begin + 2), middle, "cover")
    if track.robust:
        yield line(paper.x(track.robust[0]), middle, paper.x(track.robust[1]), middle, "robust")
    for one in track.found:
        x = paper.x(one.when)
        if one.low and one.high and one.sure:
            yield line(paper.x(one.low), middle, max(paper.x(one.high), paper.x(one.low) + 1), middle, "whisker")
        yield f'<circle class="brk{"" if one.sure else " open"}" cx="{x:g}" cy="{middle}" r="{4 if one.sure else 3}"/>'


def _cut(track: Track, paper: Paper, *, stacked: bool) -> str:
    """The label as far as there is room; whom it is about is never cut."""
    room = int((paper.width - 16 if stacked else paper.left - 14) / GLYPH)
    if len(track.label) <= room:
        return track.label
    return f"{track.name[: room - len(track.who) - 3].rstrip(' ,')}… {track.who}"
