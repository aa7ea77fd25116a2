"""A small record world in which every measure has something to say; all numbers are invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zlib import crc32

import pandas as pd

from detente.panel import Line, PanelSpec
from detente.panel.measures import MEASURES
from detente.records import Dyad, calendar_month, calendar_quarter, calendar_year, us_fiscal_year
from tests.panel.worlds import event, observation, span, tables, yearly

FISCAL = (1975, 1976, "1976tq", 1977, 2019, 2020, 2021, 2022)
USA_PAK, PAK_USA, WLD_PAK = Dyad("USA", "PAK"), Dyad("PAK", "USA"), Dyad("WLD", "PAK")

AMOUNTS = {
    "usaid_greenbook": ("aid_economic_constant", "aid_military_constant", "aid_economic", "aid_military"),
    "foreign_assistance": ("aid_obligations_constant", "aid_disbursements_constant", "aid_obligations",
                           "aid_disbursements"),
    "crs_pakistan": ("crs_security", "crs_coalition_support", "crs_fmf"),
}  # fmt: skip
YEARLY = {
    ("state_voting", "PAK", "USA"): ("voting_coincidence_important", "voting_coincidence_all"),
    ("unhcr_population", "AFG", "PAK"): ("refugees", "asylum_seekers", "returned_refugees"),
    ("ucdp_battle_deaths", "PAK", "TTP"): ("battle_deaths",),
    ("world_bank", "PAK", "WLD"): ("gdp_constant", "gdp_current", "population"),
}
DYADS = {
    "us_visits": [USA_PAK, Dyad("USA", "IND")], "visits_to_us": [PAK_USA], "voting_coincidence_important": [PAK_USA],
    "voting_coincidence_all": [PAK_USA], "un_ideal_point": [Dyad("PAK", "WLD")], "refugees": [Dyad("AFG", "PAK")],
    "asylum_seekers": [Dyad("AFG", "PAK")], "returned_refugees": [Dyad("AFG", "PAK")], "fatalities": [WLD_PAK],
    "ged_fatalities": [WLD_PAK], "ged_events": [WLD_PAK], "ged_group_fatalities": [Dyad("TTP", "PAK")],
    "battle_deaths": [Dyad("PAK", "TTP")], "gdp": [Dyad("PAK", "WLD")], "gdp_current": [Dyad("PAK", "WLD")],
    "population": [Dyad("PAK", "WLD")], "goods_balance": [USA_PAK, PAK_USA], "goods_balance_census": [PAK_USA],
    "un_agreement": [USA_PAK, PAK_USA, Dyad("PAK", "CHN")], "un_ideal_distance": [USA_PAK, Dyad("CHN", "PAK")],
}  # fmt: skip
"""Measure → dyads; all others are of the United States towards Pakistan."""


def spec() -> PanelSpec:
    """Every measure there is."""
    return PanelSpec(tuple(Line(name, dyad, "all") for name in MEASURES for dyad in DYADS.get(name, [USA_PAK])))


def invented(*words: object) -> float:
    """A number that only the words decide; thirds and sevenths, so that sums round."""
    return crc32(" ".join(map(str, words)).encode()) % 9973 / 21


def every_measure() -> dict[str, pd.DataFrame]:
    """The four tables, ids numbered."""
    return tables(list(observations()), list(events()), list(coverage()))


def observations() -> Iterator[dict[str, Any]]:
    yield from _amounts()
    for (source, sender, receiver), indicators in YEARLY.items():
        for name in indicators:
            yield from yearly(name, _values(name, range(2018, 2024)), sender, receiver, source)
    for year in range(2018, 2023):
        yield from _goods(year)
        yield from _ideal_points(year)
    yield from _votes()
    yield from _months()
    yield from _figures()


def _values(name: str, years: range) -> dict[int, float | None]:
    return {year: None if year == 2020 else invented(name, year) for year in years}


def _amounts() -> Iterator[dict[str, Any]]:
    for source, indicators in AMOUNTS.items():
        for name in indicators:
            for year in FISCAL:
                for item in ("one", "two"):
                    value = invented(name, year, item)
                    status = "partial" if year == 2022 else "final"
                    period = us_fiscal_year(year)
                    yield observation(source, name, "USA", "PAK", period, value, item=item, status=status)
    for number in (1, 2, 3):
        period = calendar_quarter(2020, number)
        yield observation("us_troops", "troops_active", "USA", "PAK", period, invented("troops", number))


def _goods(year: int) -> Iterator[dict[str, Any]]:
    for source, exports, imports in (("imf_dots", "exports_fob", "imports_cif"),
                                     ("us_census_trade", "goods_exports", "goods_imports")):  # fmt: skip
        yield observation(source, exports, "USA", "PAK", calendar_year(year), invented(exports, year))
        yield observation(source, imports, "PAK", "USA", calendar_year(year), invented(imports, year))
        yield observation(source, imports, "USA", "PAK", calendar_year(year), invented(imports, "back", year))


def _ideal_points(year: int) -> Iterator[dict[str, Any]]:
    for actor in ("USA", "PAK", "CHN"):
        for name in ("ideal_point_final", "ideal_point_all"):
            value = invented(name, actor, year)
            points = {"low": value - 1, "high": value + 1}
            yield observation("un_ideal_points", name, actor, "WLD", calendar_year(year), value, **points)
    yield observation("un_ideal_points", "ideal_point_final", "USA", "PAK", calendar_year(year), invented(year))


def _votes() -> Iterator[dict[str, Any]]:
    for session in (9, 74, 75):
        for call in range(6):
            day = date(session + 1945, 12, 1) + timedelta(days=20 * call)
            for number, actor in enumerate(("USA", "PAK", "CHN")):
                item = f"s{session} r{session * 10 + call} {'unanimous' if call == 5 else 'divided'}"
                vote = 1.0 + (call * (number + 1) + session) % 3
                row = f"{item} {actor}"
                yield observation("un_votes", "un_vote", actor, "WLD", (day, day), vote, item=item, source_row=row)


def _months() -> Iterator[dict[str, Any]]:
    for month in range(1, 13):
        if month == 6:
            continue
        period = calendar_month(2020, month)
        visas = "us_visas_nonimmigrant"
        yield observation(visas, "visas_nonimmigrant_total", "USA", "PAK", period, invented("total", month))
        for item in ("student_F", "official_A_G", "visitor_B"):
            row = f"{month} {item}"
            value = invented(row)
            yield observation(visas, "visas_nonimmigrant", "USA", "PAK", period, value, item=item, source_row=row)
        yield observation("us_visas_immigrant", "visas_immigrant", "USA", "PAK", period, invented("immigrant", month))
        yield observation("ucdp_country_month", "fatalities", "WLD", "PAK", period, float(month), status="provisional")
        for day in (1, 9, 17):
            at = date(2020, month, day)
            yield observation("gdelt_daily_graph", "gdelt_tie", "PAK", "USA", (at, at), invented("tie", at))


def _figures() -> Iterator[dict[str, Any]]:
    for name in (name for name in MEASURES if name.startswith("fig_")):
        whole, half = calendar_year(2021), (date(2021, 1, 1), date(2021, 6, 30))
        for number, (period, status) in enumerate(((whole, "final"), (whole, "provisional"), (half, "final"),
                                                   (calendar_year(2022), "approximate"))):  # fmt: skip
            more = {"status": status, "item": f"page {number}", "source_row": f"{name} {number}"}
            yield observation("published_figures", name, "USA", "PAK", period, invented(name, number), **more)


def events() -> Iterator[dict[str, Any]]:
    for number, day in enumerate((date(2018, 3, 1), date(2018, 9, 30), date(2020, 2, 29))):
        kind = ("visit:president", "visit:secretary")[number % 2]
        yield event("us_travels", kind, "USA", "PAK", day)
        yield event("us_visits", "visit:leader", "PAK", "USA", day)
        for item in "ab":
            more = {"intensity": invented(day, item) / 100 - 2, "source_row": f"{day} {item}"}
            yield event("gdelt_events", f"cameo:04{number}", "USA", "PAK", day, **more)
    for number in range(12):
        sides = (("PAK", "TTP"), ("TTP", "ISKP"), ("TTP", "TTP"))[number % 3]
        dead = {"fatalities": None if number == 4 else float(number), "location": "PAK", "source_row": f"id {number}"}
        yield event("ucdp_ged", "ged:state-based", *sides, date(2020, 1 + number // 2, 3), **dead)


def coverage() -> Iterator[dict[str, Any]]:
    for source in ("usaid_greenbook", "foreign_assistance"):
        for name in AMOUNTS[source]:
            yield span(source, name, us_fiscal_year(1974)[0], us_fiscal_year(1979)[1], "USA")
            yield span(source, name, us_fiscal_year(2018)[0], us_fiscal_year(2022)[1], "USA")
    first, last = date(2017, 1, 1), date(2021, 6, 30)
    yield span("us_travels", "visit:president", first, last, "USA")
    yield span("us_travels", "visit:secretary", date(2016, 1, 1), date(2022, 12, 31), "USA")
    yield span("us_visits", "visit:leader", first, last, receiver="USA")
    yield span("ucdp_country_month", "fatalities", date(2020, 1, 1), date(2020, 12, 31), "WLD", "PAK")
    yield span("ucdp_ged", "ged", date(2019, 11, 1), date(2020, 12, 31))
    yield span("gdelt_events", "cameo", date(2018, 1, 1), date(2018, 12, 31))
