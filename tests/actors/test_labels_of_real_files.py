"""Every actor label of the published files resolves, is a known aggregate, or is a named exception with its reason."""

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from detente.actors import registry

FILES: dict[str, dict[str, str]] = {
    "indicators/aid/us_aid_greenbook_country_year_1946_2020.csv": {"country": "name"},
    "originals/us_foreign_aid_country.csv": {"Country Code": "iso3", "Country Name": "name"},
    "originals/dots_us.csv": {"Counterpart Country Code": "imf", "Counterpart Country Name": "name"},
    "indicators/trade/us_trade_by_partner_census_2024.csv": {"partner": "name"},
    "indicators/trade/us_china_total_trade_by_partner_2000_2024.csv": {"partner": "name"},
    "indicators/unga/voeten_ideal_points_jul2025_1946_2024.csv": {"iso3c": "iso3", "ccode": "cow"},
    "reference/unga/cow_country_codes.csv": {"CCode": "cow", "StateNme": "name"},
    "indicators/unga/us_state_dept_voting_coincidence_2013_2023.csv": {"country": "name"},
    "indicators/unga/unga_agreement_US_CN_PK_IN_RU_computed_1990_2019.csv": {"iso2_b": "iso2"},
    "indicators/visits/foreign_leader_visits_to_us.csv": {"country_id": "historian", "country": "name"},
    "indicators/visits/us_president_secstate_travel.csv": {"country_id": "historian", "country": "name"},
    "indicators/visits/us_chiefs_of_mission.csv": {"country_id": "historian"},
    "indicators/visas/us_immigrant_visas_country_month_2017_2025.csv": {"country": "name"},
    "indicators/visas/us_nonimmigrant_visas_nationality_month_2017_2025.csv": {"country": "name"},
    "indicators/troops/us_troops_country_year_1950_2024.csv": {"countryname": "name", "iso3c": "iso3"},
    "indicators/troops/us_troops_country_quarter_1990_2025.csv": {"countryname": "name"},
    "indicators/refugees/unhcr_population.csv.gz": {
        "coo": "unhcr",
        "coa": "unhcr",
        "coo_iso": "iso3",
        "coa_name": "name",
    },
    "indicators/macro/wdi_NY.GDP.MKTP.CD_1960_2023.csv": {"Country Code": "wb"},
    "indicators/macro/wdi_NY.GDP.MKTP.KD_1960_2024.csv": {"Country Name": "name"},
    "indicators/macro/wdi_SP.POP.TOTL_1960_2024.csv": {"Country Code": "wb"},
    "indicators/macro/wdi_military_arms_1990_2023.csv": {"Country Code": "wb"},
    "indicators/state/cow_nmc_v6_1990_2022.csv": {"ccode": "cow"},
    "events/cow/cow_states.csv": {"ccode": "cow", "stateabb": "cowabb"},
    "events/cow/gw_states.csv": {"gwcode": "gw", "statename": "name", "stateabb": "gwabb"},
    "events/ucdp/GEDEvent_v23_0_10.csv": {"country": "ucdp"},
    "events/ucdp/BattleDeaths_v24_1_dyadic.csv": {"gwno_a": "gw"},
    "events/ucdp/UcdpPrioConflict_v24_1.csv": {"gwno_a": "gw"},
}
"""File → column → scheme of its labels."""
BLANK = {"": "the cell is empty", "NULL": "no code; the publisher's name tells who it is"}
SEVERAL = dict.fromkeys(
    (
        "340",
        "341",
        "345",
        "678",
        "YUG",
        "YU",
        "CS",
        "SER",
        "MNG",
        "YEM",
        "Yugoslavia",
        "yugoslavia",
        "Korea",
        "korea",
        "Yemen (North Yemen)",
    ),
    "borne by several states in turn; needs the date",
)
MISSPELT = dict.fromkeys(
    ("Czec Republic", "Equatoria Guinea", "Irag", "Kyrgystan", "Somoa", "Eniwetok (J.T.F. 7"),
    "misspelt in one source; a lookup of that source repairs it",
)
PLACES = {
    "Kashmir": "disputed; no state is assigned",
    "Jerusalem": "disputed; no state is assigned",
    "Line Islands": "three states hold some of them",
}
EXCEPTIONS = BLANK | SEVERAL | MISSPELT | PLACES


def rows_of(path: Path) -> list[dict[str, str]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True))
    return [row for row in rows if not row[rows.fieldnames[0]].startswith("#")]


def labels_of(rows: list[dict[str, str]], column: str, scheme: str) -> Counter[str]:
    """Labels and their counts. UCDP puts several numbers into one cell, some copies write whole numbers as 2.0."""
    counts = Counter(row[column] for row in rows)
    if scheme not in ("cow", "gw"):
        return counts
    return Counter(re.sub(r"\.0$", "", code.strip()) for cell in counts for code in cell.split(","))


@pytest.mark.parametrize("name", FILES)
def test_every_label_resolves_or_is_a_named_exception(shared, name):
    rows = rows_of(shared / "data" / name)
    for column, scheme in FILES[name].items():
        unknown = registry().resolve_all(labels_of(rows, column, scheme), scheme=scheme).unknown
        assert [label for label in unknown if label not in EXCEPTIONS] == [], column


def test_every_side_of_violence_in_pakistan_resolves_by_its_number_or_is_a_government(shared):
    rows = rows_of(shared / "data/events/ucdp/ged_pakistan_1989-2021_hdx.csv")[1:]
    for side in "ab":
        groups = Counter(row[f"side_{side}_new_id"] for row in rows if not row[f"gwno{side}"])
        states = Counter(row[f"gwno{side}"] for row in rows if row[f"gwno{side}"])
        assert registry().resolve_all(groups, scheme="ucdp").unknown == {}
        assert registry().resolve_all(states, scheme="gw").unknown == {}


def test_every_letter_code_of_gdelt_resolves(shared):
    path = shared / "data/events/codebooks/gdelt_cameoCountry.txt"
    codes = [line.split("\t")[0] for line in path.read_text(encoding="latin-1").splitlines()[1:] if line]
    found = registry().resolve_all(dict.fromkeys(codes, 1), scheme="cameo")
    assert found.unknown == {}
    assert {"AFR", "EUR", "MEA", "SAS", "WST"} <= set(found.aggregates)


def test_actors_of_gdelt_events_and_their_places_resolve(shared):
    cameo, fips = Counter(), Counter()
    for path in (shared / "data/events/gdelt/raw").glob("2018*.export.CSV"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            cells = line.split("\t")
            cameo.update(code for code in (cells[7], cells[17]) if code)
            fips.update(code for code in (cells[53],) if code)
    assert registry().resolve_all(cameo, scheme="cameo").unknown == {}
    assert registry().resolve_all(fips, scheme="fips").unknown == {}


def test_sender_and_receiver_of_published_figures_resolve(shared):
    counts: Counter[str] = Counter()
    for path in (shared / "data/facts").glob("*.csv"):
        with path.open(encoding="utf-8") as stream:
            counts.update(row.get(c) or "" for row in csv.DictReader(stream) for c in ("sender", "receiver"))
    found = registry().resolve_all(counts, scheme="iso3")
    assert set(found.unknown) <= {""}
    assert {"WLD", "PAK+IRN"} <= set(found.aggregates)


def test_columns_of_the_monthly_fatalities_resolve_on_their_dates(shared):
    path = shared / "data/events/ucdp/country_month_fatalities_1989-01_2026-02_pace.csv"
    with path.open(encoding="utf-8") as stream:
        names = [name for name in next(csv.reader(stream)) if name and name != "Unnamed: 133"]
    unknown = registry().resolve_all(dict.fromkeys(names, 1)).unknown
    assert set(unknown) == {"Serbia (Yugoslavia)", "Yemen (North Yemen)"}  # several states in turn


def test_votes_in_the_general_assembly_resolve(shared):
    import pyarrow.parquet as pq

    table = pq.read_table(shared / "data/reference/unga/un_votes.parquet", columns=["country", "country_code"])
    for column, scheme in (("country", "name"), ("country_code", "iso2")):
        values = table.column(column).combine_chunks().cast("string").unique().to_pylist()
        unknown = registry().resolve_all({value or "": 1 for value in values}, scheme=scheme).unknown
        assert set(unknown) <= set(EXCEPTIONS), unknown


SAMPLE = """country,code
"Korea, Republic of",KOR
"**Eswatini",SWZ
"Congo, Dem. Rep.",COD
St. Kitts and Nevis,KNA
Sub-Saharan Africa,SSF
"West Bank and Gaza",PSE
Türkiye,TUR
Atlantis,ATL
"""


def test_a_small_file_of_our_own_is_sorted_into_actors_aggregates_and_unknown(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_text(SAMPLE, encoding="utf-8")
    rows = rows_of(path)
    by_name = registry().resolve_all(labels_of(rows, "country", "name"))
    by_code = registry().resolve_all(labels_of(rows, "code", "wb"), scheme="wb")
    assert list(by_name.actors.values()) == list(by_code.actors.values()) == ["KOR", "SWZ", "COD", "KNA", "PSE", "TUR"]
    assert (list(by_name.unknown), list(by_code.unknown)) == (["Atlantis"], ["ATL"])
    assert (list(by_name.aggregates), list(by_code.aggregates)) == (["Sub-Saharan Africa"], ["SSF"])
