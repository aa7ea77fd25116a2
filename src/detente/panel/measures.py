"""The measures: how the records of one cell become one number.

A measure draws on one source and one version of it, so nothing is counted twice. `rows` turns the record tables into
rows that carry `sender`, `receiver`, `period_start`, `period_end`, `value`, `status` and `record`; `expression` turns
the rows of one cell into its number. Both are Narwhals, so that the same code runs on DuckDB, on pandas and on Spark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, cast

from detente.panel import rows as build
from detente.records import Frequency

if TYPE_CHECKING:
    import narwhals as nw

    from detente.panel.rows import Rows


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table of measures.

    Attributes:
        source_id: The source its records come from.
        covers: The indicator or event kind whose coverage says where a missing row means nothing happened.
        unit: The unit of its values; empty: the one its records carry.
        zero_means: What a covered cell without records means; empty: it is unknown, and stays null.
        directed: False where sender and receiver have no order.
        bucket: The calendar unit that dated rows fall into; empty: rows bring their own periods.
    """

    name: str
    title: str
    source_id: str
    unit: str
    frequency: Frequency
    rows: Rows
    expression: Callable[[], nw.Expr]
    covers: tuple[str, ...] = ()
    zero_means: str = ""
    directed: bool = True
    bucket: Literal["", "1mo", "1q", "1y"] = ""
    definition: str = ""


def total() -> nw.Expr:
    """The sum of the values in a cell."""
    import narwhals as nw

    return nw.col("value").sum()


def average() -> nw.Expr:
    """The mean of the values in a cell."""
    import narwhals as nw

    return nw.col("value").mean()


def _amount(
    name: str, title: str, source: str, unit: str, frequency: Frequency, *indicators: str, zero: str = ""
) -> Measure:
    return Measure(
        name, title, source, unit, frequency, build.observed(*indicators), total, covers=indicators, zero_means=zero
    )


def _level(name: str, title: str, source: str, unit: str, frequency: Frequency, *indicators: str) -> Measure:
    return Measure(name, title, source, unit, frequency, build.observed(*indicators), average)


def _events(
    name: str, title: str, source: str, unit: str, frequency: Frequency, kinds: tuple[str, ...], rows: Rows
) -> Measure:
    bucket: Literal["1mo", "1y"] = "1mo" if frequency == "month" else "1y"
    return Measure(
        name, title, source, unit, frequency, rows, total, covers=kinds, zero_means="none recorded", bucket=bucket
    )


def _figure(series: str, title: str, unit: str) -> Measure:
    name = f"fig_{series}"
    return Measure(
        name, title, "published_figures", unit, "irregular", build.observed(name, only_final=True), average,
        definition="Mean of the figures published for the period; derived, approximate and partial ones are left out.",
    )  # fmt: skip


NONE = "no obligation recorded"
USD20, USD_FA = "USD (constant 2020)", "USD (constant, as published)"

AID = (
    _amount("us_economic_aid", "US economic aid, obligations", "usaid_greenbook", USD20, "fiscal_year",
            "aid_economic_constant", zero=NONE),
    _amount("us_military_aid", "US military aid, obligations", "usaid_greenbook", USD20, "fiscal_year",
            "aid_military_constant", zero=NONE),
    _amount("us_economic_aid_current", "US economic aid, obligations, current dollars", "usaid_greenbook", "USD",
            "fiscal_year", "aid_economic", zero=NONE),
    _amount("us_military_aid_current", "US military aid, obligations, current dollars", "usaid_greenbook", "USD",
            "fiscal_year", "aid_military", zero=NONE),
    _amount("us_aid_obligations", "US aid, all obligations", "foreign_assistance", USD_FA, "fiscal_year",
            "aid_obligations_constant", zero=NONE),
    _amount("us_aid_disbursements", "US aid, all disbursements", "foreign_assistance", USD_FA, "fiscal_year",
            "aid_disbursements_constant", zero="no disbursement recorded"),
    _amount("us_aid_obligations_current", "US aid, all obligations, current dollars", "foreign_assistance", "USD",
            "fiscal_year", "aid_obligations", zero=NONE),
    _amount("us_aid_disbursements_current", "US aid, all disbursements, current dollars", "foreign_assistance", "USD",
            "fiscal_year", "aid_disbursements", zero="no disbursement recorded"),
    _amount("us_security_appropriations", "US security-related appropriations", "crs_pakistan", "USD", "irregular",
            "crs_security"),
    _amount("us_coalition_support", "Coalition Support Funds", "crs_pakistan", "USD", "irregular",
            "crs_coalition_support"),
    _amount("us_military_financing", "Foreign Military Financing appropriations", "crs_pakistan", "USD", "irregular",
            "crs_fmf"),
)  # fmt: skip

TRADE = (
    _level("goods_exports", "Goods exported, as the exporter reports (fob)", "imf_dots", "USD", "year", "exports_fob"),
    _level("goods_imports", "Goods imported, as the importer reports (cif)", "imf_dots", "USD", "year", "imports_cif"),
    Measure("goods_balance", "Goods trade balance (exports less imports)", "imf_dots", "USD", "year",
            build.balance("exports_fob", "imports_cif"), average,
            definition="Goods along the dyad less goods against it, by the books of the one that reports (or both)."),
    _level("goods_exports_census", "Goods exports, US Census", "us_census_trade", "USD", "year", "goods_exports"),
    _level("goods_imports_census", "Goods imports, US Census", "us_census_trade", "USD", "year", "goods_imports"),
    Measure("goods_balance_census", "Goods trade balance (exports less imports), US Census", "us_census_trade",
            "USD", "year", build.balance("goods_exports", "goods_imports"), average),
)  # fmt: skip

DIPLOMACY = (
    _events("us_visits", "Visits by the US president or secretary of state", "us_travels", "stops", "year",
            ("visit:president", "visit:secretary"), build.counted("visit:president", "visit:secretary")),
    _events("visits_to_us", "Visits of foreign leaders to the US", "us_visits", "visits", "year",
            ("visit:leader",), build.counted("visit:leader")),
    Measure("un_agreement", "Agreement in UN General Assembly votes", "un_votes", "share", "year",
            build.vote_agreement, average, directed=False, bucket="1y",
            definition="Mean of 1 − |difference|/2 over roll calls that were not unanimous (yes 1, abstain 2, no 3)."),
    Measure("un_ideal_distance", "Distance of UN ideal points (final passage)", "un_ideal_points", "ideal-point units",
            "year", build.distance("ideal_point_final"), average, directed=False,
            definition="Absolute difference of the two states' yearly ideal points."),
    Measure("un_ideal_distance_all", "Distance of UN ideal points (all votes)", "un_ideal_points", "ideal-point units",
            "year", build.distance("ideal_point_all"), average, directed=False),
    _level("un_ideal_point", "UN ideal point (final passage)", "un_ideal_points", "ideal-point units", "year",
           "ideal_point_final"),
    _level("voting_coincidence_important", "Votes with the US, selected votes of 2013–2017", "state_voting", "share",
           "year", "voting_coincidence_important"),
    _level("voting_coincidence_all", "Votes with the US, all votes", "state_voting", "share", "year",
           "voting_coincidence_all"),
    Measure("news_tie", "Tie in the news (GDELT, volume × intensity)", "gdelt_daily_graph", "daily mean", "month",
            build.observed("gdelt_tie"), average, directed=False, bucket="1mo"),
    _events("news_events", "Events in the news (GDELT)", "gdelt_events", "events", "month",
            ("cameo",), build.counted("cameo:")),
    Measure("news_goldstein", "Mean Goldstein score of events in the news", "gdelt_events", "Goldstein points", "month",
            build.event_intensity("cameo:"), average, bucket="1mo"),
)  # fmt: skip

PEOPLE = (
    _level("visas_nonimmigrant", "US non-immigrant visas issued", "us_visas_nonimmigrant", "visas", "month",
           "visas_nonimmigrant_total"),
    Measure("visas_student", "US student visas issued (F)", "us_visas_nonimmigrant", "visas", "month",
            build.observed("visas_nonimmigrant", item="student_F"), total),
    Measure("visas_official", "US official visas issued (A, G)", "us_visas_nonimmigrant", "visas", "month",
            build.observed("visas_nonimmigrant", item="official_A_G"), total),
    Measure("visas_visitor", "US visitor visas issued (B)", "us_visas_nonimmigrant", "visas", "month",
            build.observed("visas_nonimmigrant", item="visitor_B"), total),
    _level("visas_immigrant", "US immigrant visas issued", "us_visas_immigrant", "visas", "month", "visas_immigrant"),
    _level("refugees", "Refugees (origin → host)", "unhcr_population", "persons", "year", "refugees"),
    _level("asylum_seekers", "Asylum seekers (origin → host)", "unhcr_population", "persons", "year",
           "asylum_seekers"),
    _level("returned_refugees", "Refugees returned home (origin → host)", "unhcr_population", "persons", "year",
           "returned_refugees"),
)  # fmt: skip

SECURITY = (
    Measure("fatalities", "Deaths in organised violence, by any hand", "ucdp_country_month", "deaths", "month",
            build.observed("fatalities"), total, covers=("fatalities",), zero_means="no deaths recorded"),
    _events("ged_fatalities", "Deaths in organised violence, event by event", "ucdp_ged", "deaths", "month",
            ("ged",), build.deaths_located("ged:")),
    _events("ged_events", "Events of organised violence", "ucdp_ged", "events", "month",
            ("ged",), build.events_located("ged:")),
    _events("ged_group_fatalities", "Deaths in events the group took part in", "ucdp_ged", "deaths", "month",
            ("ged",), build.deaths_by_group("ged:")),
    _level("battle_deaths", "Battle-related deaths between the two sides", "ucdp_battle_deaths", "deaths", "year",
           "battle_deaths"),
    _level("us_troops", "US active-duty troops", "us_troops", "persons", "quarter", "troops_active"),
)  # fmt: skip

STATES = (
    _level("gdp", "Gross domestic product", "world_bank", "USD (constant)", "year", "gdp_constant"),
    _level("gdp_current", "Gross domestic product, current dollars", "world_bank", "USD", "year", "gdp_current"),
    _level("population", "Population", "world_bank", "persons", "year", "population"),
)  # fmt: skip

FIGURES = (
    _figure("gallup_us_leadership_approval", "Approval of US leadership (Gallup)", "% approve"),
    _figure("gallup_us_leadership_disapproval", "Disapproval of US leadership (Gallup)", "% disapprove"),
    _figure("pew_us_favourable", "Favourable view of the US (Pew)", "% favourable"),
    _figure("pew_us_enemy", "The US is an enemy (Pew)", "% say enemy"),
    _figure("gallup_country_favourable", "Favourable view of the other country (Gallup)", "% favourable"),
    _figure("sipri_share_china_in_pak_imports", "Share of the arms imports (supplier → buyer)", "%"),
    _figure("sipri_share_us_in_pak_imports", "Share of the US in arms imports", "%"),
    _figure("pips_terror_attacks", "Terrorist attacks (PIPS)", "attacks"),
    _figure("pips_terror_deaths", "Deaths in terrorist attacks (PIPS)", "deaths"),
    _figure("pips_suicide_attacks", "Suicide attacks (PIPS)", "attacks"),
    _figure("picss_militant_attacks", "Militant attacks (PICSS)", "attacks"),
    _figure("attack_on_chinese_nationals", "Chinese nationals killed, by attack", "persons"),
    _figure("crs_security_total", "Security-related appropriations (CRS)", "USD"),
    _figure("crs_economic_total", "Economic-related appropriations (CRS)", "USD"),
    _figure("crs_fmf", "Foreign Military Financing (CRS)", "USD"),
    _figure("crs_csf_reimbursement", "Coalition Support Funds (CRS)", "USD"),
    _figure("gacc_china_pak_total", "Goods trade with China (Chinese customs)", "USD"),
    _figure("us_india_goods_total", "Goods trade of the US with India", "USD"),
    _figure("external_debt_share_china", "China's share of the external debt", "%"),
    _figure("pk_visit_to_us", "Reported visits of officials to the US", "meetings"),
    _figure("us_visit_to_pk", "Reported visits of US officials", "meetings"),
)  # fmt: skip

MEASURES: dict[str, Measure] = {
    measure.name: measure for measure in (*AID, *TRADE, *DIPLOMACY, *PEOPLE, *SECURITY, *STATES, *FIGURES)
}


class Measures(Mapping[str, Measure]):
    """The table of measures, and any indicator of any source as it is recorded: `SOURCE:INDICATOR@FREQUENCY`.

    So a table of one's own can be measured without code: `letters:letters_sent@year` is the sum of what the source
    `letters` records of `letters_sent` in a cell. Its unit is the records' own; absence is unknown.
    """

    def __init__(self, named: Mapping[str, Measure]) -> None:
        self._named = dict(named)

    def __getitem__(self, name: str) -> Measure:
        return self._named[name] if name in self._named else recorded(name)

    def __contains__(self, name: object) -> bool:
        return name in self._named or (isinstance(name, str) and RECORDED.fullmatch(name) is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


RECORDED = re.compile(r"(?P<source>\w+):(?P<indicator>\w+)@(?P<frequency>month|quarter|fiscal_year|year)")


def recorded(name: str) -> Measure:
    """The measure that `SOURCE:INDICATOR@FREQUENCY` names.

    Raises:
        KeyError: The name is not of this form.
    """
    found = RECORDED.fullmatch(name)
    if found is None:
        raise KeyError(name)
    frequency = cast("Frequency", found["frequency"])
    title = found["indicator"].replace("_", " ").capitalize()
    return Measure(name, title, found["source"], "", frequency, build.observed(found["indicator"]), total)


@cache
def measures() -> Measures:
    """All measures: the project's own, and those other installed packages add (`detente.measures`)."""
    from detente.registry import available

    return Measures(available("measures", MEASURES))
