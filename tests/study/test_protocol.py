"""study.yml: what it holds, and what an error in it says."""

import json
from datetime import date

import pytest

from detente.errors import StudyError
from detente.protocol import parse, schema

GOOD = """\
title: A study
dyad: [USA, PAK]
turning_point: {name: Withdrawal, date: 2021-08-15}
rivals:
  - {name: Suspension, date: 2018-01-04}
windows:
  pre: {from: 2010-01-01, to: 2021-08-14}
  post: {from: 2021-08-15, to: 2025-12-31}
third_parties: [AFG]
dimensions:
  economic_aid:
    title: Economic aid
    measures:
      - {measure: us_economic_aid, closer: "+"}
aliases: {Islamabad: PAK}
"""


def refusal(text: str) -> StudyError:
    with pytest.raises(StudyError) as caught:
        parse(text)
    return caught.value


def test_a_good_study_is_read_and_frozen():
    protocol = parse(GOOD)
    assert protocol.pair.sender == "USA"
    assert protocol.turning_point.date == date(2021, 8, 15)
    with pytest.raises(ValueError, match="frozen"):
        protocol.title = "another"


def test_an_unknown_key_names_its_line_and_the_nearest_key():
    error = refusal(GOOD.replace("third_parties", "third_partys"))
    assert "study.yml, line 9, third_partys" in str(error)
    assert "third_parties" in error.hint


def test_an_unknown_key_deep_inside_names_its_line_and_the_nearest_key():
    error = refusal(GOOD.replace('closer: "+"', 'closr: "+"'))
    assert "line 14" in str(error)
    assert "closer" in error.hint


def test_an_unknown_actor_names_its_line_and_the_actor_that_may_be_meant():
    error = refusal(GOOD.replace("[AFG]", "[Afghanistan]"))
    assert "line 9, third_parties.0" in str(error)
    assert "'Afghanistan'" in str(error)
    assert "AFG" in error.hint


def test_an_unknown_actor_in_the_dyad_stops_the_reading():
    assert "PAX" in str(refusal(GOOD.replace("[USA, PAK]", "[USA, PAX]")))


def test_a_wrong_word_is_shown_with_the_right_ones():
    error = refusal(GOOD.replace('closer: "+"', "closer: more"))
    assert "found 'more'" in str(error)
    assert "none" in error.hint


def test_a_missing_key_is_named():
    error = refusal(GOOD.replace("title: A study\n", ""))
    assert "title" in str(error)
    assert "missing" in str(error)


@pytest.mark.parametrize(
    ("found", "put", "says"),
    [
        ("to: 2021-08-14", "to: 2009-08-14", "before it starts"),
        ("from: 2021-08-15, to: 2025-12-31", "from: 2020-08-15, to: 2025-12-31", "before the one before ends"),
        ("date: 2021-08-15", "date: 2031-08-15", "outside the windows"),
    ],
)
def test_dates_out_of_order_are_refused(found, put, says):
    assert says in str(refusal(GOOD.replace(found, put)))


@pytest.mark.parametrize(
    ("found", "put", "says", "hint"),
    [
        ("windows:", "window:", "line 6, window: no such key", "windows"),
        ("pre: {from", "pre: {frm", "windows.pre.frm: no such key", "from"),
        ("name: Withdrawal", "nam: Withdrawal", "line 3, turning_point.nam: no such key", "name"),
        ("2021-08-15}", "2021-13-15}", "line 3, turning_point.date: this is no date, found '2021-13-15'", "2021-08-15"),
        ("2021-08-15}", "20210815}", "line 3, turning_point.date: a date is needed", "2021-08-15"),
        ("2021-08-15}", "2021-08-15T10:00:00}", "without a time, found", "2021-08-15"),
        ('closer: "+"', "weight: 0", "line 14, dimensions.economic_aid.measures.0.weight: it should be greater", ""),
        ('closer: "+"', "weight: .inf", "found inf", ""),
        ("[USA, PAK]", "USA PAK", "line 2, dyad: a list is needed, such as [A, B], found 'USA PAK'", ""),
        ("[USA, PAK]", "[USA]", "line 2, dyad.1: a value is missing", ""),
        ("[USA, PAK]", "[USA, USA]", "line 2, dyad: both are USA", "two different"),
        ("[USA, PAK]", "[USA, pak]", "line 2, dyad.1: no actor 'pak'", "did you mean PAK?"),
        ("[USA, PAK]", "[USA, Pakistan]", "no actor 'Pakistan'", "did you mean PAK?"),
        ("    title: Economic aid", "    title:", "line 12, dimensions.economic_aid.title: text is needed", ""),
        ("  economic_aid:", "  ../aid:", "line 11, dimensions.../aid: no name for a dimension", "title"),
        ("aliases:", "seed: -1\naliases:", "line 15, seed: it should be greater than or equal to 0", ""),
        ("aliases:", "actors: {USA: {name: Me}}\naliases:", "line 15, actors.USA: USA is United States already", ""),
        ("aliases:", "x: !!python/name:os.system id\naliases:", "line 15: not valid YAML: a tag", ""),
        ("aliases:", "x: !!float abc\naliases:", "could not convert", ""),
        (
            "aliases:",
            "shocks: [{name: X, from: 2020-05-01, to: 2020-03-01}]\naliases:",
            "line 15, shocks.0: the window ends (2020-03-01) before",
            "the earlier one first",
        ),
    ],
)
def test_each_mistake_names_line_key_what_was_found_and_the_nearest_word(found, put, says, hint):
    assert found in GOOD
    error = refusal(GOOD.replace(found, put, 1))
    assert says in str(error)
    assert hint in error.hint
    assert error.hint


def test_no_dimension_and_the_same_measure_twice_are_refused():
    head, rest = GOOD.split("dimensions:\n", 1)
    assert "at least one is needed" in str(refusal(head + "dimensions: {}\n"))
    line = rest.splitlines(keepends=True)[3]
    assert "line 15" in str(error := refusal(GOOD.replace(line, line * 2)))
    assert "stands twice" in str(error)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n- b\n", "found a list of 2"),
        ("hello", "found 'hello'"),
        ("a: " + "[" * 3000, "nested too deeply"),
        ("#" * 3_000_000, "larger than 2 MB"),
        ("a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(40)), "more than 100,000"),
        ("title: \x00", "line 1"),
        (GOOD + "? {a: 1}\n: 2\n", "no such key"),
    ],
    ids=["list", "word", "deep", "huge", "laughs", "nul", "key"],
)
def test_a_file_that_is_something_else_is_refused_in_time(text, says):
    error = refusal(text)
    assert says in str(error)
    assert error.hint


def test_a_key_of_an_anchor_has_the_line_of_its_mapping():
    text = GOOD.replace("- {name: Suspension, date: 2018-01-04}", "- {<<: {nam: x}, date: 2018-01-04}")
    assert "line 5, rivals.0.nam: no such key" in str(refusal(text))


def test_a_month_is_no_date():
    error = refusal(GOOD.replace("date: 2018-01-04", "date: 2018-01"))
    assert "full date" in str(error)
    assert "line 5" in str(error)


def test_no_yaml_and_an_empty_file_are_refused_with_a_line():
    assert "line" in str(refusal("title: [unclosed"))
    assert "empty" in str(refusal(""))
    assert "valid YAML" in str(refusal(GOOD + "title: again\n"))


def test_a_study_may_add_actors_of_its_own():
    own = GOOD.replace("third_parties: [AFG]", "third_parties: [AFG]\narmed_groups: [MINE]") + (
        "actors:\n  MINE: {name: My Group, kind: armed group, from: 2010-01-01}\n"
    )
    assert parse(own).actors["MINE"].name == "My Group"


def test_the_schema_is_json_and_knows_every_key():
    text = json.dumps(schema())
    for key in ("turning_point", "rivals", "shocks", "windows", "dimensions", "donors", "objectives", "closer"):
        assert f'"{key}"' in text
