"""A file that belongs to no study to a table, or to one series of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import SeriesError, no_column

if TYPE_CHECKING:
    import pandas as pd

    from detente.records import Series

_UNKNOWN = {"", "na", "nan", "n/a", "null", "none"}
_PERIODS = ("period", "date", "time", "year", "month", "quarter", "day", "fiscal_year", "period_start")
_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}


def table_in(path: Path) -> pd.DataFrame:
    """Read a table: CSV (comma or semicolon), TSV or Parquet. Texts stay texts; columns of numbers become numbers.

    Raises:
        SeriesError: No such file, or it cannot be read as one of these.
    """
    import pandas as pd

    path = Path(path)
    if not path.is_file():
        raise SeriesError(f"no file {path}", hint="check the path; folders of a study need no further word")
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        with path.open(encoding="utf-8-sig") as lines:
            head = lines.readline()
        separator = _SEPARATORS.get(path.suffix.lower(), ",")
        if separator == "," and head.count(";") > head.count(","):
            separator = ";"
        texts = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError) as problem:
        raise SeriesError(f"{path} cannot be read: {problem}", hint="save it as CSV in UTF-8, or Parquet") from problem
    return texts.apply(_numbers)


def series_in(path: Path, *, value: str = "", period: str = "", controls: Sequence[str] = ()) -> Series:
    """One series of a file.

    Args:
        path: See `table_in`.
        value: Column of the values; where not said, the only column of numbers that is neither period nor control.
        period: Column of the periods; where not said, one with a usual name, else rows are numbered.
        controls: Columns that are not the values.

    Raises:
        SeriesError: Columns that are not there, or that cannot be told; values that are no numbers.
    """
    from detente.turning_points.plain import as_series

    table = table_in(path)
    time = _period(table, period)
    name = _value(table, value, {time, *controls})
    return as_series(_indexed(table, time)[name], name=name)


def columns_in(path: Path, names: Sequence[str], *, period: str = "") -> pd.DataFrame:
    """Some columns of a file, indexed by its periods.

    Raises:
        SeriesError: A column that is not there.
    """
    table = table_in(path)
    time = _period(table, period)
    for name in names:
        _present(table, name)
    return _indexed(table, time)[list(names)]


def _indexed(table: pd.DataFrame, period: str) -> pd.DataFrame:
    return table.set_index(period) if period else table


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column as numbers where all that is known in it is a number."""
    import pandas as pd

    blank = column.str.strip().str.lower().isin(_UNKNOWN)
    numbers = pd.to_numeric(column.mask(blank), errors="coerce")
    return column if (numbers.isna() & ~blank).any() or blank.all() else numbers.astype("float64")


def _period(table: pd.DataFrame, asked: str) -> str:
    if asked:
        _present(table, asked)
        return asked
    usual = [str(column) for column in table.columns if str(column).strip().lower() in _PERIODS]
    return usual[0] if usual else ""


def _value(table: pd.DataFrame, asked: str, others: set[str]) -> str:
    import pandas as pd

    if asked:
        _present(table, asked)
        return asked
    left = [str(column) for column in table.columns if str(column) not in others]
    numbers = [column for column in left if pd.api.types.is_numeric_dtype(table[column])]
    if len(numbers) == 1:
        return numbers[0]
    if len(left) == 1:
        return left[0]
    listed = ", ".join(numbers or left)
    raise SeriesError(f"{len(numbers)} columns of numbers: {listed or 'none'}", hint="say which: --value COL")


def _present(table: pd.DataFrame, name: str) -> None:
    known = [str(column) for column in table.columns]
    if name not in known:
        raise no_column(name, known)
