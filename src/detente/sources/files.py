"""Untrusted files to frames of text: nothing is interpreted here, and nothing hostile gets through.

Every column comes back as strings exactly as the publisher wrote them (empty string: empty cell), with a column `row`
that says where in the file the line stood. What a number or a date is, the source's reader decides.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from detente.errors import SourceError
from detente.sources.spec import Columns

if TYPE_CHECKING:
    import pandas as pd
    from lxml.etree import _Element

LARGEST = 2_000_000_000
"""Bytes that one file may unpack to."""
LARGEST_RATIO = 200
"""Packed to unpacked; office files stay under 30, bombs exceed a thousand."""


def sha256(path: Path) -> str:
    """The file's fingerprint, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def present(path: Path) -> None:
    """Stop unless the path is a file with something in it.

    Raises:
        SourceError: There is no such file, or it is empty.
    """
    if not path.is_file():
        raise SourceError(f"there is no file {path.name}", hint="check the path; folders are given as FOLDER/*")
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name} is empty", hint="download it again")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if it is gzip; a file that unpacks to too much is refused."""
    if path.suffix != ".gz":
        with path.open("rb") as stream:
            yield stream
        return
    try:
        with cast("IO[bytes]", gzip.open(path, "rb")) as stream:
            if _unpacked_size(stream, path) > LARGEST:
                raise SourceError(
                    f"{path.name} unpacks to more than {LARGEST_RATIO} times its size", hint="it may be a gzip bomb"
                )
            stream.seek(0)
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{path.name} is damaged: {error}", hint="download it again") from error


def _unpacked_size(stream: IO[bytes], path: Path) -> int:
    limit = min(LARGEST, max(LARGEST_RATIO * path.stat().st_size, 50_000_000))
    size = 0
    while piece := stream.read(1 << 20):
        size += len(piece)
        if size > limit:
            return LARGEST + 1
    return size


def read_csv(
    path: Path, columns: Columns, *, encoding: str = "utf-8-sig", separator: str = ",", header: bool = True
) -> pd.DataFrame:
    """A delimited file as text, its columns checked.

    Args:
        columns: Used, ignored and optional columns. Without a header line, `used` names the columns in order.

    Raises:
        SourceError: Wrong columns, wrong encoding, binary or truncated content, no rows.
    """
    present(path)
    with opened(path) as stream:
        if b"\0" in stream.read(1 << 16):
            raise SourceError(f"{path.name} is binary, not delimited text", hint="check that it is the right file")
        rows = _row_numbers(stream, path.name, encoding, separator, 0 if header else len(columns.used))
        stream.seek(0)
        frame = _parsed(stream, path.name, columns, encoding=encoding, separator=separator, header=header)
    frame.columns = [str(name).strip() for name in frame.columns]
    check_columns(list(frame.columns), columns, path.name)
    return _with_rows(frame, path.name, rows[1:] if header else rows)


def _parsed(
    stream: IO[bytes], name: str, columns: Columns, *, encoding: str, separator: str, header: bool
) -> pd.DataFrame:
    import pandas as pd

    try:
        frame: pd.DataFrame = pd.read_csv(
            stream,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            encoding=encoding,
            sep=separator,
            header=0 if header else None,
            names=None if header else list(columns.used),
            quoting=csv.QUOTE_MINIMAL if header else csv.QUOTE_NONE,
            index_col=False,
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise SourceError(
            f"{name} cannot be read as a table: {error}", hint="it may be truncated; download it again"
        ) from error
    return frame


def _row_numbers(stream: IO[bytes], name: str, encoding: str, separator: str, width: int) -> list[int]:
    """The numbers of the rows that are not blank, after making sure that all are *width* wide (0: as the header is).

    pandas fills a short row with nothing and, where every row is one cell too long, moves all cells by one column.
    """
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    lines = csv.reader(text, delimiter=separator, quoting=csv.QUOTE_NONE if width else csv.QUOTE_MINIMAL)
    rows: list[int] = []
    try:
        for number, cells in enumerate(lines, start=1):
            if len(cells) <= 1 and not "".join(cells).strip():
                continue
            width = width or len(cells)
            if len(cells) != width:
                raise SourceError(
                    f"{name}: row {number} has {len(cells)} cells instead of {width}",
                    hint="it may be truncated; download it again",
                )
            rows.append(number)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name} is not {encoding} text (byte {error.object[error.start]:#04x})",
            hint="save it as UTF-8, or set `encoding` in the source's .yml",
        ) from error
    except csv.Error as error:
        raise SourceError(
            f"{name} cannot be read as a table after row {len(rows)}: {error}", hint="download it again"
        ) from error
    finally:
        text.detach()
    return rows


def read_xlsx(path: Path, sheet: str, columns: Columns, *, header_row: int = 1) -> pd.DataFrame:
    """One sheet of a workbook as text, its columns checked; `row` is the row number that Excel shows.

    Args:
        header_row: The row (from 1) that holds the column names; earlier rows are left out.

    Raises:
        SourceError: Not a workbook, a zip bomb, no such sheet, wrong columns.
    """
    import pandas as pd
    from openpyxl import load_workbook

    present(path)
    check_zip(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name} is not a workbook: {error}", hint="download it again") from error
    try:
        if sheet not in book.sheetnames:
            raise SourceError(
                f"{path.name} has no sheet {sheet!r}", hint=f"it has: {', '.join(map(str, book.sheetnames))}"
            )
        cells = book[sheet].iter_rows(min_row=header_row, values_only=True)
        head = [str(cell).strip() if cell is not None else "" for cell in next(cells, ())]
        check_columns(head, columns, path.name)
        body = [["" if cell is None else str(cell) for cell in row] for row in cells]
    except (SyntaxError, ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{path.name} is damaged: {error}", hint="download it again") from error
    finally:
        book.close()
    frame = pd.DataFrame(body, columns=head, dtype=str)
    return _with_rows(frame, path.name, range(header_row + 1, header_row + 1 + len(frame)))


def read_stata(path: Path, columns: Columns) -> pd.DataFrame:
    """A Stata file with its own types, its columns checked.

    Raises:
        SourceError: Not a Stata file, or wrong columns.
    """
    import struct

    import pandas as pd

    present(path)
    try:
        frame = pd.read_stata(path, convert_categoricals=False)
    except (ValueError, struct.error, UnicodeDecodeError, OSError, KeyError) as error:
        raise SourceError(f"{path.name} is not a Stata file: {error}", hint="download it again") from error
    check_columns([str(name) for name in frame.columns], columns, path.name)
    return _with_rows(frame, path.name, range(1, 1 + len(frame)))


def read_parquet(path: Path, columns: Columns) -> pd.DataFrame:
    """A Parquet file with its own types, its columns checked.

    Raises:
        SourceError: Not a Parquet file, or wrong columns.
    """
    import pandas as pd
    import pyarrow as pa

    present(path)
    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise SourceError(f"{path.name} is not a Parquet file: {error}", hint="download it again") from error
    check_columns([str(name) for name in frame.columns], columns, path.name)
    return _with_rows(frame, path.name, range(1, 1 + len(frame)))


def read_xml(path: Path) -> _Element:
    """The root of an XML file; entities and external references are refused.

    Raises:
        SourceError: Not well-formed, or hostile.
    """
    from lxml import etree

    present(path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        # From a stream: given a path, the parser would unpack gzip by itself, however large.
        with opened(path) as stream:
            tree = etree.parse(stream, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(f"{path.name} is not well-formed XML: {error}", hint="download it again") from error
    if tree.docinfo.internalDTD is not None:
        raise SourceError(f"{path.name} declares entities of its own", hint="remove the DOCTYPE; it is not needed")
    return tree.getroot()


def check_zip(path: Path) -> None:
    """Stop unless the file is a zip archive of reasonable size.

    Raises:
        SourceError: Not a zip archive, damaged, or a bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path.name} is not a workbook: {error}", hint="download it again") from error
    if unpacked > LARGEST or unpacked > max(LARGEST_RATIO * path.stat().st_size, 50_000_000):
        raise SourceError(
            f"{path.name} unpacks to {unpacked:,} bytes from {path.stat().st_size:,}",
            hint="it may be a zip bomb",
        )


def check_columns(found: list[str], columns: Columns, where: str) -> None:
    """Stop unless the columns found are those the source describes; `*` among the optional ones lets any other pass.

    Raises:
        SourceError: A used column is missing, or a column is neither used nor ignored.
    """
    missing = [name for name in columns.used if name not in found]
    if missing:
        raise SourceError(
            f"{where}: no column {', '.join(map(repr, missing))}",
            hint=f"found: {', '.join(found[:12])}; is this the right file for the source?",
        )
    known = {*columns.used, *columns.ignored, *columns.optional}
    unknown = [name for name in found if name and name not in known and name != "row"]
    if unknown and "*" not in columns.optional:
        raise SourceError(
            f"{where}: columns the source does not know: {', '.join(map(repr, unknown[:8]))}",
            hint="add them to `columns: ignored` in the source's .yml, or read them",
        )


def _with_rows(frame: pd.DataFrame, name: str, numbers: Sequence[int]) -> pd.DataFrame:
    if frame.empty:
        raise SourceError(f"{name} has a header and no rows", hint="download it again")
    numbered: pd.DataFrame = frame.assign(row=[f"row {number}" for number in numbers])
    return numbered
