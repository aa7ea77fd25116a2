"""Rebuild the bundled observations: `python scripts/bundle.py FOLDER [TARGET]`.

FOLDER holds the publishers' files under the paths of `FILES`. Every observation is computed by the project's own
readers; only sources whose licence lets observations travel are kept, and of those only what the bundled study and new
studies of the same region need, so that the whole stays under three megabytes.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from detente.actors import registry
from detente.records import ANYONE, COVERAGE
from detente.sources import Catalogue, Ingested
from detente.store import Store

TARGET = Path(__file__).parents[1] / "src" / "detente" / "studies" / "us_pakistan" / "data"
LARGEST = 3_000_000

FILES: dict[str, tuple[str, ...]] = {
    "usaid_greenbook": ("originals/us_foreignaid_greenbook.xlsx",),
    "foreign_assistance": ("originals/us_foreign_aid_country.csv",),
    "crs_pakistan": ("indicators/aid/us_pakistan_crs_aid_and_csf_FY2002_2018.csv",),
    "imf_dots": ("originals/dots_us.csv",),
    "us_census_trade": ("indicators/trade/us_trade_by_partner_census_2024.csv",),
    "un_ideal_points": ("originals/IdealpointsJuly2025.dta",),
    "un_votes": ("reference/unga/un_votes.parquet",),
    "state_voting": ("indicators/unga/us_state_dept_voting_coincidence_2013_2023.csv",),
    "us_travels": ("originals/history_state_gov/travels/*/*.xml",),
    "us_visits": ("originals/history_state_gov/visits/data/*.xml",),
    "us_visas_nonimmigrant": ("indicators/visas/us_nonimmigrant_visas_nationality_month_2017_2025.csv",),
    "us_visas_immigrant": ("indicators/visas/us_immigrant_visas_country_month_2017_2025.csv",),
    "us_troops": ("indicators/troops/us_troops_country_quarter_1990_2025.csv",),
    "unhcr_population": ("indicators/refugees/unhcr_population.csv.gz",),
    "world_bank": (
        "indicators/macro/wdi_NY.GDP.MKTP.CD_1960_2023.csv",
        "indicators/macro/wdi_NY.GDP.MKTP.KD_1960_2024.csv",
        "indicators/macro/wdi_SP.POP.TOTL_1960_2024.csv",
    ),
    "ucdp_ged": ("events/ucdp/ged_pakistan_1989-2021_hdx.csv",),
    "ucdp_battle_deaths": ("events/ucdp/BattleDeaths_v24_1_dyadic.csv",),
    "ucdp_conflicts": ("events/ucdp/UcdpPrioConflict_v24_1.csv",),
    "ucdp_country_month": (
        "events/ucdp/country_month_fatalities_1989-01_2026-02_pace.csv",
        "events/ucdp/vintages/Conf_*.csv.gz",
    ),
    "published_figures": ("facts/*.csv",),
}

CORE = {"USA", "PAK", "AFG", "CHN", "IND", "RUS", "IRN"}
DONORS = {"BGD", "LKA", "NPL", "EGY", "JOR", "TUR", "IDN", "PHL", "VNM", "KEN", "ETH", "NGA", "COL"}
REGION = {*CORE, *DONORS, ANYONE}
WHOLE = {"us_travels", "us_visits", "published_figures", "crs_pakistan", "us_census_trade"}
"""Sources small enough to keep for every state."""

EVENTS_FROM = pd.Timestamp("1945-01-01")


@dataclass(frozen=True)
class Part:
    """What is kept of a source: its records, and the coverage of just these, so that what is left out stays unknown.

    Attributes:
        indicators: Kept; all where none is named.
        actors: Both sides must be among them (with *either*, one of the two); None: everybody.
        since: The first day a kept period may start.
        latest: Of the newest version only.
    """

    indicators: frozenset[str] = frozenset()
    actors: frozenset[str] | None = None
    either: bool = False
    since: str = "1800-01-01"
    latest: bool = False

    def observations(self, table: pd.DataFrame) -> pd.Series[bool]:
        """Which rows are kept."""
        kept = self._named(table) & (table["period_start"] >= pd.Timestamp(self.since))
        if self.actors is None:
            return kept
        sides = [table[side].isin(self.actors) for side in ("sender", "receiver")]
        return kept & (sides[0] | sides[1] if self.either else sides[0] & sides[1])

    def coverage(self, table: pd.DataFrame) -> pd.DataFrame:
        """The spans that are still covered; a span for all actors becomes one for each of those kept."""
        spans = table[self._named(table)]
        spans = spans.assign(period_start=spans["period_start"].clip(lower=pd.Timestamp(self.since)))
        spans = spans[spans["period_start"] <= spans["period_end"]]
        if self.actors is None:
            return spans
        if self.either:
            return pd.concat([self._spread(spans, ("sender",)), self._spread(spans, ("receiver",))])
        return self._spread(spans, ("sender", "receiver"))

    def _named(self, table: pd.DataFrame) -> pd.Series[bool]:
        named = table["indicator"].isin(self.indicators) if self.indicators else table["indicator"].notna()
        return named & (table["version"] == table["version"].max()) if self.latest else named

    def _spread(self, spans: pd.DataFrame, sides: tuple[str, ...]) -> pd.DataFrame:
        for side in sides:
            general = spans[side] == "*"
            each = [spans[general].assign(**{side: actor}) for actor in sorted(self.actors or ())]
            spans = pd.concat([spans[~general & spans[side].isin(self.actors or ())], *each])
        return spans


MONEY = frozenset({"aid_obligations", "aid_disbursements", "aid_obligations_constant", "aid_disbursements_constant"})
CONSTANT = frozenset(name for name in MONEY if name.endswith("_constant"))

RULES: dict[str, tuple[Part, ...]] = {
    "foreign_assistance": (Part(MONEY, frozenset(REGION)), Part(CONSTANT, since="1995-10-01")),
    "imf_dots": (Part(since="1998-01-01"),),
    "ucdp_battle_deaths": (Part(actors=frozenset(CORE), either=True),),
    "ucdp_conflicts": (Part(actors=frozenset(CORE), either=True),),
    "ucdp_country_month": (
        Part(actors=frozenset(REGION), latest=True),
        Part(actors=frozenset({ANYONE, "PAK", "AFG"}), since="2021-01-01"),
    ),
    "un_ideal_points": (Part(frozenset({"ideal_point_final"}), since="1980-01-01"),),
    "un_votes": (Part(actors=frozenset({*CORE, ANYONE}), since="1990-01-01"),),
    "unhcr_population": (Part(actors=frozenset(REGION), since="1979-01-01"),),
    "us_visas_nonimmigrant": (
        Part(actors=frozenset(CORE)),
        Part(frozenset({"visas_nonimmigrant_total"}), frozenset(REGION)),
    ),
    "usaid_greenbook": (Part(actors=frozenset(CORE)), Part(actors=frozenset(REGION), since="1990-10-01")),
    **{source: (Part(),) for source in WHOLE},
}


def bundled(source_id: str, ingested: Ingested) -> dict[str, pd.DataFrame]:
    """The tables of a source that travel with the project."""
    tables = dict(ingested.tables)
    observations, coverage, events = tables["observations"], tables["coverage"], tables["events"]
    if len(events):
        tables["events"] = events[events["date"] >= EVENTS_FROM].reset_index(drop=True)
        coverage = Part(since=f"{EVENTS_FROM:%Y-%m-%d}").coverage(coverage)
    if len(observations):
        parts = RULES.get(source_id, (Part(actors=frozenset(REGION)),))
        kept = pd.concat([part.observations(observations) for part in parts], axis=1).any(axis=1)
        tables["observations"] = observations[kept].reset_index(drop=True)
        coverage = pd.concat([part.coverage(coverage) for part in parts])
    tables["coverage"] = coverage.drop_duplicates(list(COVERAGE.key)).reset_index(drop=True)
    return tables


def rebuild(origin: Path, target: Path) -> None:
    """Read every source under *origin* and write the store anew at *target*."""
    catalogue, actors = Catalogue.of(), registry()
    shutil.rmtree(target, ignore_errors=True)
    store = Store(target)
    for source_id, patterns in FILES.items():
        if not catalogue.spec(source_id).redistribute:
            raise SystemExit(f"{source_id} may not travel: its licence does not allow it")
        paths = sorted(path for pattern in patterns for path in origin.glob(pattern))
        ingested = catalogue.ingest(source_id, paths, actors)
        added = store.add(bundled(source_id, ingested))
        print(f"{source_id}: {ingested.rows:,} rows, {ingested.records:,} records, {added.new:,} bundled")
    size = sum(path.stat().st_size for path in target.rglob("*.parquet"))
    print(f"{size:,} bytes in {target.name}")
    if size > LARGEST:
        raise SystemExit(f"the bundle is larger than {LARGEST:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    rebuild(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET)
