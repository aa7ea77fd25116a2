"""Panels with a planted truth: invented numbers in the project's own record tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from detente.actors import registry
from detente.claims import Verdict, lines, load, run
from detente.panel import Panel, PanelSpec, build
from detente.protocol import Protocol, parse
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, Records, Table, calendar_month, calendar_year

PROTOCOL = """\
title: Two states
dyad: [USA, PAK]
turning_point: {name: the turning point, date: 2021-08-15}
rivals:
  - {name: the earlier rival, date: 2016-01-01}
  - {name: the later rival, date: 2022-11-28}
windows:
  pre: {from: 1995-01-01, to: 2021-08-14}
  post: {from: 2021-08-15, to: 2026-12-31}
dimensions:
  trade:
    title: Trade
    measures:
      - {measure: goods_imports, sender: PAK, receiver: USA}
  security:
    title: Security
    measures:
      - {measure: fatalities, sender: WLD, receiver: PAK, closer: none}
"""
SOURCES = {
    "goods_imports": ("imf_dots", "imports_cif"),
    "goods_exports": ("imf_dots", "exports_fob"),
    "fatalities": ("ucdp_country_month", "fatalities"),
}
Key = tuple[str, str, str]


def protocol() -> Protocol:
    return parse(PROTOCOL)


def years(first: int, values: Sequence[float]) -> list[tuple[date, date, float]]:
    return [(*calendar_year(first + number), value) for number, value in enumerate(values)]


def months(first: int, values: Sequence[float]) -> list[tuple[date, date, float]]:
    return [(*calendar_month(first + at // 12, at % 12 + 1), value) for at, value in enumerate(values)]


def records(series: dict[Key, list[tuple[date, date, float]]], visits: Sequence[str] = (), until: str = "") -> Records:
    observations = [
        {
            "observation_id": f"{measure}/{sender}/{receiver}/{start}", "indicator": SOURCES[measure][1],
            "sender": sender, "receiver": receiver, "period_start": pd.Timestamp(start),
            "period_end": pd.Timestamp(end), "value": value, "unit": "x",
            "status": "final", "source_id": SOURCES[measure][0], "version": "1",
        }
        for (measure, sender, receiver), rows in series.items()
        for start, end, value in rows
    ]  # fmt: skip
    events = [
        {
            "event_id": f"visit/{day}", "date": pd.Timestamp(day), "date_end": pd.Timestamp(day), "sender": "USA",
            "receiver": "PAK", "kind": "visit:secretary", "source_id": "us_travels", "version": "1",
        }
        for day in visits
    ]  # fmt: skip
    coverage = [
        {
            "indicator": kind, "sender": "USA", "receiver": "*", "period_start": pd.Timestamp("1995-01-01"),
            "period_end": pd.Timestamp(until), "source_id": "us_travels", "version": "1",
        }
        for kind in ("visit:president", "visit:secretary")
        if until
    ]  # fmt: skip
    sources = sorted({SOURCES[key[0]][0] for key in series} | ({"us_travels"} if until else set()))
    files = [{"file": name, "source_id": name, "version": "1", "title": f"Invented {name}"} for name in sources]
    tables = ((EVENTS, events), (OBSERVATIONS, observations), (COVERAGE, coverage), (FILES, files))
    return Records(*(_frame(table, rows) for table, rows in tables))


def _frame(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(table.columns))
    kinds = {"VARCHAR": "str", "DOUBLE": "float64", "BIGINT": "Int64", "DATE": "datetime64[us]"}
    return frame.astype({name: kinds[kind] for name, kind in table.columns.items()})


def judged(
    claims: str, series: dict[Key, list[tuple[date, date, float]]], visits: Sequence[str] = (), until: str = ""
) -> list[Verdict]:
    """The verdicts on the text of a ledger's claims, from planted series."""
    study = protocol()
    ledger = load(f"claims:\n{claims}", protocol=study)
    return run(ledger, panel(series, PanelSpec(tuple(lines(ledger, study))), visits, until), study)


def panel(
    series: dict[Key, list[tuple[date, date, float]]], spec: PanelSpec, visits: Sequence[str] = (), until: str = ""
) -> Panel:
    return build(records(series, visits, until), spec, registry())


def claim(test: str, quantity: str, direction: str = "", params: str = "", window: str = "") -> str:
    """The YAML of one claim, called A."""
    rows = [
        "  - id: A", "    statement: an invented claim", "    asserted_by: {reference: nobody}", "    dimension: other",
        f"    test: {test}", f"    quantity: {{{quantity}}}", f"    params: {{{params}}}",
        *([f"    direction: {direction}"] if direction else []), *([f"    window: {{{window}}}"] if window else []),
    ]  # fmt: skip
    return "\n".join(rows) + "\n"
