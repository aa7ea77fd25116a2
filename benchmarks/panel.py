"""Seconds that a panel takes over a store of two million records: `python benchmarks/panel.py [records]`.

The records are invented: events in the news and deaths, spread over 60 states and 36 years, as a source that counts
events gives them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from detente.actors import registry
from detente.panel import Line, PanelSpec, build
from detente.records import COVERAGE, EVENTS, FILES, Dyad, Records, Table
from detente.store import Store, sql

STATES = 60
FIRST, LAST = date(1990, 1, 1), date(2025, 12, 31)
MEASURES = ("news_events", "news_goldstein", "ged_events", "ged_fatalities", "ged_group_fatalities")


def events(count: int, source: str, kind: str, states: list[str]) -> pd.DataFrame:
    """Events of one source."""
    rng = np.random.default_rng(count)
    days = pd.Timestamp(FIRST) + pd.to_timedelta(rng.integers(0, (LAST - FIRST).days, count), unit="D")
    sender, receiver, place = (pd.Categorical.from_codes(rng.integers(0, STATES, count), states) for _ in range(3))
    number = pd.Series(np.arange(count)).astype("str")
    given = {
        "event_id": source[:2] + number, "date": days, "date_end": days, "sender": sender, "receiver": receiver,
        "kind": kind, "intensity": rng.normal(size=count), "location": place, "fatalities": rng.poisson(3, count) * 1.0,
        "status": "final", "source_row": "id " + number, **stamp(source),
    }  # fmt: skip
    return complete(EVENTS, given)


def stamp(source: str) -> dict[str, str]:
    return {"source_id": source, "version": "1", "file": source}


def complete(table: Table, given: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame({name: given.get(name) for name in table.columns})


def fill(store: Store, count: int, states: list[str]) -> None:
    """Write the tables where the store keeps them; `Store.add` would check each row against all others first."""
    connection = sql.connect()
    for source, kind, covered in (("gdelt_events", "cameo:042", "cameo"), ("ucdp_ged", "ged:state-based", "ged")):
        folder = store.folder / source / "1"
        folder.mkdir(parents=True)
        span = {"coverage_id": source, "indicator": covered, "sender": "*", "receiver": "*", **stamp(source)}
        span |= {"period_start": pd.Timestamp(FIRST), "period_end": pd.Timestamp(LAST)}
        tables = (
            (EVENTS, events(count // 2, source, kind, states)),
            (COVERAGE, complete(COVERAGE, {name: [value] for name, value in span.items()})),
            (FILES, complete(FILES, {name: [value] for name, value in stamp(source).items()})),
        )
        for table, frame in tables:
            sql.write(connection, table, frame, folder / f"{table.name}.parquet")


def timed(records: Records, spec: PanelSpec) -> tuple[float, int]:
    started = time.perf_counter()
    panel = build(records, spec, registry())
    return time.perf_counter() - started, len(panel.frame)


def main(count: int) -> None:
    states = sorted(actor.actor_id for actor in registry() if actor.kind == "state" and actor.valid_to is None)[:STATES]
    dyads = [Dyad(sender, receiver) for sender in states[:10] for receiver in states[10:20]]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "data")
        started = time.perf_counter()
        fill(store, count, states)
        print(f"{count:,} records written in {time.perf_counter() - started:.1f} s")
        for name, lines in (("1 dyad", dyads[:1]), ("100 dyads", dyads)):
            spec = PanelSpec(tuple(Line(measure, dyad) for measure in MEASURES for dyad in lines))
            seconds, rows = timed(store.records(), spec)
            print(f"{name}, {len(MEASURES)} measures: {rows:,} rows of a panel in {seconds:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000)
