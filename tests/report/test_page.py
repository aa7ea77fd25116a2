"""What the page is made of: order, safety, size, and a place behind every number."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from lxml import html

from detente.report import provenance, render, words
from detente.report.closing import web
from tests.report import invented

SECTIONS = ["short", "dimensions", "changes", "measures", "region", "claims", "sources", "grades", "limits", "record"]


@pytest.fixture(scope="module")
def page() -> str:
    return render(invented.findings())


@pytest.fixture(scope="module")
def tree(page: str) -> Any:
    return html.document_fromstring(page)


def data(tree: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(tree.get_element_by_id("data").text)
    return found


def test_sections_stand_in_the_order_a_reader_needs(tree: Any) -> None:
    assert [one.get("id") for one in tree.iter("section")] == SECTIONS


def test_page_has_a_language_one_first_heading_and_no_skipped_level(tree: Any) -> None:
    levels = [int(one.tag[1]) for one in tree.body.iter("h1", "h2", "h3", "h4") if one.getparent().tag != "dialog"]

    assert tree.get("lang") == "en"
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_ids_are_unique_and_every_inner_link_has_its_target(tree: Any) -> None:
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    targets = {one.get("href")[1:] for one in tree.iter("a") if one.get("href").startswith("#")}

    assert len(ids) == len(set(ids))
    assert targets <= set(ids)


def test_page_asks_nothing_of_any_server(page: str, tree: Any) -> None:
    loading = [one for one in tree.iter() if one.get("src") or one.tag in ("link", "iframe", "object", "embed", "base")]
    outward = [one for one in tree.iter("a") if one.get("href").startswith("http")]

    assert not loading
    assert "default-src 'none'" in page
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|\beval\(", page)
    assert outward
    assert all("noreferrer" in one.get("rel", "") for one in outward)


def test_hostile_words_stay_words() -> None:
    page = render(replace(invented.findings(), protocol=invented.protocol(invented.HOSTILE)))
    tree = html.document_fromstring(page)

    assert tree.find(".//h1").text_content() == invented.HOSTILE
    assert len(list(tree.iter("script"))) == 2
    assert not list(tree.iter("img"))
    assert "<script>alert" not in page
    assert any(row[0] == invented.HOSTILE for row in [[one.text] for one in tree.iter("title")])


def test_each_claim_stands_with_its_verdict_and_its_reason(tree: Any) -> None:
    rows = tree.get_element_by_id("claims").findall(".//tbody/tr")

    for row, verdict in zip(rows, invented.findings().verdicts, strict=True):
        statement, outcome, reason = row
        assert verdict.statement in statement.text_content()
        assert outcome.text_content().split()[-1] == verdict.outcome
        assert verdict.because in reason.text_content()


def test_a_verdict_of_several_tests_lists_them_one_by_one() -> None:
    several = replace(
        invented.findings().verdicts[0], because="Mixed (1 of 2). (1) Supported: it fell. (2) Contradicted: it rose."
    )
    tree = html.document_fromstring(render(replace(invented.findings(), verdicts=(several,))))

    listed = [one.text_content() for one in tree.get_element_by_id("claims").iter("li")]
    assert listed[:2] == ["Supported: it fell.", "Contradicted: it rose."]


def test_json_within_the_page_cannot_end_its_element() -> None:
    text = provenance.script_json({"a": "</script><!--\u2028"})

    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"a": "</script><!--\u2028"}


def test_an_address_that_could_run_is_not_linked() -> None:
    assert web("javascript:alert(1)") == ""
    assert web("https://example.org/x") == "https://example.org/x"


def test_every_number_has_something_behind_it(tree: Any) -> None:
    held = data(tree)
    cells = [one.get("data-c") for one in tree.iter("a") if one.get("data-c")]
    results = [one.get("data-r") for one in tree.iter() if one.get("data-r")]
    evidence = [one.get("data-v") for one in tree.iter("a") if one.get("data-v")]

    assert len(cells) == sum(len(one["cells"]) for one in held["measures"].values())
    for cell in cells:
        key, _, number = cell.rpartition(":")
        assert held["measures"][key]["cells"][int(number)]
    assert results
    assert set(results) <= set(held["results"])
    assert evidence
    assert set(evidence) <= set(held["claims"])


def test_every_cell_leads_to_records_with_row_file_and_hash(tree: Any) -> None:
    held = data(tree)
    measured = held["measures"]["us_economic_aid-USA-PAK"]["cells"]

    _, _, value, status, count, records = next(cell for cell in measured if cell[0] == "2024-10-01")
    words = held["records"][records[0]]
    file = held["files"][words[10]]

    assert (status, count) == ("final", 1)
    assert words[9] == pytest.approx(value)
    assert held["words"][words[8]].startswith("sheet 1, row ")
    assert len(file[0]) == 64
    assert file[1] == "usaid_greenbook.csv"
    assert all(row is not None for row in held["records"])


def test_a_number_and_what_it_opens_are_the_same(tree: Any) -> None:
    held = data(tree)["measures"]
    for link in tree.iter("a"):
        if link.get("data-c"):
            key, _, number = link.get("data-c").rpartition(":")
            assert words.exact(held[key]["cells"][int(number)][2], held[key]["unit"]) == link.text


def test_a_cell_with_many_records_says_how_many_and_carries_some(tree: Any) -> None:
    cells = data(tree)["measures"]["ged_group_fatalities-TTP-PAK"]["cells"]

    assert all(len(cell[5]) == min(cell[4], provenance.CAPS[0]) for cell in cells)
    assert any(cell[3] == "none" and cell[4] == 0 and cell[2] == 0 for cell in cells)


def test_a_dimension_without_data_says_so_in_words(tree: Any) -> None:
    section = tree.get_element_by_id("i-nothing")

    assert "No index can be given" in section.text_content()
    assert not list(section.iter("svg"))
    assert "holds no data for this dimension" in tree.get_element_by_id("g-nothing").text_content()


def test_a_series_too_short_says_so_in_words(tree: Any) -> None:
    panel = tree.get_element_by_id("m-population-PAK-WLD").text_content()

    assert "too little before or after the claimed date" in panel
    assert "8 are needed" in panel


def test_a_study_without_claims_or_files_still_makes_a_page() -> None:
    bare = replace(invented.findings(), verdicts=(), index=(), files=invented.findings().files.iloc[:0])

    tree = html.document_fromstring(render(bare))

    assert "puts no claims to the test" in tree.get_element_by_id("claims").text_content()
    assert "holds no files" in tree.get_element_by_id("sources").text_content()
    assert "no index was computed" in tree.get_element_by_id("i-economic_aid").text_content()


def test_a_study_without_readings_still_makes_a_page() -> None:
    tree = html.document_fromstring(render(replace(invented.findings(), readings=())))

    assert "no measure is long enough" in tree.get_element_by_id("short").text_content()
    assert "No measure has data" in tree.get_element_by_id("changes").text_content()


def test_verdict_comes_first_and_counts_every_measure(tree: Any) -> None:
    lead = tree.get_element_by_id("short").find_class("lead")[0].text_content()

    assert "15 Aug 2021" in lead
    assert "themselves" in lead
    assert sum(int(word) for word in re.findall(r"\b(\d+) (?:break|show|the data|further)", lead)) + int(
        re.findall(r"shows in (\d+)", lead)[0]
    ) == len(invented.findings().readings)


def test_a_difference_of_means_is_told_from_a_step_at_the_date(tree: Any) -> None:
    table = tree.get_element_by_id("changes").text_content()
    panel = tree.get_element_by_id("m-us_economic_aid-USA-PAK").text_content()

    assert "net of drift" in table
    assert "difference " in table
    assert "describes and dates nothing" in panel
    assert "beyond the drift or trend of the series" in panel


def test_pictures_have_a_name_and_two_widths(tree: Any) -> None:
    drawn = [one for one in tree.iter("svg") if one.get("role") == "img"]
    panel = tree.get_element_by_id("m-us_economic_aid-USA-PAK")

    assert all(len(one.get("aria-label", "")) > 20 for one in drawn)
    assert [one.get("class") for one in panel.iter("svg")] == 3 * ["pic wide", "pic slim"]


def test_size_of_45_measures_and_more_stays_below_3_megabytes() -> None:
    findings = invented.findings(large=True)

    page = render(findings)

    assert len(findings.readings) >= 45
    assert len(page.encode()) <= 3_000_000


def test_records_are_capped_when_the_lineage_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "BUDGET", 62 * 1200)

    assert provenance.cap(invented.findings()) < provenance.CAPS[0]


def test_same_findings_give_the_same_page(page: str) -> None:
    assert render(invented.findings()) == page
