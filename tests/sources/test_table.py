"""A user's own table: a `.yml` is all it takes."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.records import Frequency
from detente.sources import Catalogue, Ingested
from detente.sources.table import periods

DESCRIPTION = """
title: Scholarships, invented
publisher: The user
version: "1"
licence: the user's own
url: https://example.org
citation: The user (2026).
covers: {{from: 2000-01-01, to: 2030-12-31}}
files: ["scholarships.*"]
columns: {{ignored: [note]}}
mapping:
  sender: {sender}
  receiver: host
  period: when
  value: persons
  unit: {unit}
  indicator: =scholarships
  scheme: {scheme}
  frequency: {frequency}
"""
TABLE = {
    "home": ["Pakistan", "India", "Pakistan"],
    "host": ["United States", "United States", "China"],
    "when": ["2020", "2020", "2021"],
    "persons": ["10", "", "12.5"],
    "note": ["a", "b", "=HYPERLINK(1)"],
}


def describe(folder: Path, **choices: str) -> Catalogue:
    words = {"sender": "home", "unit": "=persons", "scheme": "name", "frequency": "year", **choices}
    (folder / "scholarships.yml").write_text(DESCRIPTION.format(**words), encoding="utf-8")
    return Catalogue.of(folder)


def written(folder: Path, form: str = "csv", **columns: list[str]) -> Path:
    frame = pd.DataFrame({**TABLE, **columns})
    path = folder / f"scholarships.{form}"
    if form == "csv":
        frame.to_csv(path, index=False)
    elif form == "parquet":
        typed = frame.assign(
            persons=pd.to_numeric(frame["persons"].replace("", None)), when=frame["when"].astype("int64")
        )
        typed.to_parquet(path)
    else:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(list(frame.columns))
        for line in frame.drop(columns="note").assign(note="").itertuples(index=False):
            sheet.append([int(cell) if str(cell).isdigit() else cell for cell in line])
        book.save(path)
    return path


def ingest(folder: Path, path: Path, **choices: str) -> Ingested:
    return describe(folder, **choices).ingest("scholarships", [path], registry())


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_description_alone_reads_each_format(tmp_path: Path, form: str) -> None:
    found = ingest(tmp_path, written(tmp_path, form))
    table = found.tables["observations"]
    assert (found.rows, found.read, found.skipped) == (3, 3, {})
    assert list(zip(table["sender"], table["receiver"], strict=True)) == [
        ("PAK", "USA"),
        ("IND", "USA"),
        ("PAK", "CHN"),
    ]
    assert table["value"].fillna(-1).tolist() == [10, -1, 12.5]
    assert table["period_end"].dt.strftime("%Y-%m-%d").tolist() == ["2020-12-31", "2020-12-31", "2021-12-31"]
    assert set(table["indicator"]) == {"scholarships"}
    assert set(table["unit"]) == {"persons"}
    assert table["source_row"].iloc[0] == ("row 1" if form == "parquet" else "row 2")
    assert found.tables["coverage"].empty


def test_a_constant_actor_is_given_by_its_id_or_as_anyone(tmp_path: Path) -> None:
    path = written(tmp_path, host=["United States", "India", "China"])
    own = describe(tmp_path, sender="=PAK")
    text = (tmp_path / "scholarships.yml").read_text(encoding="utf-8").replace("[note]", "[note, home]")
    (tmp_path / "scholarships.yml").write_text(text, encoding="utf-8")
    assert set(own.ingest("scholarships", [path], registry()).tables["observations"]["sender"]) == {"PAK"}
    (tmp_path / "scholarships.yml").write_text(text.replace("=PAK", "=WLD"), encoding="utf-8")
    assert set(own.ingest("scholarships", [path], registry()).tables["observations"]["sender"]) == {"WLD"}


def test_codes_are_read_in_the_scheme_named(tmp_path: Path) -> None:
    path = written(tmp_path, home=["564", "534", "564"], host=["111", "111", "924"])
    assert ingest(tmp_path, path, scheme="imf").tables["observations"]["sender"].tolist() == ["PAK", "IND", "PAK"]


@pytest.mark.parametrize(
    ("label", "frequency", "start", "end"),
    [
        ("2021", "year", "2021-01-01", "2021-12-31"),
        ("2021-12-31", "year", "2021-01-01", "2021-12-31"),
        ("2021-03", "month", "2021-03-01", "2021-03-31"),
        ("2024-02-01", "month", "2024-02-01", "2024-02-29"),
        ("2021-Q1", "quarter", "2021-01-01", "2021-03-31"),
        ("2021-10-01 00:00:00", "quarter", "2021-10-01", "2021-12-31"),
        ("FY2021", "fiscal_year", "2020-10-01", "2021-09-30"),
        ("1976", "fiscal_year", "1975-07-01", "1976-06-30"),
        ("FY1976tq", "fiscal_year", "1976-07-01", "1976-09-30"),
        ("2020-10-01", "fiscal_year", "2020-10-01", "2021-09-30"),
        ("1976-09-30", "fiscal_year", "1976-07-01", "1976-09-30"),
    ],
)
def test_periods_are_spans_of_days(label: str, frequency: Frequency, start: str, end: str) -> None:
    first, last = periods(pd.Series([label]), frequency, "here")
    assert (f"{first[0]:%Y-%m-%d}", f"{last[0]:%Y-%m-%d}") == (start, end)


@pytest.mark.parametrize(
    ("label", "frequency"),
    [
        ("FY2021", "year"),
        ("2021-03", "year"),
        ("2021", "month"),
        ("2021-13", "month"),
        ("2021-3", "month"),
        ("2021-Q5", "quarter"),
        ("2021-03-15", "month"),
        ("2021-02-30", "month"),
        ("03/2021", "month"),
        ("0000", "year"),
        ("", "year"),
    ],
)
def test_other_ways_to_write_a_period_stop_the_reading(label: str, frequency: Frequency) -> None:
    with pytest.raises(SourceError, match="not periods"):
        periods(pd.Series([label]), frequency, "here")


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"home": ["Pakistan", "Atlantis", "Pakistan"]}, UnknownLabel, "Atlantis"),
        ({"persons": ["10", "ten", "12"]}, SourceError, "'ten'"),
        ({"persons": ["10", "1,000", "12"]}, SourceError, "'1,000'"),
        ({"extra": ["a", "b", "c"]}, SourceError, "'extra'"),
        ({"home": ["Pakistan"] * 3, "host": ["India"] * 3}, SourceError, "repeat a cell, such as row 3"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, columns: dict[str, list[str]], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        ingest(tmp_path, written(tmp_path, **columns))


def test_a_missing_column_stops_the_reading(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column 'origin'"):
        ingest(tmp_path, written(tmp_path), sender="origin")


def test_a_workbook_with_two_sheets_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scholarships.xlsx"
    book = Workbook()
    book.create_sheet("More")
    book.save(path)
    with pytest.raises(SourceError, match="2 sheets: Sheet, More"):
        ingest(tmp_path, path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scholarships.ods"
    path.write_text("x", encoding="utf-8")
    with pytest.raises(SourceError, match="neither csv, parquet nor xlsx"):
        ingest(tmp_path, path)
