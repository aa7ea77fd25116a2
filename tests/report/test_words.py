"""Numbers and places on paper."""

from __future__ import annotations

from datetime import date

import pytest

from detente.report import words
from detente.report.axes import Paper, staggered, ticks
from detente.report.readings import spelled
from detente.turning_points.belief.scales import PROPORTION
from tests.report import invented


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1_844_000_000.0, "USD (constant 2020)", "$1.84 billion"),
        (-54_700_000.0, "USD", "−$54.7 million"),
        (41.0, "% approve", "41 %"),
        (12_304.0, "persons", "12,304"),
        (0.0732, "share", "0.073"),
        (0.0, "deaths", "0"),
        (3.5, "million USD", "$3.5 million"),
        (None, "USD", "unknown"),
        (float("nan"), "USD", "unknown"),
    ],
)
def test_a_number_is_written_as_a_reader_expects_it(value: float | None, unit: str, said: str) -> None:
    plain = words.number(value, unit).replace(words.HARD, " ").replace(words.JOINER, "")

    assert plain == said


def test_a_difference_of_percentages_is_in_points() -> None:
    assert words.gap(2.9, "% approve").replace(words.HARD, " ") == "+2.9 points"
    assert words.gap(1_130_000_000.0, "USD", short=True).replace(words.HARD, " ") == "+$1.13 bn"


@pytest.mark.parametrize(
    ("value", "short", "said"),
    [
        (-63.0, False, "63 % less than expected"),
        (12.4, False, "12 % more than expected"),
        (-63.0, True, "−63 %"),
        (12.4, True, "+12 %"),
        (4.86, True, "+4.9 %"),
        (-99.63, True, "−99.6 %"),
        (2460.2, True, "+2,460 %"),
        (0.0, False, "as expected"),
        (float("nan"), False, "unknown"),
    ],
)
def test_an_effect_on_proportions_says_what_it_is_a_share_of(value: float, short: bool, said: str) -> None:
    plain = words.change(value, PROPORTION, short=short).replace(words.HARD, " ").replace(words.JOINER, "")

    assert plain == said


def test_an_effect_in_its_own_unit_stays_in_it() -> None:
    plain = [words.change(value, unit).replace(words.HARD, " ") for value, unit in ((2.9, "% approve"), (3e9, "USD"))]

    assert plain == ["+2.9 points", "+$3 billion"]
    assert words.ends(-80.0, 12.0, PROPORTION).replace(words.HARD, " ") == "−\u206080 % to +12 %"


def test_a_tail_probability_is_never_none() -> None:
    assert [words.tail(p).replace(words.HARD, " ") for p in (0.0, 0.0321, 0.1, 0.116)] == [
        "< 0.001",
        "0.032",
        "0.10",
        "0.12",
    ]


def test_codes_days_and_per_cent_are_spelled_for_readers() -> None:
    spell = spelled(invented.protocol())
    said = spell(
        "Aid, USA→PAK and WLD→PAK, before 2021-08-15 (95% interval -3 to -1; FY2021–FY2022; version 2025-07-28)"
    )

    assert said.replace(words.HARD, " ") == (
        "Aid, United States → Pakistan and in Pakistan, before 15 Aug 2021 (95 % interval −3 to −1; FY2021–FY2022; "
        "version 2025-07-28)"
    )


def test_a_chance_is_never_none_nor_certain() -> None:
    assert words.chance(0.0).replace(words.HARD, " ") == "< 1 %"
    assert words.chance(1.0).replace(words.HARD, " ") == "> 99 %"
    assert words.chance(0.344).replace(words.HARD, " ") == "34 %"


def test_a_period_keeps_its_dates_where_it_is_no_year() -> None:
    assert words.period(date(2020, 10, 1), date(2021, 9, 30), "fiscal_year") == "FY2021"
    assert words.period(date(2016, 1, 1), date(2020, 12, 31), "irregular") == "2016–2020"
    assert words.period(date(2020, 3, 2), date(2020, 4, 1), "irregular") == "2 Mar 2020 – 1 Apr 2020"


def test_ticks_are_round_and_within() -> None:
    assert ticks(0, 103) == [0, 25, 50, 75, 100]
    assert ticks(-0.31, 0.29) == pytest.approx([-0.2, 0, 0.2])


def test_labels_that_would_touch_take_rows_of_their_own() -> None:
    placed = staggered([(100, "claimed"), (104, "1"), (300, "2")], room=340)

    assert [row for _, row, _ in placed] == [0, 1, 0]


def test_a_day_outside_the_picture_stands_at_its_edge() -> None:
    paper = Paper(340, 200, date(2000, 1, 1), date(2020, 1, 1), 0, 10)

    assert paper.x(date(1990, 1, 1)) == paper.left
    assert paper.x(date(2030, 1, 1)) == paper.edge
    assert paper.y(0) == paper.foot


def test_what_lies_before_and_after_the_data_is_unknown_and_not_zero():
    from datetime import date

    from detente.report.drawing import Point, _unknown

    points = [
        Point(date(2010, 1, 1), date(2010, 12, 31), 3.0),
        Point(date(2011, 1, 1), date(2011, 12, 31), None),
        Point(date(2012, 1, 1), date(2012, 12, 31), 0.0),
    ]
    assert list(_unknown(points, date(2009, 1, 1), date(2013, 6, 30))) == [
        (date(2009, 1, 1), date(2009, 12, 31)),
        (date(2011, 1, 1), date(2011, 12, 31)),
        (date(2013, 1, 1), date(2013, 6, 30)),
    ]
    assert not list(_unknown(points[:1], date(2010, 1, 1), date(2010, 12, 31)))
