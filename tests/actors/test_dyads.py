"""The universe of dyads has the published number of rows, year by year."""

import csv
import time

import pytest

from detente.actors import dyads, members, registry
from detente.errors import StudyError, UnknownName
from detente.records import Dyad


def test_correlates_of_war_has_1912290_directed_dyad_years_to_2016():
    dyads(1816, 1817)  # imports
    began = time.perf_counter()
    universe = dyads(1816, 2016, system="cow")
    print(f"dyads 1816-2016: {time.perf_counter() - began:.3f} s")
    assert len(universe) == 1_912_290
    assert list(universe.columns) == ["sender", "receiver", "year"]
    assert len(dyads(1816, 2016, directed=False)) * 2 == 1_912_290


@pytest.mark.parametrize(("system", "column"), [("cow", "cow_directed_mry"), ("gw", "gw_directed")])
def test_every_year_has_the_published_number_of_dyads(shared, system, column):
    path = shared / "data/reference/dyad_year_counts_by_year.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        expected = {int(row["year"]): int(row[column]) for row in csv.DictReader(stream)}
    found = dyads(min(expected), max(expected), system=system).groupby("year").size().to_dict()
    assert found == expected


@pytest.mark.parametrize(
    ("system", "year", "rows"), [("cow", 1816, 506), ("cow", 1860, 2064), ("gw", 1816, 2352), ("gw", 1945, 5254)]
)
def test_some_years_have_the_published_number_of_dyads(system, year, rows):
    assert len(dyads(year, year, system=system)) == rows


def test_the_united_states_and_pakistan_are_78_years_to_2024():
    universe = dyads(1816, 2024)
    years = universe.loc[universe["sender"].eq("USA") & universe["receiver"].eq("PAK"), "year"]
    assert years.tolist() == list(range(1947, 2025))


def test_india_enters_one_day_after_pakistan():
    first = {i: registry()[i].valid_from for i in ("PAK", "IND")}
    assert (first["IND"] - first["PAK"]).days == 1
    assert first["PAK"].isoformat() == "1947-08-14"


def test_rows_are_sorted_unique_and_never_an_actor_with_itself():
    universe = dyads(1985, 1995)
    assert not universe.duplicated().any()
    assert not (universe["sender"].astype(str) == universe["receiver"].astype(str)).any()
    assert universe.equals(universe.sort_values(["year", "sender", "receiver"], ignore_index=True))


def test_undirected_pairs_have_the_order_of_a_dyad():
    universe = dyads(1990, 1990, directed=False)
    pairs = list(zip(universe["sender"], universe["receiver"], strict=True))
    assert all(str(Dyad(a, b, directed=False)) == f"{a}–{b}" for a, b in pairs)


def test_states_that_never_met_within_the_year_are_no_dyad():
    universe = dyads(1860, 1860)
    with_china = set(universe.loc[universe["sender"].eq("CHN"), "receiver"])
    assert "TUS" in members(1860)
    assert "TUS" not in with_china  # gone in March; China enters in October
    assert "PAP" in with_china  # gone in November


def test_1990_has_both_germanies_and_the_united_one():
    assert {"DEU", "DDR", "GFR"} <= set(members(1990))
    assert "GFR" not in {*members(1989), *members(1991)}


def test_an_heir_within_the_year_stands_for_its_code():
    assert "SRB" in members(2006)
    assert "SCG" not in members(2006)
    assert "YAR" not in members(1990, system="gw")


def test_nobody_is_paired_in_a_year_outside_their_life():
    for year in (1816, 1870, 1918, 1947, 1971, 1990, 1992, 2006, 2011, 2024):
        for system in ("cow", "gw"):
            for actor_id in members(year, system=system):
                actor = registry()[actor_id]
                assert actor.valid_from.year <= year
                assert actor.valid_to is None or year <= actor.valid_to.year


def test_the_lists_run_to_the_present():
    assert members(2025) == members(2016)


def test_a_backward_span_or_another_system_is_refused():
    with pytest.raises(StudyError):
        dyads(2000, 1999)
    with pytest.raises(StudyError):
        dyads(1800, 1900)
    with pytest.raises(UnknownName):
        dyads(1900, 1901, system="polity")
