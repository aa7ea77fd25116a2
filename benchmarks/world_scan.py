"""The world's largest turning points, as a table: `python benchmarks/world_scan.py FOLDER [--all-dyads] [--keep FILE]`.

FOLDER holds the publishers' files under the paths of `FILES`. Aid, trade and visits are those of the United States with
every state; votes those of six states with every state, or with --all-dyads those of every pair.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from detente.actors import registry
from detente.panel import Line, PanelSpec, build
from detente.records import Dyad
from detente.sources import Catalogue
from detente.store import Store
from detente.turning_points import scan

FILES = {
    "usaid_greenbook": ("originals/us_foreignaid_greenbook.xlsx",),
    "imf_dots": ("originals/dots_us.csv",),
    "un_votes": ("reference/unga/un_votes.parquet",),
    "us_travels": ("originals/history_state_gov/travels/*/*.xml",),
    "us_visits": ("originals/history_state_gov/visits/data/*.xml",),
}
TOWARDS = ("us_economic_aid", "us_military_aid", "goods_exports", "goods_imports", "us_visits")
VOTERS = ("USA", "CHN", "RUS", "IND", "FRA", "GBR")


def store_of(origin: Path, folder: Path) -> Store:
    """Read the publishers' files."""
    catalogue, actors, store = Catalogue.of(), registry(), Store(folder)
    for source_id, patterns in FILES.items():
        paths = sorted(path for pattern in patterns for path in origin.glob(pattern))
        store.add(catalogue.ingest(source_id, paths, actors).tables)
    return store


def lines(*, every: bool) -> list[Line]:
    """What is looked at."""
    states = sorted(actor.actor_id for actor in registry() if actor.kind == "state")
    others = [state for state in states if state != "USA"]
    towards = [Line(measure, Dyad("USA", state)) for measure in TOWARDS for state in others]
    visits = [Line("visits_to_us", Dyad(state, "USA")) for state in others]
    pairs = [pair for pair in combinations(states, 2) if every or set(pair) & set(VOTERS)]
    return [*towards, *visits, *(Line("un_agreement", Dyad(*pair, directed=False)) for pair in pairs)]


def long_table(origin: Path, *, every: bool) -> pd.DataFrame:
    """Measure, sender, receiver, period, value: a row a period."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        store = store_of(origin, Path(folder) / "data")
        print(f"files read in {time.perf_counter() - started:.0f} s", flush=True)
        wanted = lines(every=every)
        panel = build(store.records(), PanelSpec(tuple(wanted)), registry())
        print(f"{len(wanted):,} lines, {len(panel.frame):,} rows in {time.perf_counter() - started:.0f} s", flush=True)
        return panel.frame


def told(row: Any) -> str:
    """A line of the table: what, when, from which level to which, how clear."""
    (change,) = [one for one in json.loads(row.breaks) if one["period"] == row.period]
    ends = [change["before"], change["after"]]
    if change["kind"] == "slope":
        levels = "the trend bends"
    else:
        shown = [f"{math.exp(end):,.0f}" if row.scale == "logarithms" else f"{end:.2f}" for end in ends]
        levels = " → ".join(shown)
    return f"| {row.rank} | `{row.unit}` | {row.period} | {levels} | {row.log10_evidence:.1f} |"


def main() -> None:
    """Print the clearest changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("origin", type=Path, help="a folder of the publishers' files, or a table that --keep has kept")
    parser.add_argument("--all-dyads", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--first", type=int, default=20)
    asked = parser.parse_args()
    kept = asked.origin.suffix == ".parquet"
    table = pd.read_parquet(asked.origin) if kept else long_table(asked.origin, every=asked.all_dyads)
    if asked.keep:
        table.to_parquet(asked.keep)
    found = scan(table)
    print(found.summary() + "\n")
    print("; ".join(check.detail for check in found.checks) + "\n")
    print("| # | measure, dyad | new level from | before → after | evidence (powers of ten) |\n|---|---|---|---|---|")
    for row in found.to_frame().head(asked.first).itertuples():
        print(told(row))


if __name__ == "__main__":
    main()
