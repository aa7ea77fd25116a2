"""What all sources share: whatever a reader or a file gets wrong stops, and what one should know is noted."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, StudyError, UnknownLabel, UnknownName
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS
from detente.sources import Catalogue
from detente.sources.files import read_csv
from detente.sources.ingest import Ingested, ingest
from detente.sources.reading import Context, Reading, days, numbers, tally, words
from detente.sources.spec import Lookup, SourceSpec, load

YML = """\
title: Invented figures
publisher: Nobody
version: "1"
licence: CC0
url: https://example.org
citation: Nobody (2024)
covers: {from: 2020-01-01, to: 2020-12-31}
files: ["*.csv"]
"""
SPEC = SourceSpec.model_validate(
    {
        "source_id": "invented",
        "title": "Invented figures",
        "publisher": "Nobody",
        "version": "1",
        "licence": "CC0",
        "url": "https://example.org",
        "citation": "Nobody (2024)",
        "covers": {"from": date(2020, 1, 1), "to": date(2020, 12, 31)},
        "files": ("*.csv",),
        "columns": {"used": ("state", "day", "value")},
    }
)
ROWS = "state,day,value\nPakistan,2020-03-01,1\nIndia,2020-03-01,2\nWorld,2020-03-01,3\n"


def spec(**changes: Any) -> SourceSpec:
    return SPEC.model_copy(update=changes)


def context(**changes: Any) -> Context:
    return Context(spec(**changes), registry())


def read(path: Path, context: Context) -> Reading:
    frame = read_csv(path, context.spec.columns)
    day = days(frame["day"], "invented, day")
    states, reasons = context.actors(frame["state"], on=day)
    kept = reasons.isna()
    observations = pd.DataFrame(
        {
            "indicator": "figure",
            "sender": states[kept],
            "receiver": "WLD",
            "period_start": day[kept],
            "period_end": day[kept],
            "value": numbers(frame["value"], "invented, value")[kept],
            "source_row": frame.loc[kept, "row"],
        }
    )
    return Reading(len(frame), int(kept.sum()), tally(reasons), observations=observations)


def changed(**changes: Any) -> Callable[[Path, Context], Reading]:
    """A reader whose result is changed in the named attributes."""

    def reader(path: Path, context: Context) -> Reading:
        reading = read(path, context)
        kept = {name: getattr(reading, name) for name in ("rows", "read", "skipped", "observations")}
        return Reading(**(kept | changes))

    return reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "figures.csv"
    found.write_text(ROWS, encoding="utf-8")
    return found


def run(path: Path, reader: Callable[[Path, Context], Reading] = read, version: str = "", **changes: Any) -> Ingested:
    return ingest(spec(**changes), reader, [path], registry(), version=version)


def test_records_carry_source_version_file_and_row(path: Path) -> None:
    found = run(path)
    row = found.tables["observations"].iloc[0]
    file = found.tables["files"].iloc[0]
    assert (row["source_id"], row["version"], row["source_row"], row["sender"]) == ("invented", "1", "row 2", "PAK")
    assert row["file"] == file["file"]
    assert len(row["file"]) == 64
    assert (file["name"], file["bytes"], file["rows"], file["records"]) == ("figures.csv", len(ROWS), 3, 2)
    assert json.loads(file["skipped"]) == {"aggregate, not a state": 1}
    assert (file["licence"], file["citation"], file["covers_to"]) == (
        "CC0",
        "Nobody (2024)",
        pd.Timestamp("2020-12-31"),
    )


def test_every_table_is_complete_typed_and_in_order(path: Path) -> None:
    tables = run(path).tables
    for table in (EVENTS, OBSERVATIONS, COVERAGE, FILES):
        assert list(tables[table.name].columns) == list(table.columns)
    observations = tables["observations"]
    assert observations["value"].dtype == "float64"
    assert observations["period_start"].dtype == "datetime64[us]"
    assert observations["item"].isna().all()
    assert tables["events"].empty


def test_no_file_is_an_error_that_says_which_to_fetch() -> None:
    with pytest.raises(SourceError, match="no file given") as stopped:
        ingest(SPEC, read, [], registry())
    assert "https://example.org" in stopped.value.hint


@pytest.mark.parametrize(("rows", "read_rows"), [(4, 2), (3, 1), (2, 2)])
def test_rows_unaccounted_for_stop_the_reading(path: Path, rows: int, read_rows: int) -> None:
    with pytest.raises(SourceError, match=f"{rows} rows in figures.csv, but {read_rows} read and 1 skipped") as stopped:
        run(path, changed(rows=rows, read=read_rows))
    assert "defect of the reader" in stopped.value.hint


def test_a_column_that_no_table_has_stops_the_reading(path: Path) -> None:
    extra = pd.DataFrame({"sender": ["PAK"] * 2, "receiver": ["WLD"] * 2, "colour": ["red"] * 2})
    with pytest.raises(SourceError, match="gives unknown columns: colour"):
        run(path, changed(observations=extra))


@pytest.mark.parametrize("column", ["sender", "receiver"])
def test_a_record_of_nobody_stops_the_reading(path: Path, column: str) -> None:
    rows = pd.DataFrame({"sender": ["PAK", "IND"], "receiver": ["WLD", "WLD"]})
    rows.loc[1, column] = None
    with pytest.raises(SourceError, match="1 rows of observations name no sender or no receiver"):
        run(path, changed(observations=rows))


def test_unknown_labels_stop_with_their_counts_and_near_names(path: Path) -> None:
    path.write_text(
        ROWS.replace("India", "Pakistann") + "Pakistann,2020-03-02,4\nXyzzy,2020-03-01,5\n", encoding="utf-8"
    )
    with pytest.raises(
        UnknownLabel, match=r"invented: 2 labels of no known actor: 'Pakistann' \(2\), 'Xyzzy' \(1\)"
    ) as stopped:
        run(path)
    assert stopped.value.labels == {"Pakistann": 2, "Xyzzy": 1}
    assert "Pakistan (PAK)" in stopped.value.hint


def test_a_known_name_outside_its_lifetime_stops_with_the_remedy(path: Path) -> None:
    path.write_text(ROWS.replace("India,2020", "South Sudan,2010"), encoding="utf-8")
    with pytest.raises(SourceError, match="actors named outside their lifetime: South Sudan") as stopped:
        run(path)
    assert "lookup with dates" in stopped.value.hint


def test_a_lookup_with_dates_applies_in_its_time_only() -> None:
    lookups = (
        Lookup.model_validate(
            {"label": "Both Yemens", "actor": "YAR", "until": date(1990, 5, 21), "reason": "before union"}
        ),
        Lookup.model_validate(
            {"label": "Both Yemens", "actor": "YEM", "from": date(1990, 5, 22), "reason": "after union"}
        ),
    )
    labels = pd.Series(["Both Yemens", "Both Yemens", "Both Yemens"], index=[7, 3, 5])
    on = pd.Series(pd.to_datetime(["1990-05-21", "1990-05-22", "2020-01-01"]), index=[7, 3, 5])
    ids, reasons = context(lookups=lookups).actors(labels, on=on)
    assert ids.to_dict() == {7: "YAR", 3: "YEM", 5: "YEM"}
    assert reasons.isna().all()
    ended = (lookups[0],)
    with pytest.raises(UnknownLabel, match="Both Yemens"):
        context(lookups=ended).actors(labels, on=on)


def test_a_lookup_without_an_actor_skips_its_rows_for_its_reason(path: Path) -> None:
    path.write_text(ROWS.replace("India", "Unknown origin"), encoding="utf-8")
    found = run(path, lookups=(Lookup(label="Unknown origin", reason="origin not recorded"),))
    assert found.skipped == {"origin not recorded": 1, "aggregate, not a state": 1}
    assert found.notes == ()


def test_lookups_that_match_nothing_are_noted(path: Path) -> None:
    found = run(path, lookups=(Lookup(label="Prussia*", actor="DEU", reason="old name"),))
    assert found.notes == ("1 lookups matched nothing: Prussia*",)


def test_many_rows_of_one_label_are_asked_for_once() -> None:
    ids, reasons = context().actors(pd.Series(["Pakistan", "World"] * 500), on=date(2020, 1, 1))
    assert ids.value_counts().to_dict() == {"PAK": 500}
    assert tally(reasons) == {"aggregate, not a state": 500}


@pytest.mark.parametrize(
    ("own", "override", "expected"), [("", "", "1"), ("vintage 2", "", "vintage 2"), ("vintage 2", "mine", "mine")]
)
def test_a_version_given_outweighs_that_of_the_file_and_that_of_the_description(
    path: Path, own: str, override: str, expected: str
) -> None:
    found = run(path, changed(version=own), version=override)
    assert set(found.tables["observations"]["version"]) == {expected}
    assert set(found.tables["files"]["version"]) == {expected}


def test_an_extract_is_noted_and_another_version_is_not_compared(path: Path) -> None:
    expected = {"rows": 300, "records": None}
    assertions = SPEC.assertions.model_copy(update=expected)
    assert run(path, assertions=assertions).notes == ("the whole file has 300 rows in version 1; this one has 3",)
    assert run(path, changed(version="2"), assertions=assertions).notes == ()


def test_a_whole_file_with_other_records_than_described_stops(path: Path) -> None:
    same = SPEC.assertions.model_copy(update={"rows": 3, "records": 2})
    assert run(path, assertions=same).records == 2
    other = SPEC.assertions.model_copy(update={"rows": 3, "records": 3})
    with pytest.raises(SourceError, match=r"the whole of 1 gives 3 records, this file 2"):
        run(path, assertions=other)


def test_several_files_add_up_and_repeated_coverage_stands_once(path: Path, tmp_path: Path) -> None:
    second = tmp_path / "more.csv"
    second.write_text("state,day,value\nChina,2020-04-01,9\n", encoding="utf-8")
    span = {"indicator": "figure", "sender": "*", "receiver": "*", "period_start": date(2020, 1, 1)}
    covered = pd.DataFrame([span | {"period_end": date(2020, 12, 31)}])
    found = ingest(SPEC, changed(coverage=covered), [path, second], registry())
    assert (found.rows, found.read, found.skipped) == (4, 3, {"aggregate, not a state": 1})
    assert list(found.tables["files"]["name"]) == ["figures.csv", "more.csv"]
    assert len(found.tables["coverage"]) == 1
    assert found.tables["observations"]["file"].nunique() == 2


def test_only_the_words_for_unknown_become_unknown() -> None:
    found = numbers(pd.Series(["1,200", " 3 ", "", "n.a."]), "here", thousands=",", unknown=("", "n.a."))
    assert found.iloc[:2].tolist() == [1200, 3]
    assert found.iloc[2:].isna().all()
    with pytest.raises(SourceError, match=r"here: 1 cells are not numbers, such as 'n\.a\.'") as stopped:
        numbers(pd.Series(["1", "n.a."]), "here")
    assert stopped.value.hint


def test_days_and_codes_that_are_not_understood_stop() -> None:
    assert days(pd.Series(["2020-02-29", ""]), "here").tolist() == [pd.Timestamp("2020-02-29"), pd.NaT]
    with pytest.raises(SourceError, match="here: 1 cells are not days, such as '2021-02-29'"):
        days(pd.Series(["2021-02-29"]), "here")
    assert words(pd.Series(["1", "2"]), {"1": "one", "2": "two"}, "here").tolist() == ["one", "two"]
    with pytest.raises(SourceError, match="code that is not known, such as '3'"):
        words(pd.Series(["3"]), {"1": "one"}, "here")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (YML + "licens: MIT\n", "licens: Extra inputs are not permitted"),
        (YML.replace("licence: CC0\n", ""), "licence: Field required"),
        (YML.replace("2020-12-31", "soon"), "covers.to"),
        (YML + "title: [\n", "is not valid YAML"),
        ("", "title: Field required"),
    ],
)
def test_a_description_that_is_not_valid_names_file_and_field(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=r"mine\.yml") as stopped:
        load(path)
    assert problem in str(stopped.value)
    assert stopped.value.hint


def test_a_study_may_add_a_description_but_no_code(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(YML, encoding="utf-8")
    (tmp_path / "mine.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    catalogue = Catalogue.of(tmp_path)
    assert catalogue.spec("mine").title == "Invented figures"
    with pytest.raises(SourceError, match="mine has no reader") as stopped:
        catalogue.ingest("mine", [], registry())
    assert "mapping" in stopped.value.hint


def test_an_unknown_source_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no source named 'ucdp_gedd'") as stopped:
        Catalogue.of().spec("ucdp_gedd")
    assert "ucdp_ged" in stopped.value.hint


def test_errors_are_also_what_a_caller_would_catch() -> None:
    assert issubclass(SourceError, ValueError)
    assert issubclass(UnknownLabel, LookupError)
    assert not issubclass(SourceError, StudyError)
