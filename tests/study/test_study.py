"""The study folder end to end: open, ingest, panel, trace, new studies of other dyads."""

import shutil
from datetime import date

import pandas as pd
import pytest

import detente
from detente.errors import PanelError, StudyError
from detente.study import Study, demo, new, sources

TABLE = """\
title: My table
publisher: Me
version: "1"
licence: CC0
url: mine
citation: Me (2026)
covers: {from: 2010-01-01, to: 2020-12-31}
files: ["*.csv"]
columns: {used: [who, whom, year, value]}
mapping: {sender: who, receiver: whom, period: year, value: value, unit: "=letters", indicator: "=letters_sent"}
"""


def copied(folder, tmp_path):
    target = tmp_path / "study"
    shutil.copytree(folder, target)
    return target


def test_the_bundled_study_opens_and_measures(demo_study):
    frame = demo_study.panel().frame
    assert {"us_military_aid", "goods_balance", "fatalities", "us_visits", "un_agreement", "refugees"} <= set(
        frame["measure"]
    )
    assert demo_study.panel().fingerprint == detente.open(demo_study.folder).panel().fingerprint


def test_every_number_of_the_panel_leads_to_a_row_a_file_and_a_citation(demo_study):
    panel = demo_study.panel()
    known = panel.frame[panel.frame["records"] > 0]
    for row in known.groupby("measure").tail(1).itertuples():
        ids = panel.cell(detente.records.Dyad(row.sender, row.receiver), row.measure, row.period_start.date())
        found = demo_study.lineage(ids)
        assert len(found) == len(ids) > 0, row.measure
        assert found["source_row"].notna().all()
        assert found["file"].str.fullmatch(r"[0-9a-f]{64}").all()
        assert found["citation"].str.len().gt(10).all()
        assert found["licence"].notna().all()


def test_greenbook_shows_what_the_paper_could_not_date(demo_study):
    """Military obligations to Pakistan: 281.0 million in FY2017, 1.0 million in FY2018 (USAID Greenbook)."""
    from detente.panel import Line, PanelSpec, build
    from detente.records import Dyad

    spec = PanelSpec((Line("us_military_aid_current", Dyad("USA", "PAK")),))
    frame = build(demo_study.records, spec, demo_study.actors).frame.set_index("period_start")["value"]
    assert frame[pd.Timestamp("2016-10-01")] / 1e6 == pytest.approx(281.0, abs=0.05)
    assert frame[pd.Timestamp("2017-10-01")] / 1e6 == pytest.approx(1.0, abs=0.05)


def test_no_us_leader_is_recorded_in_pakistan_after_september_2018(demo_study):
    frame = demo_study.panel().frame
    visits = frame[(frame["measure"] == "us_visits") & (frame["receiver"] == "PAK")].set_index("period_start")
    later = visits.loc["2019-01-01":"2024-01-01"]
    assert list(later["value"]) == [0.0] * 6
    assert set(later["status"]) == {"none"}
    assert visits.loc[pd.Timestamp("2018-01-01"), "value"] >= 1
    assert visits.loc[pd.Timestamp("2025-01-01"), "status"] in ("unknown", "partial")


def test_trace_gives_the_source_rows_behind_one_number(demo_study):
    rows = demo_study.trace("us_military_aid", date(2016, 10, 1))
    assert set(rows["name"]) == {"us_foreignaid_greenbook.xlsx"}
    assert rows["source_row"].str.startswith("row ").all()


def test_revisions_line_up_the_vintages(demo_study):
    table = demo_study.revisions("fatalities", "WLD", "PAK").set_index("period_start")
    versions = [name for name in table.columns if name != "revised"]
    assert len(versions) == 9
    june = table.loc[pd.Timestamp("2024-06-01"), versions].dropna()
    assert june.iloc[0] != june.iloc[-1]


def test_a_table_of_ones_own_needs_only_a_yml(demo_folder, tmp_path):
    folder = copied(demo_folder, tmp_path)
    (folder / "sources").mkdir()
    (folder / "sources" / "letters.yml").write_text(TABLE, encoding="utf-8")
    data = tmp_path / "letters.csv"
    data.write_text(
        "who,whom,year,value\nUnited States,Pakistan,2015,3\nPakistan,United States,2015,4\n", encoding="utf-8"
    )
    study = detente.open(folder)
    read, added = study.ingest("letters", [data])
    assert (read.rows, read.read, added.new) == (2, 2, 2)
    assert study.ingest("letters", [data])[1].new == 0
    assert "letters" in set(study.sources().query("held != ''")["source_id"])


def test_a_table_of_ones_own_is_measured_without_code(demo_folder, tmp_path):
    folder = copied(demo_folder, tmp_path)
    (folder / "sources").mkdir()
    (folder / "sources" / "letters.yml").write_text(TABLE, encoding="utf-8")
    text = (folder / "study.yml").read_text(encoding="utf-8")
    line = '      - {measure: "letters:letters_sent@year", closer: "+"}\n'
    (folder / "study.yml").write_text(
        text.replace("      - {measure: us_visits", line + "      - {measure: us_visits", 1)
    )
    data = tmp_path / "letters.csv"
    rows = "".join(f"United States,Pakistan,{year},{year % 7 + 1}\n" for year in range(2002, 2026))
    data.write_text("who,whom,year,value\n" + rows, encoding="utf-8")
    study = detente.open(folder)
    study.ingest("letters", [data])
    series = study.series("letters:letters_sent@year")
    assert series.unit == "letters"
    assert series.frame["value"].tolist() == [year % 7 + 1 for year in range(2002, 2026)]
    assert len(study.trace("letters:letters_sent@year", date(2010, 1, 1))) == 1


def test_adding_a_source_changes_no_number_of_another(demo_folder, demo_study, tmp_path):
    folder = copied(demo_folder, tmp_path)
    before = demo_study.panel().fingerprint
    (folder / "sources").mkdir()
    (folder / "sources" / "letters.yml").write_text(TABLE, encoding="utf-8")
    data = tmp_path / "letters.csv"
    data.write_text("who,whom,year,value\nUnited States,Pakistan,2015,3\n", encoding="utf-8")
    study = detente.open(folder)
    study.ingest("letters", [data])
    assert study.panel().fingerprint == before


@pytest.mark.parametrize(
    ("dyad", "at", "expected"),
    [
        (("USA", "IND"), date(2016, 6, 1), "goods_exports"),
        (("AFG", "PAK"), date(2021, 8, 15), "refugees"),
        (("Pakistan", "China"), date(2015, 4, 20), "un_ideal_distance"),
    ],
)
def test_a_new_study_of_any_dyad_measures_from_the_same_sources(dyad, at, expected, tmp_path):
    study = new(tmp_path / "new", dyad, at)
    assert expected in set(study.panel().frame["measure"])
    assert study.protocol.turning_point.date == at
    assert study.ledger()


def test_a_new_study_outside_the_data_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(PanelError) as caught:
        new(tmp_path / "new", ("USA", "PAK"), date(2035, 1, 1))
    assert "outside the data" in caught.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("dyad", "says", "hint"),
    [
        (("USA", "USA"), "both are United States", "two different"),
        (("USA", "United States"), "both are United States", "two different"),
        (("USA", "TTP"), "is no state", "armed_groups"),
        (("USA", "World"), "is no state", "two states"),
        (("USA", "pak"), "no actor 'pak'", "did you mean PAK?"),
        (("USA", "Pakistn"), "no actor 'Pakistn'", "PAK"),
    ],
)
def test_a_new_study_is_of_two_different_states(dyad, says, hint, tmp_path):
    with pytest.raises(StudyError, match=says) as caught:
        new(tmp_path / "new", dyad, date(2021, 8, 15))
    assert hint in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    for begin in (lambda: demo(tmp_path), lambda: new(tmp_path, ("USA", "PAK"), date(2021, 8, 15))):
        with pytest.raises(StudyError, match="not empty"):
            begin()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_opening_a_folder_without_a_study_says_how_to_make_one(tmp_path):
    with pytest.raises(StudyError) as caught:
        Study.open(tmp_path)
    assert "detente new" in caught.value.hint


def test_the_list_of_sources_names_licence_coverage_and_where_to_get_each():
    frame = sources()
    assert len(frame) >= 20
    for column in ("licence", "covers_from", "covers_to", "get_it_from", "citation", "reads"):
        assert frame[column].astype(str).str.len().gt(0).all(), column
