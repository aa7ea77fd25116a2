from datetime import date

import pytest

from detente.records import TABLES, Actor, Dyad, calendar_month, calendar_quarter, calendar_year, us_fiscal_year


def test_us_fiscal_years_run_from_october_since_1977_and_from_july_before():
    assert us_fiscal_year(2021) == (date(2020, 10, 1), date(2021, 9, 30))
    assert us_fiscal_year(1977) == (date(1976, 10, 1), date(1977, 9, 30))
    assert us_fiscal_year(1976) == (date(1975, 7, 1), date(1976, 6, 30))


def test_the_transition_quarter_fills_the_gap_between_the_two_calendars():
    start, end = us_fiscal_year("1976tq")
    assert (start - us_fiscal_year(1976)[1]).days == 1
    assert (us_fiscal_year(1977)[0] - end).days == 1


def test_periods_end_on_their_last_day():
    assert calendar_year(2020) == (date(2020, 1, 1), date(2020, 12, 31))
    assert calendar_month(2020, 2) == (date(2020, 2, 1), date(2020, 2, 29))
    assert calendar_quarter(2020, 4) == (date(2020, 10, 1), date(2020, 12, 31))


def test_an_undirected_dyad_is_ordered_and_a_directed_one_is_not():
    assert Dyad("USA", "PAK", directed=False) == Dyad("PAK", "USA", directed=False)
    assert Dyad("USA", "PAK") != Dyad("PAK", "USA")
    assert Dyad("USA", "PAK").reversed == Dyad("PAK", "USA")
    assert str(Dyad("USA", "PAK")) == "USA→PAK"


def test_an_actor_exists_on_its_first_and_last_day_only():
    actor = Actor("SUN", "Soviet Union", "state", date(1922, 12, 30), date(1991, 12, 26))
    assert actor.exists(date(1922, 12, 30))
    assert actor.exists(date(1991, 12, 26))
    assert not actor.exists(date(1991, 12, 27))


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_table_has_its_id_and_its_key_among_its_columns(table):
    assert table.id_column in table.columns
    assert set(table.key) <= set(table.columns)
