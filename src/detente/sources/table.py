"""A user's own table to observations, as the `mapping` in its `.yml` says: no code is needed.

The table is csv (also gzip), parquet or xlsx with one sheet. A period is written 2021, 2021-03, 2021-Q1, FY2021 or as a
date, and must agree with the mapping's `frequency`; a date must be the first or last day of the period it stands for.
An empty value stays unknown. An actor that is the same for every row may be given by its id: `sender: =USA`, or
`receiver: =WLD` for nobody in particular. Nothing is covered: what a table leaves out is unknown.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import SourceError
from detente.records import (
    ANYONE,
    Frequency,
    calendar_month,
    calendar_quarter,
    calendar_year,
    us_fiscal_year,
)
from detente.sources import files
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.spec import Columns, SourceSpec

if TYPE_CHECKING:
    import pandas as pd

FORMS = {
    "year": re.compile(r"(\d{4})"),
    "fiscal_year": re.compile(r"(?:FY)?(1976tq|\d{4})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
}
"""How a period of each frequency is written."""
EXAMPLES = {"year": "2021", "fiscal_year": "FY2021", "quarter": "2021-Q1", "month": "2021-03"}
DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?: 00:00:00)?")
"""A day; spreadsheets add the midnight."""
CELL = ["indicator", "sender", "receiver", "period_start", "period_end"]


def read(path: Path, context: Context) -> Reading:
    """The observations in a table of the user's own.

    Raises:
        SourceError: A column is missing or unknown, a period or number cannot be read, two rows tell of one cell.
        UnknownLabel: A label no actor answers to.
    """
    import pandas as pd

    mapping, where = context.spec.mapping, context.spec.source_id
    if mapping is None:
        raise SourceError(f"{where} has no mapping", hint="say in its .yml which column holds what")
    frame = _table(path, context.spec)
    sender, no_sender = _actors(_column(frame, mapping.sender), mapping.sender, mapping.scheme, context)
    receiver, no_receiver = _actors(_column(frame, mapping.receiver), mapping.receiver, mapping.scheme, context)
    start, end = periods(_column(frame, mapping.period), mapping.frequency, f"{where}: {mapping.period}")
    reasons = no_sender.fillna(no_receiver)
    observations = pd.DataFrame(
        {
            "indicator": _column(frame, mapping.indicator),
            "sender": sender,
            "receiver": receiver,
            "period_start": start,
            "period_end": end,
            "value": numbers(_column(frame, mapping.value), f"{where}: {mapping.value}"),
            "unit": _column(frame, mapping.unit),
            "status": "final",
            "source_row": frame["row"],
        }
    )[reasons.isna()]
    _refuse_doubles(observations, where)
    return Reading(rows=len(frame), read=len(observations), skipped=tally(reasons), observations=observations)


def periods(labels: pd.Series, frequency: Frequency, where: str) -> tuple[pd.Series, pd.Series]:
    """First and last days of the periods that labels stand for; each distinct label is looked at once.

    Args:
        where: Source and column, for the message.

    Raises:
        SourceError: A label is not written as a period of this frequency.
    """
    import pandas as pd

    spans: dict[str, tuple[date, date]] = {}
    wrong = []
    for label in labels.unique():
        try:
            spans[label] = _span(str(label).strip(), frequency)
        except ValueError:
            wrong.append(label)
    if wrong:
        raise SourceError(
            f"{where}: {len(wrong)} labels are not periods of frequency {frequency}, such as {wrong[0]!r}",
            hint=f"write {EXAMPLES.get(frequency, 'another frequency')}, or the first or last day of the period",
        )
    starts = labels.map({label: pd.Timestamp(span[0]) for label, span in spans.items()})
    ends = labels.map({label: pd.Timestamp(span[1]) for label, span in spans.items()})
    return starts, ends


def translated(labels: pd.Series, words: Mapping[str, str], where: str) -> pd.Series:
    """Each label's counterpart in a closed list.

    Raises:
        SourceError: A label is not in the list: the source has a category that its reader does not know.
    """
    unknown = labels[~labels.isin(list(words))]
    if len(unknown):
        raise SourceError(
            f"{where}: {len(unknown)} rows say {unknown.iloc[0]!r}",
            hint=f"the reader knows {', '.join(words)}; teach it the new one",
        )
    return labels.map(dict(words))


def actors_on(
    labels: pd.Series, on: pd.Series, context: Context, *, scheme: str = "name"
) -> tuple[pd.Series, pd.Series]:
    """Who each label is and why rows are left out, where the day counts only for labels whose lookups have dates.

    Sources that file the money of a century under today's names need no state to exist on the day; a label that they
    use for two states in turn does.
    """
    import pandas as pd

    dated = labels.isin([lookup.label for lookup in context.spec.lookups if lookup.start or lookup.until])
    with_day = context.actors(labels[dated], scheme=scheme, on=on[dated])
    without = context.actors(labels[~dated], scheme=scheme)
    actors, reasons = (pd.concat(parts).reindex(labels.index) for parts in zip(with_day, without, strict=True))
    return actors, reasons


def silent_zeros(observations: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    """The spans in which a missing row means zero, for a source that lists whatever happened.

    Args:
        observations: The records of one file, without those of unfinished periods.
        whole: Whether the file is the publisher's whole one. An extract is silent about the receivers it leaves out.
    """
    spans = observations.groupby(["indicator", "sender"], as_index=False).agg(
        period_start=("period_start", "min"), period_end=("period_end", "max")
    )
    if whole:
        return spans.assign(receiver="*")
    receivers = observations[["indicator", "sender", "receiver"]].drop_duplicates(ignore_index=True)
    return spans.merge(receivers, on=["indicator", "sender"])


def _span(label: str, frequency: Frequency) -> tuple[date, date]:
    if match := FORMS[frequency].fullmatch(label):
        return _named(frequency, match.groups())
    if not (match := DAY.fullmatch(label)):
        raise ValueError(label)
    day = date.fromisoformat(match[1])
    for parts in _around(day, frequency):
        span = _named(frequency, parts)
        if day in span:
            return span
    raise ValueError(label)


def _named(frequency: Frequency, parts: tuple[str, ...]) -> tuple[date, date]:
    if frequency == "fiscal_year":
        return us_fiscal_year(parts[0])
    spans: dict[str, Callable[..., tuple[date, date]]] = {
        "year": calendar_year,
        "quarter": calendar_quarter,
        "month": calendar_month,
    }
    return spans[frequency](*map(int, parts))


def _around(day: date, frequency: Frequency) -> list[tuple[str, ...]]:
    year = str(day.year)
    if frequency == "fiscal_year":
        return [("1976tq",), (year,), (str(day.year + 1),)]
    within = {"year": (), "quarter": (str((day.month + 2) // 3),), "month": (str(day.month),)}
    return [(year, *within[frequency])]


def _table(path: Path, spec: SourceSpec) -> pd.DataFrame:
    mapping = spec.mapping.model_dump(exclude={"scheme", "frequency"}) if spec.mapping else {}
    used = tuple(dict.fromkeys(name for name in mapping.values() if not name.startswith("=")))
    columns = Columns(used=used, ignored=(*spec.columns.ignored, *spec.columns.optional, *spec.columns.used))
    if path.suffix == ".parquet":
        return _as_text(files.read_parquet(path, columns), used)
    if path.suffix == ".xlsx":
        return files.read_xlsx(path, _only_sheet(path), columns)
    if path.suffix in {".csv", ".gz"}:
        return files.read_csv(path, columns, encoding=spec.encoding)
    raise SourceError(f"{path.name} is neither csv, parquet nor xlsx", hint="save the table as csv")


def _as_text(frame: pd.DataFrame, used: tuple[str, ...]) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].astype("string").fillna("").astype("str") for name in used})


def _only_sheet(path: Path) -> str:
    from openpyxl import load_workbook

    files.check_zip(path)
    try:
        book = load_workbook(path, read_only=True)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name} is not a workbook: {error}", hint="save it again as xlsx") from error
    names = list(book.sheetnames)
    book.close()
    if len(names) != 1:
        raise SourceError(
            f"{path.name} has {len(names)} sheets: {', '.join(names)}",
            hint="keep the one with the table, or save it as csv",
        )
    return names[0]


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    import pandas as pd

    if name.startswith("="):
        return pd.Series(name[1:], index=frame.index, dtype="str")
    column: pd.Series[Any] = frame[name]
    return column


def _actors(labels: pd.Series, name: str, scheme: str, context: Context) -> tuple[pd.Series, pd.Series]:
    import pandas as pd

    constant = name.removeprefix("=") if name.startswith("=") else ""
    if constant == ANYONE or constant in context.registry:
        return labels, pd.Series(None, index=labels.index, dtype="str")
    return context.actors(labels, scheme=scheme)


def _refuse_doubles(observations: pd.DataFrame, where: str) -> None:
    doubles = observations[observations.duplicated(CELL)]
    if len(doubles):
        first = doubles.iloc[0]
        raise SourceError(
            f"{where}: {len(doubles)} rows repeat a cell, such as {first['source_row']} ({first['sender']} to "
            f"{first['receiver']}, from {first['period_start']:%Y-%m-%d})",
            hint="add them up first, or give them different indicators",
        )
