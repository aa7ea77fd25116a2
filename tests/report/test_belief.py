"""How far to believe it: the grade, the checks, the posterior of dates and the specification curve on the page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from lxml import html

from detente.report import Findings, Reading, neutralised, provenance, readings, render, specifications, tables, words
from detente.report.belief import belief, graded, reported, rule
from detente.report.closing import limits
from detente.report.readings import Fact
from detente.results import Check
from detente.turning_points.belief.placebos import FalseAlarms, Placebo
from tests.report import invented

KEY = "us_economic_aid-USA-PAK"
TOLD = {"strong": "●●● strong", "moderate": "●●○ moderate", "weak": "●○○ weak", "none": "○○○ none"}


def plain(text: str) -> str:
    """Text without the characters that only steer lines."""
    return re.sub(r"\s+", " ", text.replace(words.HARD, " ").replace(words.JOINER, "")).strip()


def facts(found: Findings) -> tuple[Fact, ...]:
    return readings.facts(found, provenance.tracked(found, [one.line for one in found.readings], 1))


def changed(found: Findings, **judged: Any) -> Findings:
    """The findings with every judgement altered; without any alteration, with none."""

    def altered(one: Reading) -> Reading:
        return replace(one, judged=replace(one.judged, **judged) if one.judged and judged else None)

    return replace(found, readings=tuple(altered(one) for one in found.readings))


@pytest.fixture(scope="module")
def tree() -> Any:
    return html.document_fromstring(render(invented.findings()))


def first_of(drawings: str) -> Any:
    """The wide one of two drawings."""
    return html.fromstring(drawings.split("</svg>", maxsplit=1)[0] + "</svg>")


def steps(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)", path)]


def test_overview_gives_every_measure_its_verdict_chances_step_alarms_and_grade(tree: Any) -> None:
    rows = {
        one.find(".//a").get("href"): plain(one.text_content())
        for one in tree.get_element_by_id("changes").findall(".//tbody/tr")
        if one.find(".//a") is not None
    }
    known = facts(invented.findings())

    assert len(rows) == len(known)
    for fact in known:
        row, judged = rows[f"#m-{fact.key}"], fact.reading.judged
        assert readings.VERDICTS[readings.kind(fact.verdict)][0] in row
        assert (judged is None) == ("not graded" in row)
        if judged:
            assert TOLD[judged.grade] in row
            assert f"p {words.tail(judged.effect.p)}" in row
            assert f"{plain(words.chance(judged.dating.claimed.probability))} claimed date" in row
            assert plain(words.change(judged.effect.effect, judged.effect.unit, short=True)) in row


def test_false_alarms_stand_beside_p_as_a_count_of_dates(tree: Any) -> None:
    alarms = invented.answers()[1].alarms
    assert alarms.rate is not None

    text = plain(tree.get_element_by_id("changes").text_content())

    assert f"false alarms: {round(alarms.rate * alarms.tried)} of {alarms.tried} dates" in text


def test_a_step_of_money_is_in_per_cent_and_a_level_in_dollars(tree: Any) -> None:
    card = plain(tree.get_element_by_id(f"m-{KEY}").text_content())

    assert "50 % less than expected (95 % interval −80 % to −20 %)" in card
    assert re.search(r"On average \$\d+ million", card)
    assert "points" not in card


def test_a_step_of_a_share_stays_in_its_own_unit() -> None:
    fact = next(one for one in facts(invented.findings()) if one.measure.unit == "share" and one.reading.effect)

    assert "than expected" not in readings.sentence(fact)


def test_a_card_says_the_grade_what_is_missing_and_how_checks_came_out(tree: Any) -> None:
    judged = invented.answers()[1]
    fact = next(one for one in facts(invented.findings()) if one.key == KEY)
    card = tree.get_element_by_id(f"m-{KEY}")
    rows = card.findall(".//table[@class='looked']/tbody/tr")

    assert f"How far to believe it: {TOLD[fact.reading.judged.grade]}." in plain(card.text_content())
    assert len(rows) == len(judged.checks)
    for row, check in zip(rows, judged.checks, strict=True):
        state = {True: "✓ passed", False: "✗ failed", None: "– not judged"}[check.passed]
        assert plain(row.find("th").text_content()) == f"{check.name[0].upper()}{check.name[1:]}{state}"


def test_what_is_missing_names_the_next_grade() -> None:
    findings = changed(invented.findings(), grade="weak", short_of=("9 periods before; 10 are needed",))
    fact = next(one for one in facts(findings) if one.reading.judged)

    said = belief(fact, str)

    assert said is not None
    assert said.lacks == "Short of moderate: 9 periods before; 10 are needed."


def test_checks_and_curve_are_folded_and_their_sums_are_not(tree: Any) -> None:
    card = tree.get_element_by_id(f"m-{KEY}")
    folds = [one for one in card.iter("details") if one.get("class") == "more"]
    checks = invented.answers()[1].checks

    assert all(one.get("open") is None for one in folds)
    failed = sum(check.passed is False for check in checks)
    assert f"{failed} failed" in folds[0].find("summary").text_content()
    assert "reasonable specifications see a" in card.find(".//p[@class='curve']").text_content()
    assert card.find(".//p[@class='curve']").getparent() is card


def test_a_measure_without_a_judgement_is_not_graded_and_says_why() -> None:
    found = changed(invented.findings())
    tree = html.document_fromstring(render(found))
    card = plain(tree.get_element_by_id(f"m-{KEY}").text_content())

    assert "How far to believe it: not graded." in card
    assert "specifications" not in card
    assert "graded" not in plain(tree.get_element_by_id("short").text_content())
    short = plain(tree.get_element_by_id("m-population-PAK-WLD").text_content())
    assert re.search(r"not graded: the series has \d known values; 8 are needed\.", short)
    assert tables(found)["checks"].empty
    assert tables(found)["specifications"].empty


def test_hostile_names_in_checks_events_and_reasons_stay_words() -> None:
    bad = invented.HOSTILE
    judged = invented.answers()[1]
    curve = replace(judged.curve, event=bad)
    found = changed(invented.findings(), grade="weak", short_of=(bad,), checks=(Check(bad, False, bad),), curve=curve)
    dates = tuple(
        replace(one, dates=replace(one.dates, rivals=tuple(replace(r, name=bad) for r in one.dates.rivals)))
        if one.dates
        else one
        for one in found.readings
    )

    page = render(replace(found, readings=dates))
    tree = html.document_fromstring(page)

    assert len(list(tree.iter("script"))) == 2
    assert not list(tree.iter("img"))
    assert "<script>alert" not in page
    assert bad in tree.get_element_by_id(f"m-{KEY}").text_content()


def test_posterior_bars_are_as_high_as_their_probability_and_stand_at_their_period(tree: Any) -> None:
    dates = invented.answers()[1].dating
    drawing = tree.get_element_by_id("m-refugees-AFG-PAK").findall(".//figure")[1].find("svg")
    bars = [one.get("d") for one in drawing.iter("path") if one.get("class") == "bar"]
    parts = [re.match(r"M([\d.]+) ([\d.]+)V([\d.]+)", part) for part in re.split("z", bars[0])[:-1]]
    heights = [float(one[2]) - float(one[3]) for one in parts if one]
    claimed = next(one for one in drawing.iter("path") if one.get("class") == "claimed")
    likeliest = max(range(len(heights)), key=heights.__getitem__)

    # Heights are rounded to a tenth of a pixel, which is the tolerance.
    per_chance = max(heights) / max(dates.probabilities)
    assert heights == pytest.approx([chance * per_chance for chance in dates.probabilities], abs=0.11)
    none = re.match(r"M[\d.]+ ([\d.]+)V([\d.]+)", bars[1])
    assert float(none[1]) - float(none[2]) == pytest.approx(dates.p_no_break * per_chance, abs=0.11)
    assert dates.dates[likeliest][0] == date(2022, 1, 1)
    assert steps(claimed.get("d"))[0][0] < float(parts[likeliest][1]) + 0.1
    assert "no change" in "".join(one.text or "" for one in drawing.iter("text"))


def test_posterior_stands_on_the_time_axis_of_the_series(tree: Any) -> None:
    series, posterior = (
        one.find("svg") for one in tree.get_element_by_id("m-refugees-AFG-PAK").findall(".//figure")[:2]
    )

    def places(drawing: Any, kind: str) -> list[str]:
        return [re.match(r"M([\d.]+)", one.get("d"))[1] for one in drawing.iter("path") if one.get("class") == kind]

    assert places(series, "claimed") == places(posterior, "claimed")
    assert places(series, "rival") == places(posterior, "rival")
    assert places(series, "tick") == places(posterior, "tick")


def test_a_dense_posterior_is_one_outline_whose_top_is_the_likeliest_period() -> None:
    from detente.report.posterior import drawn

    fact = next(one for one in facts(invented.findings()) if one.measure.frequency == "month" and one.reading.dates)
    cells = fact.tracked.cells[:100]
    chances = [0.001] * 100
    chances[70] = 0.8
    days = tuple((cell.start, f"{cell.start:%Y-%m}") for cell in cells)
    windowed = f"{days[69][1]} to {days[72][1]}"
    dates = replace(
        fact.reading.dates, dates=days, probabilities=tuple(chances), p_no_break=0.05,
        claimed=replace(fact.reading.dates.claimed, windowed=windowed, probability=0.803),
    )  # fmt: skip
    asked = replace(fact, reading=replace(fact.reading, dates=dates))
    shape = readings.picture(asked, invented.protocol(), beside=54)

    drawing = first_of(drawn(asked, shape))
    path = next(one.get("d") for one in drawing.iter("path") if one.get("class") == "bar")
    tops = re.findall(r"V([\d.]+)H([\d.]+)", path)
    top = min(range(len(tops)), key=lambda at: float(tops[at][0]))
    left, right = float(tops[top - 1][1]), float(tops[top][1])
    window = next(one for one in drawing.iter("rect") if one.get("class") == "band")

    assert path.count("M") == 1
    assert len(tops) == 3
    assert float(window.get("x")) <= left < right <= float(window.get("x")) + float(window.get("width"))


def test_curve_shows_each_choice_once_and_rings_the_one_reported() -> None:
    judged = invented.answers()[1]
    curve, shown = judged.curve, reported(judged)

    drawing = first_of(specifications.drawn(curve, "persons", "A chart", shown=shown))
    paths = {one.get("class"): one.get("d") for one in drawing.iter("path") if one.get("class") != "mark"}
    marks = [one.get("d") for one in drawing.iter("path") if one.get("class") == "mark"]
    spots = sorted(steps(paths["pale spot"]) + steps(paths["told spot"]))
    ring = next(one for one in drawing.iter("circle"))

    assert len(spots) == len(curve.choices)
    assert paths["told spot"].count("M") == sum(one.found for one in curve.choices)
    assert sum(mark.count("M") for mark in marks) == 4 * len(curve.choices)
    assert [y for _, y in spots] == sorted((y for _, y in spots), reverse=True)
    assert (float(ring.get("cx")), float(ring.get("cy"))) == spots[curve.choices.index(shown)]
    reach = [float(y) for path in (paths["pale"], paths["told"]) for y in re.findall(r"(?<=[ V])[\d.]+", path)]
    assert min(reach) >= specifications.HEAD
    assert max(reach) <= specifications.HEAD + specifications.PLOT


def test_the_ringed_choice_is_the_effect_that_the_page_reports() -> None:
    judged = invented.answers()[1]
    shown = reported(judged)

    # The same function on the same values: equal but for rounding.
    assert 100 * shown.effect == pytest.approx(judged.effect.effect, rel=1e-9)
    assert 100 * shown.low == pytest.approx(judged.effect.low, rel=1e-9)


def test_a_curve_without_the_reported_choice_rings_none_and_says_so() -> None:
    curve = invented.answers()[1].curve
    given = tuple(one for one in curve.choices if one.scale == "as given")
    found = changed(invented.findings(), curve=replace(curve, choices=given))
    card = html.document_fromstring(render(found)).get_element_by_id(f"m-{KEY}")

    assert "The step that this page reports is none of them" in card.text_content()
    assert "Ringed" not in card.text_content()
    assert not [one for one in card.iter("circle") if one.get("class") == "chosen"]


def test_in_short_counts_the_grades() -> None:
    def said(*grades: str) -> str:
        some = [one for one in facts(invented.findings()) if one.reading.judged][: len(grades)]
        return graded(
            [
                replace(one, reading=replace(one.reading, judged=replace(one.reading.judged, grade=grade)))
                for one, grade in zip(some, grades, strict=True)
            ]
        )

    assert said("weak", "none", "none").endswith(
        "Of the 3 measures that can be graded, none gives strong or moderate evidence, 1 gives weak evidence and 2 "
        "give none."
    )
    assert said("strong", "moderate", "moderate").endswith("1 gives strong evidence and 2 give moderate evidence.")
    assert said() == ""


def test_the_rule_states_the_numbers_that_grading_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.turning_points.belief import grade, placebos
    from detente.turning_points.dating import rivals

    for where, name, value in (
        (grade, "BEFORE", 17), (grade, "AFTER", 6), (grade, "AGREE", 0.73), (grade, "TELL", 0.41),
        (placebos, "TOLERATED", 0.19), (rivals, "SURE", 0.87),
    ):  # fmt: skip
        monkeypatch.setattr(where, name, value)

    told = plain(" ".join(one.text for one in rule()))

    assert [one.grade for one in rule()] == ["none", "weak", "moderate", "strong"]
    for number in ("17 periods", "6 after", "73 %", "41 %", "19 %", "87 %"):
        assert number in told


def test_every_check_of_a_judgement_is_explained() -> None:
    from detente.report.belief import CHECKS

    assert {f"{one.name[0].upper()}{one.name[1:]}" for one in invented.answers()[1].checks} == set(CHECKS)


def test_limits_name_the_series_on_which_the_procedure_cries_wolf() -> None:
    loud = FalseAlarms(tuple(Placebo(f"{year}", 1.0, 0.01 if year < 2003 else 0.5) for year in range(2000, 2020)), 0.95)
    found = changed(invented.findings(), alarms=loud)

    said = {one.head: one for one in limits(found, facts(found))}
    quiet = {one.head for one in limits(invented.findings(), facts(invented.findings()))}

    assert said["Series on which the procedure cries wolf."].items[0].endswith(": 3 of 20 dates")
    assert "Series on which the procedure cries wolf." not in quiet


def test_false_alarms_that_cannot_be_known_are_not_called_none() -> None:
    few = FalseAlarms((Placebo("2000", 1.0, 0.5),), 0.95)
    fact = next(one for one in facts(changed(invented.findings(), alarms=few)) if one.reading.judged)

    said = belief(fact, str)

    assert said is not None
    assert "cannot be known (1 quiet date could be tried)" in said.surely


def test_checks_and_specifications_are_tables_of_their_own() -> None:
    found = invented.findings()
    judged = [one.judged for one in found.readings if one.judged]
    made = tables(found)
    checks, choices = made["checks"], made["specifications"]

    assert len(checks) == sum(len(one.checks) for one in judged)
    mine = checks[checks["measure"] == "us_economic_aid"]
    assert [None if pd.isna(one) else bool(one) for one in mine["passed"]] == [one.passed for one in judged[0].checks]
    assert len(choices) == sum(len(one.curve.choices) for one in judged)
    first = choices[choices["measure"] == "us_economic_aid"].iloc[0]
    assert first["effect"] == pytest.approx(100 * judged[0].curve.choices[0].effect)
    assert first["unit"] == "% of what was expected"


def test_choices_in_the_unit_of_the_series_keep_it_in_the_table() -> None:
    curve = replace(invented.answers()[1].curve, unit="stops")

    choices = tables(changed(invented.findings(), curve=curve))["specifications"]

    assert set(choices["unit"]) == {"stops"}
    assert choices["effect"].iloc[0] == pytest.approx(curve.choices[0].effect)


def test_effects_carry_their_grade_and_false_alarms_in_the_table() -> None:
    found = invented.findings()
    effects = tables(found)["effects"].set_index("measure")
    judged = next(one.judged for one in found.readings if one.line.measure == "us_economic_aid")

    row = effects.loc["us_economic_aid"]

    assert (row["grade"], row["alarm_dates"]) == (judged.grade, judged.alarms.tried)
    assert row["alarm_rate"] == pytest.approx(judged.alarms.rate)
    assert row["unit"] == "% of what was expected"
    assert effects.loc["population", "grade"] == ""


def test_hostile_details_of_checks_are_no_formula_in_a_spreadsheet() -> None:
    found = changed(invented.findings(), checks=(Check("=cmd()", False, "=HYPERLINK(1)"),))

    safe = neutralised(tables(found)["checks"])

    assert set(safe["check"]) == {"'=cmd()"}
    assert set(safe["detail"]) == {"'=HYPERLINK(1)"}
