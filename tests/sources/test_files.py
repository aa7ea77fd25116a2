"""Hostile, damaged and mistaken files: each is refused with an error that says what to do."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from detente.errors import SourceError
from detente.sources import files
from detente.sources.spec import Columns

COLUMNS = Columns(used=("state", "year", "value"), ignored=("remark",))
GOOD = b"state,year,value\nPakistan,2021,1\nIndia,2021,\n"
NOISE = bytes(range(1, 256)) * 8


def write(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def workbook(folder: Path, *rows: tuple[object, ...], sheet: str = "Data") -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    path = folder / "table.xlsx"
    book.save(path)
    return path


def bomb(folder: Path, megabytes: int) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(megabytes << 20))
    return path


def refusal(read: Callable[[], object]) -> SourceError:
    """The error that reading raises; it must carry a hint."""
    with pytest.raises(SourceError) as stopped:
        read()
    assert stopped.value.hint
    return stopped.value


def test_text_comes_back_as_written_with_its_row(tmp_path: Path) -> None:
    frame = files.read_csv(write(tmp_path, GOOD), COLUMNS)
    assert frame.to_dict("list") == {
        "state": ["Pakistan", "India"],
        "year": ["2021", "2021"],
        "value": ["1", ""],
        "row": ["row 2", "row 3"],
    }


def test_rows_are_numbered_as_in_the_file_past_blank_lines_and_line_breaks(tmp_path: Path) -> None:
    content = b'state,year,value\n\nPakistan,2021,"1\n2"\n\nIndia,2021,3\n'
    assert list(files.read_csv(write(tmp_path, content), COLUMNS)["row"]) == ["row 3", "row 5"]


def test_words_for_missing_values_stay_words(tmp_path: Path) -> None:
    frame = files.read_csv(write(tmp_path, b"state,year,value\nNA,nan,NULL\n"), COLUMNS)
    assert frame.iloc[0].tolist()[:3] == ["NA", "nan", "NULL"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"state,year,value\n", "has a header and no rows"),
        (b"\n\n", "cannot be read as a table"),
        (b"country,year,value\nPakistan,2021,1\n", "no column 'state'"),
        (b"state,year,value,gdp\nPakistan,2021,1,2\n", "columns the source does not know: 'gdp'"),
        (b"state;year;value\nPakistan;2021;1\n", "no column 'state', 'year', 'value'"),
        (b"state,year,year,value\nPakistan,2021,2021,1\n", "columns the source does not know: 'year.1'"),
        (b"state,year,value\nPakistan,2021,1\nIndia,20", "row 3 has 2 cells instead of 3"),
        (b'state,year,value\nPakistan,2021,"1\nIndia,2021,2\n', "cannot be read as a table"),
        (b"state,year,value\nPakistan,2021,1,2\nIndia,2021,3,4\n", "row 2 has 4 cells instead of 3"),
        (b"state,year,value\nT\xfcrkiye,2021,1\n", r"is not utf-8-sig text \(byte 0xfc\)"),
        (b"state,year,value\nPakistan\0,2021,1\n", "is binary"),
        (b"PK\x03\x04\x00\x00" + NOISE, "is binary"),
        (NOISE, "is not utf-8-sig text"),
    ],
)
def test_a_bad_csv_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = write(tmp_path, content)
    error = refusal(lambda: files.read_csv(path, COLUMNS))
    assert pd.Series([str(error)]).str.contains(words).all(), str(error)


def test_the_encoding_of_the_source_is_used(tmp_path: Path) -> None:
    frame = files.read_csv(write(tmp_path, "state,year,value\nCôte,1,2\n".encode("cp1252")), COLUMNS, encoding="cp1252")
    assert frame.loc[0, "state"] == "Côte"


def test_a_file_without_header_must_have_exactly_the_described_columns(tmp_path: Path) -> None:
    path = write(tmp_path, b'Pakistan\t2021\t"1\nIndia\t2021\t2\n')
    frame = files.read_csv(path, COLUMNS, separator="\t", header=False)
    assert list(frame["value"]) == ['"1', "2"]
    assert list(frame["row"]) == ["row 1", "row 2"]
    wider = write(tmp_path, b"Pakistan\t2021\t1\t9\n")
    error = refusal(lambda: files.read_csv(wider, COLUMNS, separator="\t", header=False))
    assert "row 1 has 4 cells instead of 3" in str(error)


def test_a_star_lets_any_further_column_pass(tmp_path: Path) -> None:
    path = write(tmp_path, b"month,Pakistan\n2021-01,5\n")
    assert list(files.read_csv(path, Columns(used=("month",), optional=("*",))).columns) == ["month", "Pakistan", "row"]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "there is no file gone.csv" in str(refusal(lambda: files.read_csv(tmp_path / "gone.csv", COLUMNS)))
    refusal(lambda: files.read_csv(tmp_path, COLUMNS))


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    assert len(files.read_csv(write(tmp_path, gzip.compress(GOOD, mtime=0), "table.csv.gz"), COLUMNS)) == 2


@pytest.mark.parametrize(
    "content",
    [GOOD, gzip.compress(GOOD, mtime=0)[:-6], gzip.compress(GOOD)[:14], gzip.compress(GOOD)[:12] + NOISE],
    ids=["no gzip", "cut off at the end", "cut off at the start", "overwritten"],
)
def test_damaged_gzip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content, "table.csv.gz")
    assert "is damaged" in str(refusal(lambda: files.read_csv(path, COLUMNS)))


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(bytes(60 << 20), mtime=0), "bomb.csv.gz")
    assert "unpacks to more than" in str(refusal(lambda: files.read_csv(path, COLUMNS)))


def test_a_sheet_comes_back_as_text_with_the_rows_that_excel_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("A title", None, None), ("state", "year", "value"), ("Pakistan", 2021, None))
    frame = files.read_xlsx(path, "Data", COLUMNS, header_row=2)
    assert frame.to_dict("records") == [{"state": "Pakistan", "year": "2021", "value": "", "row": "row 3"}]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("state", "year", "value"), ("Pakistan", 2021, 1))
    error = refusal(lambda: files.read_xlsx(path, "Sheet9", COLUMNS))
    assert "has no sheet 'Sheet9'" in str(error)
    assert "Data" in error.hint


@pytest.mark.parametrize("rows", [[("state", "year"), ("Pakistan", 1)], [("state", "year", "value")], []])
def test_a_sheet_of_wrong_columns_or_without_rows_is_refused(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    path = workbook(tmp_path, *rows)
    refusal(lambda: files.read_xlsx(path, "Data", COLUMNS))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    error = refusal(lambda: files.read_xlsx(bomb(tmp_path, 60), "Data", COLUMNS))
    assert "unpacks to 62,914,560 bytes" in str(error)


@pytest.mark.parametrize("cut", [40, 400, -30])
def test_a_truncated_workbook_is_refused(tmp_path: Path, cut: int) -> None:
    whole = workbook(tmp_path, ("state", "year", "value"), ("Pakistan", 2021, 1)).read_bytes()
    path = write(tmp_path, whole[:cut], "cut.xlsx")
    assert "is not a workbook" in str(refusal(lambda: files.read_xlsx(path, "Data", COLUMNS)))


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path, ("state", "year", "value"), ("Pakistan", 2021, 1))
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, content[: len(content) // 2] if "sheet1" in item.filename else content)
    assert "is damaged" in str(refusal(lambda: files.read_xlsx(path, "Data", COLUMNS)))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    assert "is not a workbook" in str(refusal(lambda: files.read_xlsx(path, "Data", COLUMNS)))


@pytest.mark.parametrize("content", [GOOD, NOISE, b"PAR1" + NOISE + b"PAR1"])
@pytest.mark.parametrize("read", [files.read_parquet, files.read_stata])
def test_garbage_is_neither_parquet_nor_stata(
    tmp_path: Path, read: Callable[[Path, Columns], object], content: bytes
) -> None:
    path = write(tmp_path, content, "table.bin")
    assert "is not a" in str(refusal(lambda: read(path, COLUMNS)))


def test_truncated_parquet_and_stata_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"state": ["Pakistan"] * 50, "year": range(50), "value": [1.5] * 50})
    whole = {"parquet": io.BytesIO(), "stata": io.BytesIO()}
    frame.to_parquet(whole["parquet"])
    frame.to_stata(whole["stata"], write_index=False)
    half = {kind: write(tmp_path, content.getvalue()[:-900], kind) for kind, content in whole.items()}
    refusal(lambda: files.read_parquet(half["parquet"], COLUMNS))
    refusal(lambda: files.read_stata(half["stata"], COLUMNS))


def test_parquet_and_stata_keep_their_types_and_are_checked(tmp_path: Path) -> None:
    frame = pd.DataFrame({"state": ["Pakistan"], "year": [2021], "value": [1.5]})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    for found in (
        files.read_parquet(tmp_path / "a.parquet", COLUMNS),
        files.read_stata(tmp_path / "a.dta", COLUMNS),
    ):
        assert found.loc[0, "value"] == 1.5
        assert found.loc[0, "row"] == "row 1"
    other = Columns(used=("state",))
    assert "'year', 'value'" in str(refusal(lambda: files.read_parquet(tmp_path / "a.parquet", other)))


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE trips [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><trips>&b;</trips>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY f SYSTEM "file:///etc/hostname">]><t>&f;</t>'


@pytest.mark.parametrize("content", [ENTITIES, OUTSIDE, b'<!DOCTYPE t SYSTEM "https://example.org/t.dtd"><t/>'])
def test_xml_with_entities_or_references_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content, "trips.xml")
    assert "declares entities" in str(refusal(lambda: files.read_xml(path)))


@pytest.mark.parametrize(
    "content", [b"<trips><trip></trips>", b"not xml", NOISE, b"<trips>", gzip.compress(b"<t/>", mtime=0)]
)
def test_xml_that_is_not_well_formed_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content, "trips.xml")
    assert "is not well-formed XML" in str(refusal(lambda: files.read_xml(path)))


def test_plain_xml_is_read(tmp_path: Path) -> None:
    assert files.read_xml(write(tmp_path, b"<trips><trip/></trips>", "trips.xml")).tag == "trips"


def test_the_fingerprint_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, b"abc")
    assert files.sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
