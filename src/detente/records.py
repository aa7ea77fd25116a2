"""The rows everything is made of: columns are defined here once.

A *record* is an event or an observation as a source gives it. A record keeps its source, the version of the source, the
file it stood in (by sha256) and the row within that file, so that every number computed from it can be walked back.

Times are calendar days. `period_end` is the last day of a period, not the day after it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

ANYONE = "WLD"
"""The receiver (or sender) of a record that has only one actor: a state's votes, deaths in a country by any hand."""

ActorKind = Literal["state", "armed group", "organisation", "aggregate"]
Frequency = Literal["month", "quarter", "fiscal_year", "year", "irregular"]
Spacing = Frequency | Literal["week", "day", "number"]
"""How the periods of a series follow each other: those of a measure, or of a plain file; numbers have no dates."""
NUMBERED = date(1970, 1, 1)
"""The day that stands for number 0 where periods are numbers."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts or is acted upon, and from when to when it exists (`valid_to` None: still does)."""

    actor_id: str
    name: str
    kind: ActorKind
    valid_from: date
    valid_to: date | None = None

    def exists(self, on: date) -> bool:
        """Whether the actor exists on a day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True, order=True)
class Dyad:
    """Two actors. Order is meaning (who acts towards whom) unless undirected; then the smaller id comes first."""

    sender: str
    receiver: str
    directed: bool = True

    def __post_init__(self) -> None:
        if not self.directed and self.receiver < self.sender:
            smaller, larger = self.receiver, self.sender
            object.__setattr__(self, "sender", smaller)
            object.__setattr__(self, "receiver", larger)

    @property
    def reversed(self) -> Dyad:
        """The same two with the roles exchanged."""
        return Dyad(self.receiver, self.sender, self.directed)

    def __str__(self) -> str:
        return f"{self.sender}{'→' if self.directed else '–'}{self.receiver}"


@dataclass(frozen=True, slots=True)
class Source:
    """Provenance: which dataset, in which version, under which terms, from which file."""

    source_id: str
    title: str
    publisher: str
    version: str
    licence: str
    url: str
    citation: str
    covers_from: date | None = None
    covers_to: date | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One measure of one dyad over time: the input of every method for turning points.

    Attributes:
        frame: Columns `period_start`, `period_end` (datetime64, days) and `value` (float64, NaN where unknown), in time
            order, one row per period, gaps present as NaN rows.
    """

    measure: str
    dyad: Dyad
    unit: str
    frequency: Spacing
    frame: pd.DataFrame = field(compare=False)
    title: str = ""
    partial: tuple[date, ...] = ()
    """Starts of the periods whose value is incomplete at the source; methods leave them out."""

    @property
    def name(self) -> str:
        """What to call the series in a sentence."""
        return self.title or f"{self.measure} {self.dyad}"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table: name → DuckDB type; `key` names the columns that identify a source's own row."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]
    id_column: str


EVENTS = Table(
    name="events",
    id_column="event_id",
    columns={
        "event_id": "VARCHAR",
        "date": "DATE",
        "date_end": "DATE",
        "sender": "VARCHAR",
        "receiver": "VARCHAR",
        "kind": "VARCHAR",  # what happened, in the source's scheme and prefixed by it: visit:president, cameo:042
        "intensity": "DOUBLE",  # Goldstein score or the source's own scale; null where it has none
        "mentions": "DOUBLE",  # how many reports carry the event; null where not counted
        "location": "VARCHAR",  # the state in whose territory it happened: not the government
        "place": "VARCHAR",  # province or town as the source writes it
        "lat": "DOUBLE",
        "lon": "DOUBLE",
        "fatalities": "DOUBLE",
        "fatalities_low": "DOUBLE",
        "fatalities_high": "DOUBLE",
        "item": "VARCHAR",  # conflict dyad, trip, visitor: what groups events
        "text": "VARCHAR",  # a few words that let a reader recognise the event
        "status": "VARCHAR",  # final | provisional
        "source_id": "VARCHAR",
        "version": "VARCHAR",
        "file": "VARCHAR",  # sha256
        "source_row": "VARCHAR",
    },
    key=("source_id", "version", "source_row", "kind", "sender", "receiver"),
)

OBSERVATIONS = Table(
    name="observations",
    id_column="observation_id",
    columns={
        "observation_id": "VARCHAR",
        "indicator": "VARCHAR",
        "sender": "VARCHAR",
        "receiver": "VARCHAR",
        "period_start": "DATE",
        "period_end": "DATE",
        "value": "DOUBLE",  # null: the source has the row and says unknown
        "low": "DOUBLE",  # lower and upper end the source itself gives (posterior quantiles, low and high estimates)
        "high": "DOUBLE",
        "unit": "VARCHAR",
        "item": "VARCHAR",  # account, visa class, roll call: what tells observations of one cell apart
        "status": "VARCHAR",  # final | partial | provisional | derived | approximate
        "source_id": "VARCHAR",
        "version": "VARCHAR",
        "file": "VARCHAR",
        "source_row": "VARCHAR",
    },
    key=("source_id", "version", "source_row", "indicator", "sender", "receiver", "item"),
)

COVERAGE = Table(
    name="coverage",
    id_column="coverage_id",
    columns={
        "coverage_id": "VARCHAR",
        "indicator": "VARCHAR",  # an indicator, or the prefix of event kinds: visit, ged, cameo
        "sender": "VARCHAR",  # an actor, or * for all
        "receiver": "VARCHAR",
        "period_start": "DATE",  # within this span a missing row means nothing happened; outside it, nothing is known
        "period_end": "DATE",
        "source_id": "VARCHAR",
        "version": "VARCHAR",
        "file": "VARCHAR",
    },
    key=("source_id", "version", "indicator", "sender", "receiver", "period_start", "period_end"),
)

FILES = Table(
    name="files",
    id_column="file",
    columns={
        "file": "VARCHAR",  # sha256
        "name": "VARCHAR",  # the name without folders: no path of a machine is kept
        "bytes": "BIGINT",
        "rows": "BIGINT",
        "records": "BIGINT",
        "skipped": "VARCHAR",  # JSON: reason → rows
        "source_id": "VARCHAR",
        "version": "VARCHAR",
        "title": "VARCHAR",
        "publisher": "VARCHAR",
        "licence": "VARCHAR",
        "url": "VARCHAR",
        "citation": "VARCHAR",
        "covers_from": "DATE",
        "covers_to": "DATE",
    },
    key=("file", "source_id", "version"),
)

TABLES = {table.name: table for table in (EVENTS, OBSERVATIONS, COVERAGE, FILES)}


@dataclass(frozen=True, slots=True)
class Records:
    """The record tables of a study (columns: `TABLES`).

    Attributes:
        events: A frame of any engine that Narwhals knows; `observations` likewise.
        coverage: A pandas frame (small); `files` likewise.
        lift: A small pandas frame to a frame of the engine that holds the records.
    """

    events: Any
    observations: Any
    coverage: pd.DataFrame
    files: pd.DataFrame
    lift: Callable[[pd.DataFrame], Any] = lambda frame: frame


def us_fiscal_year(year: int | str) -> tuple[date, date]:
    """First and last day of a United States fiscal year; ``"1976tq"`` is the transition quarter.

    Until 1976 the year ran from 1 July of the year before to 30 June; since 1977 from 1 October to 30 September
    (Congressional Budget and Impoundment Control Act of 1974, title V).

    >>> us_fiscal_year(2021)
    (datetime.date(2020, 10, 1), datetime.date(2021, 9, 30))
    >>> us_fiscal_year("1976tq")
    (datetime.date(1976, 7, 1), datetime.date(1976, 9, 30))
    """
    if str(year).lower() == "1976tq":
        return date(1976, 7, 1), date(1976, 9, 30)
    number = int(year)
    if number <= 1976:
        return date(number - 1, 7, 1), date(number, 6, 30)
    return date(number - 1, 10, 1), date(number, 9, 30)


def calendar_year(year: int) -> tuple[date, date]:
    """First and last day of a calendar year."""
    return date(year, 1, 1), date(year, 12, 31)


def calendar_month(year: int, month: int) -> tuple[date, date]:
    """First and last day of a calendar month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def calendar_quarter(year: int, quarter: int) -> tuple[date, date]:
    """First and last day of a calendar quarter (1 to 4)."""
    last = 3 * quarter
    return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])
