"""Findings to the end of the page: sources and where they end, what cannot be shown, and how to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.report import words
from detente.report.readings import Fact, kind

if TYPE_CHECKING:
    import pandas as pd

    from detente.report.findings import Findings


@dataclass(frozen=True, slots=True)
class File:
    """A file behind the study."""

    name: str
    sha256: str
    rows: str
    records: str
    skipped: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in one version: who publishes it, under which terms, what of it is used and where that ends."""

    source_id: str
    title: str
    publisher: str
    version: str
    licence: str
    url: str
    citation: str
    covers: str
    used: str
    anchor: bool
    files: tuple[File, ...]


def sources(findings: Findings) -> tuple[SourceRow, ...]:
    """The sources of the study's store, those the panel draws on first."""
    files = findings.files
    if files.empty:
        return ()
    last = _last_used(findings.panel.frame)
    rows: list[SourceRow] = []
    for (source, version), mine in files.groupby(["source_id", "version"], sort=True):
        seen = any(row.source_id == source for row in rows)
        rows.append(_source(str(source), str(version), mine, last, anchor=not seen))
    return tuple(sorted(rows, key=lambda one: not one.used))


def _source(
    source: str, version: str, files: pd.DataFrame, last: dict[tuple[str, str], str], *, anchor: bool
) -> SourceRow:
    one = files.iloc[0]
    starts, ends = files["covers_from"].dropna(), files["covers_to"].dropna()
    covers = f"{words.day(starts.min().date())} – {words.day(ends.max().date())}" if len(starts) and len(ends) else ""
    return SourceRow(
        source_id=source,
        title=str(one["title"]),
        publisher=str(one["publisher"]),
        version=version,
        licence=str(one["licence"]),
        url=web(str(one["url"])),
        citation=str(one["citation"]),
        covers=covers,
        used=last.get((source, version), ""),
        anchor=anchor,
        files=tuple(_file(row) for row in files.to_dict("records")),
    )


def web(address: str) -> str:
    """An address that a page may link to; anything that is not plain http is not linked."""
    return address if address.startswith(("https://", "http://")) else ""


def _file(row: dict[Any, Any]) -> File:
    skipped = json.loads(row["skipped"]) if isinstance(row["skipped"], str) and row["skipped"].startswith("{") else {}
    reasons = "; ".join(f"{reason}: {count:,}" if isinstance(count, int) else f"{reason}: {count}"
                        for reason, count in skipped.items())  # fmt: skip
    return File(str(row["name"]), str(row["file"]), f"{int(row['rows']):,}", f"{int(row['records']):,}", reasons)


def _last_used(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Source and version → the last day of the last complete value that the panel has of it."""
    known = frame[frame["value"].notna() & ~frame["status"].isin(["none", "partial"])]
    ends = known.groupby(["source_id", "version"])["period_end"].max()
    frame = ends.reset_index()
    keys = zip(frame["source_id"].astype(str), frame["version"].astype(str), strict=True)
    return dict(zip(keys, (words.day(end.date()) for end in frame["period_end"]), strict=True))


@dataclass(frozen=True, slots=True)
class Limit:
    """What the study cannot show, in a phrase, and why."""

    head: str
    text: str
    items: tuple[str, ...] = ()


def limits(findings: Findings, facts: Sequence[Fact]) -> Iterator[Limit]:
    """What a hostile reader would hold against the study; the page says it first."""
    protocol = findings.protocol
    at = words.day(protocol.turning_point.date)
    yield Limit(
        "Dates, not causes.",
        f"A break that falls at {at} shows that something changed then, not that {protocol.turning_point.name} did it.",
    )
    yield from _chance(facts)
    yield from _alarms(facts)
    yield from _shocks(findings)
    yield from _late(findings, facts)
    yield from _refused(facts)
    yield from _failed(facts)
    untestable = [one for one in findings.verdicts if one.outcome == "untestable"]
    if untestable:
        count = words.counted(len(untestable), "claim")
        yield Limit(
            "Claims nothing here can test.", f"{count} would need data that the study does not hold; each says which."
        )


def _chance(facts: Sequence[Fact]) -> Iterator[Limit]:
    tested = [fact.reading.effect for fact in facts if fact.reading.effect]
    if len(tested) > 1:
        found = sum(effect.found for effect in tested)
        yield Limit(
            "Many questions at once.",
            f"{len(tested)} steps at the claimed date were estimated with 95 % intervals. If nothing had changed "
            f"anywhere, about {max(1, round(0.05 * len(tested)))} of the intervals would leave out zero all the same; "
            f"{found} do. No interval here is widened for that, and no verdict is stricter for being one of many.",
        )


def _alarms(facts: Sequence[Fact]) -> Iterator[Limit]:
    judged = [(fact, fact.reading.judged.alarms) for fact in facts if fact.reading.judged]
    loud = [(fact, found) for fact, found in judged if found.rate and found.check().passed is False]
    if loud:
        items = tuple(
            f"{fact.measure.title}, {fact.who}: {round(found.rate * found.tried)} of {found.tried} dates"
            for fact, found in loud
            if found.rate
        )
        yield Limit(
            "Series on which the procedure cries wolf.",
            "Moved to dates at which nothing is known to have happened, it claims a step more often than one time in "
            "ten; a small p says little here:",
            items,
        )


def _shocks(findings: Findings) -> Iterator[Limit]:
    shocks = findings.protocol.shocks
    if shocks:
        items = tuple(
            f"{one.name}, {words.span(one.start, one.end)}{f': {one.note}' if one.note else ''}" for one in shocks
        )
        yield Limit(
            "Other things happened.", "What moves in these months need not be the turning point's doing:", items
        )


def _late(findings: Findings, facts: Sequence[Fact]) -> Iterator[Limit]:
    end = findings.protocol.windows.post.end
    short = [fact for fact in facts if fact.known and fact.known[-1].end < end]
    if short:
        items = tuple(
            f"{fact.measure.title}, {fact.who}: {fact.label(fact.known[-1].start, fact.known[-1].end)}"
            for fact in sorted(short, key=lambda one: one.known[-1].end)
        )
        text = f"The window after runs to {words.day(end)}; these measures have their last value earlier:"
        yield Limit("Data that end early.", text, items)


def _refused(facts: Sequence[Fact]) -> Iterator[Limit]:
    items = tuple(f"{fact.measure.title}, {fact.who}: {fact.refused}" for fact in facts if fact.refused)
    if items:
        yield Limit("Series that do not allow an answer.", "Some or all methods were not applied, and why:", items)


def _failed(facts: Sequence[Fact]) -> Iterator[Limit]:
    several = [fact for fact in facts if fact.reading.dates and _fails(fact, "one change")]
    apart = [fact for fact in facts if fact.reading.dates and _fails(fact, "dates can be told apart")]
    lines = []
    if several:
        lines.append(
            f"{words.counted(len(several), 'series looks', 'series look')} as if the level changed more than once, "
            "while the comparison of dates assumes one change at most."
        )
    if apart:
        lines.append(
            f"In {words.counted(len(apart), 'series', 'series')} the likeliest date lies too close to another to be "
            "told from it."
        )
    undecided = sum(kind(fact.verdict) == "cannot tell" for fact in facts)
    if undecided:
        lines.append(
            f"“Cannot tell” ({undecided}) is an answer about the data, not about the world: the change may be there "
            "and be too small, too recent or too slow to see."
        )
    if lines:
        yield Limit("Assumptions that do not hold everywhere.", " ".join(lines))


def _fails(fact: Fact, name: str) -> bool:
    dates = fact.reading.dates
    return dates is not None and any(check.name == name and check.passed is False for check in dates.checks)


def record(findings: Findings) -> list[tuple[str, str]]:
    """What is needed to make the page again, and to see that it is the same."""
    protocol = findings.protocol
    text = json.dumps(protocol.model_dump(mode="json", by_alias=True), sort_keys=True, ensure_ascii=False)
    windows = protocol.windows
    return [
        ("Panel fingerprint", findings.panel.fingerprint),
        ("Protocol fingerprint", hashlib.sha256(text.encode()).hexdigest()),
        ("Seed", str(protocol.seed)),
        ("Change looked for in", words.span(protocol.around.start, protocol.around.end)),
        ("Window before", words.span(windows.pre.start, windows.pre.end)),
        ("Window after", words.span(windows.post.start, windows.post.end)),
        ("Panel", words.counted(len(findings.panel.frame), "row")),
        ("Measures read", str(len(findings.readings))),
        ("Files", words.counted(len(findings.files), "file")),
        ("Made", words.day(findings.made)),
        ("Versions", ", ".join(f"{name} {version}" for name, version in findings.versions.items())),
    ]
