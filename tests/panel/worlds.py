"""Small record worlds with invented numbers: what the tests of the panel are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, Records, Table, calendar_year

SHA = "0" * 64


def stamp(source_id: str, version: str = "1", file: str = SHA) -> dict[str, str]:
    return {"source_id": source_id, "version": version, "file": file}


def rows_of(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as a complete, typed table; the ids are numbered unless the row brings its own."""
    given = [{table.id_column: f"{table.name[:1]}{number:05d}", **row} for number, row in enumerate(rows)]
    frame = pd.DataFrame(given, columns=list(table.columns))
    typed = {"DATE": "datetime64[us]", "DOUBLE": "float64", "VARCHAR": "str", "BIGINT": "float64"}
    for name, kind in table.columns.items():
        column = pd.to_datetime(frame[name]) if kind == "DATE" else frame[name]
        frame[name] = column.astype(typed[kind])
    return frame


def observation(
    source_id: str,
    indicator: str,
    sender: str,
    receiver: str,
    period: tuple[date, date],
    value: float | None,
    **more: Any,
) -> dict[str, Any]:
    start, end = period
    return {
        "indicator": indicator, "sender": sender, "receiver": receiver, "period_start": start, "period_end": end,
        "value": value, "unit": "units", "status": "final", "source_row": f"{indicator} {sender} {receiver} {start}",
        **stamp(source_id), **more,
    }  # fmt: skip


def event(source_id: str, kind: str, sender: str, receiver: str, day: date, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind, "sender": sender, "receiver": receiver, "date": day, "date_end": day, "status": "final",
        "source_row": f"{kind} {sender} {receiver} {day}", **stamp(source_id), **more,
    }  # fmt: skip


def span(source_id: str, indicator: str, first: date, last: date, sender: str = "*", receiver: str = "*",
         **more: Any) -> dict[str, Any]:  # fmt: skip
    return {
        "indicator": indicator, "sender": sender, "receiver": receiver, "period_start": first, "period_end": last,
        **stamp(source_id), **more,
    }  # fmt: skip


def file_of(source_id: str, version: str = "1", file: str = SHA) -> dict[str, Any]:
    return {
        **stamp(source_id, version, file), "name": f"{source_id}.csv", "bytes": 1, "rows": 1, "records": 1,
        "skipped": "{}", "title": f"Invented {source_id}", "publisher": "nobody", "licence": "CC0", "url": "https://example.org",
        "citation": "invented", "covers_from": date(1900, 1, 1), "covers_to": date(2030, 12, 31),
    }  # fmt: skip


def tables(
    observations: Iterable[Mapping[str, Any]] = (),
    events: Iterable[Mapping[str, Any]] = (),
    coverage: Iterable[Mapping[str, Any]] = (),
) -> dict[str, pd.DataFrame]:
    """The four tables; one file for each source and version that has rows."""
    many = [list(observations), list(events), list(coverage)]
    held = sorted({(row["source_id"], row["version"], row["file"]) for rows in many for row in rows})
    files = [file_of(*key) for key in held]
    made = zip((OBSERVATIONS, EVENTS, COVERAGE, FILES), (*many, files), strict=True)
    return {table.name: rows_of(table, rows) for table, rows in made}


def world(
    observations: Iterable[Mapping[str, Any]] = (),
    events: Iterable[Mapping[str, Any]] = (),
    coverage: Iterable[Mapping[str, Any]] = (),
) -> Records:
    """Records held by pandas."""
    return Records(**tables(observations, events, coverage))


def yearly(indicator: str, values: Mapping[int, float | None], sender: str = "USA", receiver: str = "PAK",
           source_id: str = "imf_dots", **more: Any) -> list[dict[str, Any]]:  # fmt: skip
    """One observation for each calendar year."""
    return [
        observation(source_id, indicator, sender, receiver, calendar_year(year), value, **more)
        for year, value in values.items()
    ]
