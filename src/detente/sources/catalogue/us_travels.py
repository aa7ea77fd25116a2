"""Travels abroad of US presidents and secretaries of state to one event a stop.

Each file is one traveller's. It covers the time in which the traveller held the office: then, no stop means no
visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.files import check_columns, read_xml
from detente.sources.reading import Context, Reading, days, tally

if TYPE_CHECKING:
    import pandas as pd
    from lxml.etree import _Element

ROLES = {"president": "visit:president", "secretary": "visit:secretary"}
TEXT_WORDS = 8
NO_FILE = ""
TENURES = {
    "president": (
        ("roosevelt-theodore", "1901-09-14"),
        ("taft-william-howard", "1909-03-04"),
        ("wilson-woodrow", "1913-03-04"),
        ("harding-warren-g", "1921-03-04"),
        ("coolidge-calvin", "1923-08-02"),
        ("hoover-herbert-c", "1929-03-04"),
        ("roosevelt-franklin-d", "1933-03-04"),
        ("truman-harry-s", "1945-04-12"),
        ("eisenhower-dwight-d", "1953-01-20"),
        ("kennedy-john-f", "1961-01-20"),
        ("johnson-lyndon-b", "1963-11-22"),
        ("nixon-richard-m", "1969-01-20"),
        ("ford-gerald-r", "1974-08-09"),
        ("carter-jimmy", "1977-01-20"),
        ("reagan-ronald", "1981-01-20"),
        ("bush-george-h-w", "1989-01-20"),
        ("clinton-william-j", "1993-01-20"),
        ("bush-george-w", "2001-01-20"),
        ("obama-barack", "2009-01-20"),
        ("trump-donald-j", "2017-01-20"),
        ("biden-joseph-r", "2021-01-20"),
        ("trump-donald-j", "2025-01-20"),
    ),
    "secretary": (
        ("seward-william-henry", "1861-03-05"),
        (NO_FILE, "1869-03-05"),
        ("hay-john-milton", "1898-09-30"),
        ("root-elihu", "1905-07-19"),
        (NO_FILE, "1909-01-27"),
        ("knox-philander-chase", "1909-03-06"),
        (NO_FILE, "1913-03-05"),
        ("lansing-robert", "1915-06-24"),
        ("colby-bainbridge", "1920-03-23"),
        ("hughes-charles-evans", "1921-03-05"),
        ("kellogg-frank-billings", "1925-03-05"),
        ("stimson-henry-lewis", "1929-03-28"),
        ("hull-cordell", "1933-03-04"),
        ("stettinius-edward-reilly", "1944-12-01"),
        ("byrnes-james-francis", "1945-07-03"),
        ("marshall-george-catlett", "1947-01-21"),
        ("acheson-dean-gooderham", "1949-01-21"),
        ("dulles-john-foster", "1953-01-21"),
        ("herter-christian-archibald", "1959-04-22"),
        ("rusk-david-dean", "1961-01-21"),
        ("rogers-william-pierce", "1969-01-22"),
        ("kissinger-henry-a", "1973-09-22"),
        ("vance-cyrus-roberts", "1977-01-23"),
        ("muskie-edmund-sixtus", "1980-05-08"),
        ("haig-alexander-meigs", "1981-01-22"),
        ("shultz-george-pratt", "1982-07-16"),
        ("baker-james-addison", "1989-01-25"),
        (NO_FILE, "1992-08-23"),
        ("christopher-warren-minor", "1993-01-20"),
        ("albright-madeleine-korbel", "1997-01-23"),
        ("powell-colin-luther", "2001-01-20"),
        ("rice-condoleezza", "2005-01-26"),
        ("clinton-hillary-rodham", "2009-01-21"),
        ("kerry-john-forbes", "2013-02-01"),
        ("tillerson-rex-w", "2017-02-01"),
        ("pompeo-michael-r", "2018-04-26"),
        ("blinken-antony-j", "2021-01-26"),
        ("rubio-marco", "2025-01-21"),
    ),
}
"""Role → who took office on which day, and held it until the next one did (an acting holder makes no visits of this
kind). Source: Office of the Historian, biographies of presidents and secretaries of state."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days, the last included; `end` None: still going on."""

    start: date
    end: date | None


def read(path: Path, context: Context) -> Reading:
    """One event a stop, from the United States to the state that was host on the first day."""
    import pandas as pd

    where = context.spec.source_id
    stops = elements(path, context, "trip")
    start, end = stays(stops, where)
    kind = stops["role"].map(ROLES)
    if kind.isna().any() or stops["@who"].nunique() > 1:
        raise SourceError(
            f"{where}: {path.name} is not the travels of one president or secretary of state",
            hint="each traveller has a file; elements `trip` carry `role` and `who`",
        )
    host, reasons = context.actors(stops["country"], on=start)
    events = pd.DataFrame(
        {
            "date": start,
            "date_end": end,
            "sender": "USA",
            "receiver": host,
            "kind": kind,
            "location": host,
            "place": stops["locale"].replace("", None),
            "item": stops["@who"] + " " + trip_starts(start, end).dt.strftime("%Y-%m-%d"),
            "text": stops["name"] + ", " + stops["country"] + ": " + first_words(stops["remarks"]),
            "status": "final",
            "source_row": "id " + stops["id"],
        }
    )[reasons.isna()]
    return Reading(
        rows=len(stops), read=len(events), skipped=tally(reasons), events=events, coverage=_coverage(stops, end)
    )


def elements(path: Path, context: Context, tag: str) -> pd.DataFrame:
    """One row for each element *tag*: the text of its children by name, and its own attributes as `@name`.

    Raises:
        SourceError: The file holds no such element, or one lacks a child or has one that the source does not know.
    """
    import pandas as pd

    found = read_xml(path).findall(tag)
    if not found:
        raise SourceError(f"{path.name} holds no element {tag!r}", hint="is this the right file for the source?")
    rows = []
    for element in found:
        children = {str(child.tag): _text(child) for child in element.iterchildren("*")}
        check_columns(list(children), context.spec.columns, f"{path.name}, {tag} {children.get('id', '?')}")
        rows.append({**children, **{f"@{name!s}": str(value) for name, value in element.attrib.items()}})
    return pd.DataFrame(rows, dtype="str").fillna("")


def _text(element: _Element) -> str:
    """All text in an element, its line breaks as blanks."""
    return " ".join("".join(map(str, element.itertext())).split())


def stays(entries: pd.DataFrame, where: str) -> tuple[pd.Series, pd.Series]:
    """First and last days of entries.

    Raises:
        SourceError: Not a date, or the last day before the first.
    """
    start, end = (days(entries[name], f"{where}: {name}") for name in ("start-date", "end-date"))
    wrong = start.isna() | end.isna() | (end < start)
    if wrong.any():
        entry = entries[wrong].iloc[0]
        raise SourceError(
            f"{where}: entry {entry['id']} runs from {entry['start-date']!r} to {entry['end-date']!r}",
            hint="each entry has both days, and the last is not before the first; compare with the publisher's file",
        )
    return start, end


def trip_starts(start: pd.Series, end: pd.Series) -> pd.Series:
    """The first day of the trip each stop belongs to.

    A stop goes on a trip if it begins no later than the day after the latest end of the trip's earlier stops.
    """
    import pandas as pd

    order = start.sort_values(kind="stable").index
    reached = end[order].cummax().shift()
    new = reached.isna() | (start[order] > reached + pd.Timedelta(days=1))
    return start[order].where(new).ffill().reindex(start.index)


def first_words(text: pd.Series) -> pd.Series:
    """Enough of a remark to recognise what it is about."""
    return text.str.split().str[:TEXT_WORDS].str.join(" ").str.rstrip(".,;")


def written_until(entries: pd.DataFrame) -> date | None:
    """The last day on which an entry was made or changed; None where the file does not say."""
    stamps = [stamp[:10] for name in ("created-datetime", "last-modified-datetime") for stamp in entries[name] if stamp]
    return max(map(date.fromisoformat, stamps), default=None)


def complete_until(span: Span, entries: pd.DataFrame, last: date) -> date:
    """The day up to which entries tell of all that happened in a span.

    A list that was still written after the span had ended is complete; one that was not, up to its last entry.
    """
    written = written_until(entries)
    return span.end if span.end and written and written > span.end else last


def _coverage(stops: pd.DataFrame, end: pd.Series) -> pd.DataFrame:
    import pandas as pd

    role, who, last = stops["role"].iloc[0], stops["@who"].iloc[0], end.max().date()
    spans = [(span.start, complete_until(span, stops, last)) for span in _tenures(role, who)]
    return pd.DataFrame(
        [
            {
                "indicator": ROLES[role],
                "sender": "USA",
                "receiver": "*",
                "period_start": start,
                "period_end": until,
            }
            for start, until in spans
            if start <= until
        ]
    )


def _tenures(role: str, who: str) -> Iterator[Span]:
    holders = [(name, date.fromisoformat(day)) for name, day in TENURES[role]]
    ends = [start - timedelta(days=1) for _, start in holders[1:]]
    for (name, start), end in zip(holders, [*ends, None], strict=True):
        if name == who:
            yield Span(start, end)
