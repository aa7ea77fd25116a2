"""Findings to the sections of the page: what each shows, as plain values a template writes down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from detente.records import ANYONE
from detente.report import balance, posterior, readings, timeline, words
from detente.report.belief import Belief, belief
from detente.report.changes import Row, linked, row
from detente.report.drawing import Level, Picture, both, slim
from detente.report.drawing import Point as Drawn
from detente.report.evidence import num
from detente.report.readings import Fact
from detente.report.short import decimal

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.panel.dimensions import DimensionIndex
    from detente.protocol import Protocol
    from detente.report.findings import Findings

PEOPLE = ("refugees", "asylum_seekers", "returned_refugees")
"""Measures of people who fled: the region's section shows them together."""

VIOLENCE = ("deaths", "attacks", "events")


@dataclass(frozen=True, slots=True)
class Panel:
    """A measure's own panel: picture, sentence, table of values."""

    row: Row
    picture: Markup
    dates: Markup
    chances: str
    sentence: Markup
    belief: Belief | None
    refused: str
    found: str
    notes: tuple[str, ...]
    values: tuple[Value, ...]
    source_id: str
    version: str
    definition: str


@dataclass(frozen=True, slots=True)
class Value:
    """One number of a table of values."""

    period: str
    span: str
    text: Markup
    status: str
    records: int


@dataclass(frozen=True, slots=True)
class Group:
    """A dimension with its measures."""

    name: str
    title: str
    question: str
    open: bool
    rows: tuple[Row, ...]
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of the chart of main dimensions."""

    name: str
    title: str
    question: str
    picture: Markup | str
    before: Markup | str
    after: Markup | str
    change: Markup | str
    interval: str
    range: str
    refused: str
    made_of: tuple[str, ...]
    left_out: tuple[str, ...]
    failed: tuple[str, ...]


def groups(findings: Findings, facts: Sequence[Fact]) -> tuple[Group, ...]:
    """The dimensions in the order of the protocol, each with the measures that have data."""
    found = []
    for name, dimension in findings.protocol.dimensions.items():
        mine = [fact for fact in facts if fact.reading.line.dimension == name]
        rows = tuple(row(fact) for fact in mine)
        panels = tuple(_panel(fact, one, findings.protocol) for fact, one in zip(mine, rows, strict=True))
        found.append(Group(name, dimension.title, dimension.question, dimension.chart, rows, panels))
    return tuple(found)


def _panel(fact: Fact, one: Row, protocol: Protocol) -> Panel:
    from markupsafe import Markup

    spell = readings.spelled(protocol)
    shape = readings.picture(fact, protocol, beside=posterior.SLOT if fact.reading.dates else 0)
    return Panel(
        row=one,
        picture=Markup(both(shape)) if fact.known else Markup(""),  # noqa: S704 (drawings escape their words)
        dates=Markup(posterior.drawn(fact, shape)),  # noqa: S704 (drawings escape their words)
        chances=posterior.said(fact),
        sentence=Markup("").join(linked(fact, text, name) if name else text for text, name in readings.pieces(fact)),
        belief=belief(fact, spell),
        refused=fact.refused,
        found=_found(fact),
        notes=tuple(spell(note) for note in readings.doubts(fact)),
        values=tuple(_values(fact)),
        source_id=fact.tracked.source_id,
        version=fact.tracked.version,
        definition=fact.measure.definition,
    )


def _found(fact: Fact) -> str:
    """The breaks found without naming a date, in words."""
    result = fact.reading.breaks
    if result is None:
        return ""
    places = words.listed([one.label for one in readings.found(fact)])
    if result.found and places:
        first, last = result.robust_labels
        ends = f"after {first}" if first == last else f"between the end of {first} and the end of {last}"
        wide = f"; with autocorrelated errors a single change falls {ends}" if first else ""
        return f"Without naming a date, the level changes at least once; least squares places it {places}{wide}."
    also = f"; least squares alone would place it {places}" if places else ""
    return f"Without naming a date, no break can be told from noise{also}."


def _values(fact: Fact) -> Iterator[Value]:
    for number, cell in enumerate(fact.tracked.cells):
        text = num(
            words.exact(cell.value, fact.measure.unit),
            href=f"src-{fact.tracked.source_id}",
            cell=f"{fact.key}:{number}",
        )
        status = "none recorded" if cell.status == "none" else cell.status
        yield Value(fact.label(cell.start, cell.end), words.span(cell.start, cell.end), text, status, cell.records)


def dimensions(findings: Findings) -> tuple[Dimension, ...]:
    """The main dimensions, before and after; one without an index says why."""
    by_name = {one.dimension: one for one in findings.index}
    return tuple(
        _dimension(name, by_name.get(name), findings.protocol)
        for name, dimension in findings.protocol.dimensions.items()
        if dimension.chart
    )


def _dimension(name: str, index: DimensionIndex | None, protocol: Protocol) -> Dimension:
    from markupsafe import Markup

    asked = protocol.dimensions[name]
    blank = dict.fromkeys(("picture", "before", "after", "change", "interval", "range"), "")
    common = {"name": name, "title": asked.title, "question": asked.question}
    if index is None or index.change is None or index.before is None or index.after is None:
        reason = index.refused if index else "no index was computed"
        left_out = _left_out(index, protocol) if index else ()
        return Dimension(**common, **blank, refused=reason, made_of=(), left_out=left_out, failed=())

    def linked(value: float) -> Markup:
        return num(decimal(value), href=f"i-{name}", result=f"index:{name}")

    return Dimension(
        **common,
        picture=Markup("".join(index_picture(index, protocol, slim))),  # noqa: S704 (drawings escape their words)
        before=linked(index.before.value),
        after=linked(index.after.value),
        change=linked(index.change.value),
        interval=f"{decimal(index.change.low)} to {decimal(index.change.high)}",
        range=f"{decimal(index.change_range[0])} to {decimal(index.change_range[1])}" if index.change_range else "",
        refused="",
        made_of=tuple(f"{one.title} ({one.weight:.0%}, {decimal(one.part)})" for one in index.contributions),
        left_out=_left_out(index, protocol),
        failed=tuple(f"{check.name}: {check.detail}" for check in index.checks if check.passed is False),
    )


def _left_out(index: DimensionIndex, protocol: Protocol) -> tuple[str, ...]:
    """Measures that are not in an index, by title and names, and why."""
    from detente.panel import measures
    from detente.panel.dimensions import NO_DIRECTION

    spell, known = readings.spelled(protocol), measures()
    said = {NO_DIRECTION: "the study does not say which way is closer"}
    parted = [(*what.split(" ", 1), said.get(why, why)) for what, why in index.left_out]
    return tuple(f"{known[name].title}, {spell(dyad)}: {why}" for name, dyad, why in parted)


def balanced(findings: Findings) -> str:
    """The main dimensions in one drawing, before and after; empty where the study names none."""
    by_name = {one.dimension: one for one in findings.index}
    main = {name: one.title for name, one in findings.protocol.dimensions.items() if one.chart}
    sides = [_side(title, by_name.get(name)) for name, title in main.items()]
    spoken = "; ".join(f"{side.title}: {side.said}" for side in sides)
    label = f"Chart: the main dimensions before and after, in standard deviations. {spoken}."
    return balance.drawn(sides, label) if sides else ""


def _side(title: str, index: DimensionIndex | None) -> balance.Side:
    if index is None or index.before is None or index.after is None or index.change is None:
        return balance.Side(title, said="no index; why stands below")
    before, after = (balance.End(one.value, one.low, one.high) for one in (index.before, index.after))
    change = index.change
    said = f"change {decimal(change.value)} (95 % interval {decimal(change.low)} to {decimal(change.high)})"
    return balance.Side(title, before, after, said)


def index_picture(index: DimensionIndex, protocol: Protocol, draw: Callable[[Picture], str]) -> Iterator[str]:
    """The drawing of an index: its line and band, the levels before and after, the dates."""
    frame = index.frame
    shown = frame[frame["year"].between(protocol.windows.pre.start.year, protocol.windows.post.end.year)]
    known = shown.dropna(subset=["value"])
    band = tuple((date(int(y), 7, 1), float(low), float(high)) for y, low, high in
                 zip(known["year"], known["low"], known["high"], strict=True))  # fmt: skip
    points = tuple(
        Drawn(date(int(year), 1, 1), date(int(year), 12, 31), None if math.isnan(value) else float(value))
        for year, value in zip(shown["year"], shown["value"], strict=True)
    )
    windows = (protocol.windows.pre, index.before), (protocol.windows.post, index.after)
    levels = tuple(Level(window.start, window.end, level.value) for window, level in windows if level)
    yield draw(
        Picture(
            label=f"Chart: {index.summary()}",
            points=points,
            frequency="index",
            moments=readings.moments(protocol),
            levels=levels,
            band=band,
            first=protocol.windows.pre.start,
            last=protocol.windows.post.end,
            height=210,
        )
    )


def breaks_timeline(findings: Findings, facts: Sequence[Fact]) -> str:
    """All breaks found, a row for each measure; empty where nothing could be asked."""
    protocol = findings.protocol
    tracks = []
    for name, dimension in protocol.dimensions.items():
        mine = [fact for fact in facts if fact.reading.line.dimension == name and fact.reading.breaks and fact.known]
        if mine:
            first, last = protocol.windows.pre.start, protocol.windows.post.end
            tracks.append(timeline.Track(dimension.title, first, last, heading=True))
            tracks += [_track(fact) for fact in mine]
    if not tracks:
        return ""
    label = "Chart: the dates of the breaks found in each measure, beside the claimed and rival dates."
    span = {"first": protocol.windows.pre.start, "last": protocol.windows.post.end}
    return timeline.drawn(tracks, readings.moments(protocol), label, **span)


def _track(fact: Fact) -> timeline.Track:
    dyad = fact.tracked.line.dyad
    who = f"in {dyad.receiver}" if dyad.sender == ANYONE else str(dyad).replace("→", " → ").replace("–", " – ")
    found = readings.found(fact)
    result = fact.reading.breaks
    robust = result.robust_range if result and result.found else None
    return timeline.Track(fact.measure.title, fact.known[0].start, fact.known[-1].end, found, who, robust)


@dataclass(frozen=True, slots=True)
class Region:
    """Who fought whom and who fled: drawings side by side, and the numbers."""

    fighters: tuple[Panel, ...]
    violence: tuple[Panel, ...]
    people: tuple[Panel, ...]


def region(findings: Findings, facts: Sequence[Fact]) -> Region:
    """Militancy by group and by country, and refugees: what surrounds the two states."""
    armed = set(findings.protocol.armed_groups)
    fighters = [fact for fact in facts if fact.tracked.line.dyad.sender in armed]
    theirs = {fact.key for fact in fighters}
    deaths = [fact for fact in facts if fact.measure.unit in VIOLENCE and fact.key not in theirs]
    people = [fact for fact in facts if fact.measure.name in PEOPLE]
    return Region(*(small(parts, findings.protocol) for parts in (fighters, deaths, people)))


def small(facts: Sequence[Fact], protocol: Protocol) -> tuple[Panel, ...]:
    """Panels whose drawings stand side by side: bars, one width."""
    from dataclasses import replace

    from markupsafe import Markup

    made = []
    for fact in facts:
        shape = readings.picture(fact, protocol, bars=fact.measure.frequency != "irregular", height=170)
        shape = replace(shape, found=(), expected=())
        one = _panel(fact, row(fact), protocol)
        made.append(replace(one, picture=Markup(slim(shape))))  # noqa: S704 (drawings escape their words)
    return tuple(made)


def rivals(protocol: Protocol) -> list[Mapping[str, str]]:
    """The rival dates with their numbers, as legends name them."""
    return [
        {"number": str(number), "name": one.name, "day": words.day(one.date), "note": one.note}
        for number, one in enumerate(protocol.rivals, start=1)
    ]
