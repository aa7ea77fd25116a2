"""Lineage to what the page carries: every number's records, each with its source row, file, licence and citation.

Words and files stand once and are pointed at; a number with many records carries the first of them and their count, and
the table `lineage` beside the page carries all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.panel import Line

if TYPE_CHECKING:
    import pandas as pd

    from detente.report.findings import Findings

BUDGET = 1_500_000
"""Bytes of the page that records may take."""

BYTES_A_RECORD = 62
CAPS = (12, 8, 5, 3, 2, 1)
FILE = ("file", "name", "source_id", "version", "title", "licence", "url", "citation")
WORDS = ("what", "sender", "receiver", "period_start", "period_end", "unit", "item", "status", "source_row")


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the panel: `records` is how many stand behind it, `first` the ids of the first of them."""

    start: date
    end: date
    value: float | None
    status: str
    records: int
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tracked:
    """A line of the panel as the page shows it: its key in the page, and its cells within the windows."""

    key: str
    line: Line
    source_id: str
    version: str
    cells: tuple[Cell, ...]


@dataclass(slots=True)
class _Pool:
    """Things that stand once, and the number each goes by."""

    known: dict[Any, int] = field(default_factory=dict)

    def number(self, thing: Any) -> int:
        return self.known.setdefault(thing, len(self.known))


def key_of(line: Line) -> str:
    """What a line is called in links and data of the page."""
    return f"{line.measure}-{line.dyad.sender}-{line.dyad.receiver}"


def cap(findings: Findings) -> int:
    """How many records a number may carry so that the page keeps its budget."""
    lineage = findings.lineage
    if lineage.empty:
        return CAPS[0]
    place = lineage.groupby(list(_cell_columns()), sort=False).cumcount()
    return next((most for most in CAPS if int((place < most).sum()) * BYTES_A_RECORD <= BUDGET), CAPS[-1])


def tracked(findings: Findings, lines: Sequence[Line], most: int) -> tuple[Tracked, ...]:
    """The lines with their cells; the records of each cell as far as *most* goes."""
    behind = _behind(findings.lineage, most)
    return tuple(_tracked(findings, line, behind) for line in lines)


def _cell_columns() -> tuple[str, ...]:
    from detente.report.findings import CELL

    return CELL


def _behind(lineage: pd.DataFrame, most: int) -> Mapping[tuple[Any, ...], tuple[int, tuple[str, ...]]]:
    """Cell → how many records stand behind it, and the ids of the first."""
    import pandas as pd

    if lineage.empty:
        return {}
    measure, sender, receiver, start = (lineage[name] for name in _cell_columns())
    frame = pd.DataFrame(
        {"m": measure, "s": sender, "r": receiver, "d": pd.to_datetime(start).dt.date, "record": lineage["record"]}
    )
    grouped = frame.groupby(["m", "s", "r", "d"], sort=False)["record"]
    return {cell: (len(ids), tuple(ids.iloc[:most])) for cell, ids in grouped}


def _tracked(findings: Findings, line: Line, behind: Mapping[tuple[Any, ...], tuple[int, tuple[str, ...]]]) -> Tracked:
    rows = rows_of(findings, line)
    cells = []
    for row in rows.to_dict("records"):
        start, end = row["period_start"].date(), row["period_end"].date()
        key = (line.measure, line.dyad.sender, line.dyad.receiver, start)
        count, first = behind.get(key, (int(row["records"]), ()))
        value = None if math.isnan(row["value"]) else float(row["value"])
        cells.append(Cell(start, end, value, str(row["status"]), count, first))
    source, version = (str(rows[name].iloc[0]) if len(rows) else "" for name in ("source_id", "version"))
    return Tracked(key_of(line), line, source, version, tuple(cells))


def rows_of(findings: Findings, line: Line) -> pd.DataFrame:
    """The panel's rows of a line within the windows of the study."""
    import pandas as pd

    frame, windows = findings.panel.frame, findings.protocol.windows
    mine = (
        (frame["measure"] == line.measure)
        & (frame["sender"] == line.dyad.sender)
        & (frame["receiver"] == line.dyad.receiver)
        & (frame["period_end"] >= pd.Timestamp(windows.pre.start))
        & (frame["period_start"] <= pd.Timestamp(windows.post.end))
    )
    return frame[mine]


def embedded(
    findings: Findings, lines: Iterable[Tracked], evidence: Mapping[str, tuple[int, Sequence[str]]], most: int
) -> dict[str, Any]:
    """The numbers of the page and the records behind them, as plain values.

    Args:
        evidence: Claim id → how many records stand behind its verdict, and the ids of some.
        most: How many ids of a claim's evidence are taken.
    """
    chosen = _wanted(lines, evidence, most)
    files, strings = _Pool(), _Pool()
    rows = _records(findings.lineage, chosen, files, strings)
    return {
        "words": list(strings.known),
        "files": [list(one) for one in files.known],
        "records": rows,
        "measures": {one.key: _cells(one, chosen) for one in lines},
        "claims": {key: [count, [chosen[record] for record in ids[:most]]] for key, (count, ids) in evidence.items()},
    }


def script_json(data: object) -> str:
    """JSON in which no text can end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _wanted(lines: Iterable[Tracked], evidence: Mapping[str, tuple[int, Sequence[str]]], most: int) -> dict[str, int]:
    pool = _Pool()
    for one in lines:
        for cell in one.cells:
            for record in cell.first:
                pool.number(record)
    for _, ids in evidence.values():
        for record in ids[:most]:
            pool.number(record)
    return pool.known


def _records(lineage: pd.DataFrame, chosen: Mapping[str, int], files: _Pool, strings: _Pool) -> list[Any]:
    """One row a record: its words by number, its value, its file by number; null for a record without lineage."""
    import pandas as pd

    rows: list[Any] = [None] * len(chosen)
    held = lineage[lineage["record"].isin(list(chosen))].drop_duplicates("record")
    for row in held.to_dict("records"):
        words = [strings.number(_text(row[name])) for name in WORDS]
        value = row["value"]
        number = None if pd.isna(value) else float(f"{value:.12g}")
        rows[chosen[row["record"]]] = [*words, number, files.number(tuple(_text(row[name]) for name in FILE))]
    return rows


def _cells(one: Tracked, chosen: Mapping[str, int]) -> dict[str, Any]:
    from detente.panel import measures

    measure = measures()[one.line.measure]
    return {
        "title": measure.title,
        "dyad": str(one.line.dyad),
        "unit": measure.unit,
        "frequency": measure.frequency,
        "source": one.source_id,
        "version": one.version,
        "cells": [
            [
                cell.start.isoformat(),
                cell.end.isoformat(),
                None if cell.value is None else float(f"{cell.value:.12g}"),
                cell.status,
                cell.records,
                [chosen[record] for record in cell.first],
            ]
            for cell in one.cells
        ],
    }


def _text(value: Any) -> str:
    """A value as text; days without their midnight."""
    import pandas as pd

    if pd.isna(value):
        return ""
    return value.date().isoformat() if hasattr(value, "hour") else str(value)
