"""A line of the panel and its results to what the page says of a measure: numbers, words, and the points to draw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from detente.records import ANYONE, Dyad
from detente.report import words
from detente.report.drawing import Found, Moment, Picture, Point
from detente.report.provenance import Cell, Tracked

if TYPE_CHECKING:
    from detente.panel import Measure
    from detente.protocol import Protocol, Window
    from detente.report.findings import Findings, Reading
    from detente.turning_points import Break

EACH = {"month": "monthly", "quarter": "quarterly", "year": "yearly", "fiscal_year": "by fiscal year", "irregular": ""}
PLURAL = {"month": "months", "quarter": "quarters", "year": "years", "fiscal_year": "fiscal years"}


def unit_of(measure: Measure) -> str:
    """Unit and frequency of a measure, as captions write them."""
    return ", ".join(part for part in (words.unit(measure.unit), EACH[measure.frequency]) if part)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the complete periods within a window."""

    value: float
    periods: int
    first: Cell
    last: Cell


@dataclass(frozen=True, slots=True)
class Chance:
    """How probable it is that the level changed at a named date; None where the data cannot show it."""

    name: str
    when: date
    probability: float | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A measure as the page shows it."""

    reading: Reading
    tracked: Tracked
    measure: Measure
    who: str
    at: date
    before: Mean | None
    after: Mean | None
    claimed: Chance | None
    rivals: tuple[Chance, ...]

    @property
    def key(self) -> str:
        """What it is called in links of the page."""
        return self.tracked.key

    @property
    def known(self) -> tuple[Cell, ...]:
        """Its cells that have a value."""
        return tuple(cell for cell in self.tracked.cells if cell.value is not None)

    @property
    def verdict(self) -> str:
        """Where the break falls: the word of the comparison, or `too short`."""
        return self.reading.dates.verdict if self.reading.dates else "too short"

    @property
    def difference(self) -> float | None:
        """Mean of the window after less that of the window before: a description, which dates nothing."""
        return self.after.value - self.before.value if self.before and self.after else None

    @property
    def refused(self) -> str:
        """Why methods gave no answer, without the name of the series, which stands beside it."""
        series = self.reading.series
        return self.reading.refused.replace(series.name, "the series") if series else self.reading.refused

    @property
    def likeliest(self) -> Chance | None:
        """The rival with the highest probability."""
        seen = [rival for rival in self.rivals if rival.probability is not None]
        return max(seen, key=lambda rival: rival.probability or 0.0) if seen else None

    def label(self, start: date, end: date) -> str:
        """What to call a period of it."""
        return words.period(start, end, self.measure.frequency)


def facts(findings: Findings, tracked: Sequence[Tracked]) -> tuple[Fact, ...]:
    """Every reading with what the page needs of it, in the order of the protocol's dimensions."""
    called = names(findings.protocol)
    pairs = zip(findings.readings, tracked, strict=True)
    found = [_fact(reading, line, findings.protocol, called) for reading, line in pairs]
    order = list(findings.protocol.dimensions)
    return tuple(sorted(found, key=lambda fact: _place(order, fact.reading.line.dimension)))


def _place(order: list[str], dimension: str) -> int:
    return order.index(dimension) if dimension in order else len(order)


def names(protocol: Protocol) -> Callable[[Dyad], str]:
    """How a dyad is written: United States → Pakistan; in Pakistan, where anyone acts."""
    from detente.actors import registry

    known, own = registry(), protocol.actors

    def name(actor: str) -> str:
        return own[actor].name if actor in own else known[actor].name if actor in known else actor

    def written(dyad: Dyad) -> str:
        if dyad.sender in (ANYONE, dyad.receiver):
            return f"in {name(dyad.receiver)}"
        if dyad.receiver == ANYONE:
            return name(dyad.sender)
        return f"{name(dyad.sender)} {'→' if dyad.directed else '–'} {name(dyad.receiver)}"

    return written


_CODES = re.compile(r"(?<![\w→–])(?!FY\d)([A-Z][A-Z0-9]*)([→–])([A-Z][A-Z0-9]*)\b")
_MINUS = re.compile(r"(?<![\w.–-])-(?=\d)")
_PERCENT = re.compile(r"(\d)%")
_DAYS = re.compile(r"(?<!version )\b(\d{4}-\d\d-\d\d)\b")


def spelled(protocol: Protocol) -> Callable[[str], str]:
    """What makes a sentence of the methods readable: names for codes, days and minus as the page writes them."""
    called = names(protocol)

    def dyad(found: re.Match[str]) -> str:
        return called(Dyad(found[1], found[3], found[2] == "→"))

    def rewritten(text: str) -> str:
        named = _DAYS.sub(lambda day: words.day(date.fromisoformat(day[1])), _CODES.sub(dyad, text))
        return _PERCENT.sub(f"\\1{words.HARD}%", _MINUS.sub("−", named))

    return rewritten


def _fact(reading: Reading, tracked: Tracked, protocol: Protocol, called: Callable[[Dyad], str]) -> Fact:
    from detente.panel import measures
    from detente.registry import pick

    dates, windows = reading.dates, protocol.windows
    chances = [Chance(c.name, c.day, c.probability) for c in (dates.claimed, *dates.rivals)] if dates else []
    return Fact(
        reading=reading,
        tracked=tracked,
        measure=pick("measure", reading.line.measure, measures()),
        who=called(reading.line.dyad),
        at=protocol.turning_point.date,
        before=_mean(tracked.cells, windows.pre),
        after=_mean(tracked.cells, windows.post),
        claimed=chances[0] if chances else None,
        rivals=tuple(chances[1:]),
    )


def _mean(cells: Sequence[Cell], window: Window) -> Mean | None:
    inside = [
        cell
        for cell in cells
        if cell.value is not None and cell.status != "partial" and window.start <= cell.start and cell.end <= window.end
    ]
    if not inside:
        return None
    return Mean(sum(cell.value or 0.0 for cell in inside) / len(inside), len(inside), inside[0], inside[-1])


def moments(protocol: Protocol) -> tuple[Moment, ...]:
    """The claimed date, and the rivals by their numbers."""
    at = protocol.turning_point
    rivals = (Moment(one.date, str(number), one.name) for number, one in enumerate(protocol.rivals, start=1))
    return (Moment(at.date, "claimed", at.name, "claimed"), *rivals)


def found(fact: Fact) -> tuple[Found, ...]:
    """The breaks of the partition that BIC prefers; `sure` says whether they can be told from noise."""
    result = fact.reading.breaks
    if result is None:
        return ()
    follows = {cell.start: cell.end + timedelta(days=1) for cell in fact.tracked.cells}

    def opened(last_of_old: date | None) -> date | None:
        return follows.get(last_of_old, last_of_old) if last_of_old else None

    return tuple(
        Found(one.date, opened(one.low), opened(one.high), one.label, _placed(one), result.found)
        for one in result.breaks
    )


def _placed(one: Break) -> str:
    return f"after {one.label}" + (f" (interval {one.label_low} to {one.label_high})" if one.low else "")


def picture(fact: Fact, protocol: Protocol, *, bars: bool = False, height: int = 220, beside: int = 0) -> Picture:
    """What the drawing of a measure shows: the series, the dates, the breaks, and what was to be expected."""
    unit = fact.measure.unit
    what = f"{fact.measure.title}, {fact.who}, {unit_of(fact.measure)}"
    points = tuple(Point(cell.start, cell.end, cell.value, cell.status) for cell in fact.tracked.cells)
    return Picture(
        label=f"Chart: {what}. {sentence(fact)}",
        points=points,
        unit=unit,
        frequency=fact.measure.frequency,
        moments=moments(protocol),
        found=found(fact),
        expected=_expected(fact),
        from_zero=not (unit == "share" or "ideal" in unit or "points" in unit),
        bars=bars,
        first=protocol.windows.pre.start,
        last=protocol.windows.post.end,
        height=height,
        beside=beside,
        data=fact.key,
    )


def _expected(fact: Fact) -> tuple[tuple[date, float, float, float], ...]:
    """After the claimed date: the middle of each period, and what the model expects without the event."""
    effect = fact.reading.effect
    if effect is None:
        return ()
    rows = effect.to_frame()
    rows = rows[rows["after"].astype(bool)]
    middles = {cell.start: date.fromordinal((cell.start.toordinal() + cell.end.toordinal()) // 2)
               for cell in fact.tracked.cells}  # fmt: skip
    starts = [start.date() if hasattr(start, "hour") else start for start in rows["period_start"]]
    values = zip(starts, rows["low"], rows["without"], rows["high"], strict=True)
    return tuple((middles.get(start, start), float(low), float(mid), float(high)) for start, low, mid, high in values)


Piece = tuple[str, str]
"""A stretch of a sentence, and the result its numbers come from; empty where it has none."""


def sentence(fact: Fact) -> str:
    """What the methods say of a measure, in words."""
    return "".join(text for text, _ in pieces(fact))


def pieces(fact: Fact) -> list[Piece]:
    """The sentence in stretches, so that its numbers can lead to where they come from."""
    if fact.reading.effect is None and fact.reading.dates is None:
        return [(_unasked(fact), "")]
    return [*_described(fact), *_changed(fact), (" ", ""), *_when(fact)]


def _unasked(fact: Fact) -> str:
    """Why neither a change at the claimed date nor its time can be asked."""
    if not fact.known:
        return "No value lies within the windows."
    first, last = fact.known[0], fact.known[-1]
    if last.end < fact.at:
        end = fact.label(last.start, last.end)
        return f"The data end with {end}, before the claimed date: whether the level changed then cannot be asked."
    if first.start > fact.at:
        start = fact.label(first.start, first.end)
        return f"The data begin with {start}, after the claimed date: whether the level changed then cannot be asked."
    count = words.counted(len(fact.known), "known value")
    return f"With {count} there is too little before or after the claimed date to ask whether the level changed then."


def _described(fact: Fact) -> Iterator[Piece]:
    """The means of the two windows and their difference, as what they are."""
    if fact.before is None or fact.after is None:
        return
    unit = fact.measure.unit
    yield "On average ", ""
    yield words.number(fact.before.value, unit), "before"
    yield " in the window before and ", ""
    yield words.number(fact.after.value, unit), "after"
    gap = words.gap(fact.difference, unit)
    yield f" in the window after: a difference of {gap}, which describes and dates nothing. ", ""


def _changed(fact: Fact) -> Iterator[Piece]:
    """The step at the claimed date beyond the drift of the series, and how sure that is."""
    effect = fact.reading.effect
    if effect is None:
        yield "How large a step there was at the claimed date cannot be estimated: there is too little after it.", ""
        return
    share = words.share(effect.confidence)
    yield "The step at the claimed date itself, beyond the drift or trend of the series, ", ""
    yield "can be told from chance: " if effect.found else "cannot be told from chance: ", ""
    yield words.change(effect.effect, effect.unit), "effect"
    yield f" ({share} interval ", ""
    yield words.ends(effect.low, effect.high, effect.unit), "effect"
    yield ").", ""


def _when(fact: Fact) -> Iterator[Piece]:
    """At which of the dates the break falls, if at any."""
    dates = fact.reading.dates
    if dates is None:
        yield "When it changed cannot be asked: the series is too short.", ""
        return
    yield (
        {
            "claimed": "The break falls at the claimed date",
            "elsewhere": f"The break falls at none of the named dates; likeliest {dates.likeliest}",
            "no break": "The level did not change",
            "cannot tell": "The data cannot tell when the level changed, if it did",
        }.get(dates.verdict, f"The break falls at a rival date: {dates.verdict.removeprefix('rival:')}"),
        "",
    )
    for number, (what, chance) in enumerate(_chances(fact)):
        yield f"{', ' if number else ' (chance of '}{what} ", ""
        yield chance, "dates"
    yield ").", ""


def disagreement(fact: Fact) -> str:
    """Where least squares places the break, if that is outside the window of the date that the comparison names."""
    dates, result = fact.reading.dates, fact.reading.breaks
    if dates is None or result is None or not result.found or fact.measure.frequency == "irregular":
        return ""
    name = fact.verdict.removeprefix("rival:")
    chosen = dates.claimed if name == "claimed" else next((one for one in dates.rivals if one.name == name), None)
    if chosen is None:
        return ""
    first, last = chosen.windowed.split(" to ")
    ends = {cell.start: cell.end for cell in fact.tracked.cells}
    opened = [fact.label(one.date, ends.get(one.date, one.date)) for one in result.breaks]
    if any(first <= label <= last for label in opened):
        return ""
    return words.listed([f"after {one.label}" for one in result.breaks])


def doubts(fact: Fact) -> Iterator[str]:
    """The checks that failed, each with what it bears on."""
    reading = fact.reading
    if places := disagreement(fact):
        yield f"Two methods disagree: least squares places the break {places}, outside the window of the date named."
    for what, result in (("step", reading.effect), ("comparison of dates", reading.dates), ("breaks", reading.breaks)):
        failed = [one for one in result.checks if one.passed is False] if result else []
        yield from (f"{one.name} ({what}): {one.detail}" for one in failed)


def _chances(fact: Fact) -> Iterator[tuple[str, str]]:
    dates = fact.reading.dates
    if fact.claimed:
        yield "the claimed date", seen(fact.claimed)
    if fact.likeliest:
        yield f"the likeliest rival ({fact.likeliest.name})", seen(fact.likeliest)
    if dates:
        yield "another date", words.chance(dates.p_elsewhere)
        yield "no change", words.chance(dates.p_no_break)


def seen(chance: Chance) -> str:
    """A probability, or that the data cannot show it."""
    return "not visible in the data" if chance.probability is None else words.chance(chance.probability)


VERDICTS = {
    "claimed": ("At the claimed date", "●"),
    "rival": ("At a rival date", "◆"),
    "elsewhere": ("At another date", "○"),
    "no break": ("No change", "–"),
    "cannot tell": ("Cannot tell", "?"),
    "too short": ("Too little data", "×"),
}
"""What to call each verdict on a date, and its sign."""


def kind(verdict: str) -> str:
    """The kind of a verdict: `rival:…` is `rival`."""
    return verdict.split(":", 1)[0]
