"""A claim to the numbers it is about: series cut to the window, periods before and after, the records behind them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from detente.claims.claim import Claim, Direction, Part, Quantity
from detente.errors import SeriesError
from detente.panel import Panel, measures
from detente.protocol import Moment, Protocol
from detente.records import Dyad, Series
from detente.registry import pick

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MOST_EVIDENCE = 200
"""Most record ids a verdict lists; how many there are in all is a number of the verdict."""

Scale = Literal["level", "log", "log1p"]


@dataclass(frozen=True, slots=True)
class Data:
    """The known values of a quantity in complete periods of a window.

    Attributes:
        positions: Number of each value's period, gaps counted.
    """

    quantity: Quantity
    series: Series
    source_id: str
    version: str
    starts: tuple[date, ...]
    ends: tuple[date, ...]
    values: NDArray[np.float64] = field(compare=False)
    positions: tuple[int, ...]

    @property
    def unit(self) -> str:
        """The unit of the values."""
        return self.series.unit

    @property
    def n(self) -> int:
        """How many values there are."""
        return len(self.starts)

    def label(self, number: int) -> str:
        """What to call the period of a value."""
        return period(self.starts[number], self.ends[number], self.series.frequency)

    @property
    def span(self) -> str:
        """First and last period, in words."""
        return f"{self.label(0)} to {self.label(self.n - 1)}" if self.n else "no period"

    def refuse_fewer(self, least: int) -> None:
        """Stop where there are fewer complete periods than a test needs.

        Raises:
            SeriesError: There are.
        """
        if self.n < least:
            raise SeriesError(
                f"{self.series.name} has {self.n} complete periods in the window; {least} are needed",
                hint="widen the window, or ingest more",
            )

    def before(self, day: date) -> list[int]:
        """Values of periods that end before a day."""
        return [number for number, end in enumerate(self.ends) if end < day]

    def after(self, day: date) -> list[int]:
        """Values of periods that start on a day or later."""
        return [number for number, start in enumerate(self.starts) if start >= day]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a test is asked: one part of a claim, of a panel, under a protocol.

    Attributes:
        params: The part's parameters, checked.
        members: Records of a line, once looked up; `held`: its values, once cut.
    """

    claim: Claim
    part: Part
    params: Any
    panel: Panel
    protocol: Protocol
    members: dict[Quantity, pd.DataFrame] = field(default_factory=dict, compare=False)
    held: dict[tuple[Quantity, Scale], Data] = field(default_factory=dict, compare=False)

    @property
    def quantity(self) -> Quantity:
        """The quantity the part is about."""
        if self.part.quantity is None:  # checked when the ledger is read
            raise SeriesError(f"claim {self.claim.claim_id} names no quantity", hint="add `quantity:`")
        return self.part.quantity

    @property
    def direction(self) -> Direction:
        """Which way the claim says it goes."""
        return self.part.direction

    @property
    def window(self) -> tuple[date, date]:
        """First and last day looked at."""
        windows = self.protocol.windows
        chosen = self.part.window
        return (chosen.start, chosen.end) if chosen else (windows.pre.start, windows.post.end)

    @property
    def at(self) -> tuple[str, date]:
        """Name and date of the claimed change: the part's own, else the study's turning point."""
        point = self.protocol.turning_point
        own: date | None = getattr(self.params, "at", None)
        return (point.name, point.date) if own in (None, point.date) else (self._named(own), own)

    def _named(self, day: date | None) -> str:
        known = {rival.date: rival.name for rival in self.protocol.rivals}
        return known.get(day, f"{day}") if day else ""

    @property
    def rivals(self) -> list[tuple[str, date]]:
        """Other dates at which it may have changed: the part's own and the protocol's, less the one asked about."""
        own: tuple[Moment, ...] = getattr(self.params, "rivals", ())
        protocol = self.protocol
        moments = [(one.name, one.date) for one in (*own, *protocol.rivals, protocol.turning_point)]
        return [moment for moment in moments if moment[1] != self.at[1]]

    def rivals_in(self, data: Data) -> list[tuple[str, date]]:
        """The rival dates that lie within the data."""
        return [(name, day) for name, day in self.rivals if data.n and data.starts[0] <= day <= data.ends[-1]]

    def shocks(self, first: date, last: date) -> list[str]:
        """Names of the shocks that overlap a span of days."""
        return [shock.name for shock in self.protocol.shocks if shock.start <= last and shock.end >= first]

    def data(self, quantity: Quantity | None = None, *, scale: Scale = "level") -> Data:
        """The values of a quantity within the window, on a scale."""
        chosen = quantity or self.quantity
        if (chosen, scale) not in self.held:
            self.held[chosen, scale] = self._cut(chosen, scale)
        return self.held[chosen, scale]

    def _cut(self, quantity: Quantity, scale: Scale) -> Data:
        import pandas as pd

        dyad = quantity.dyad(self.protocol)
        rows = _rows(self.panel, dyad, quantity.measure)
        first, last = (pd.Timestamp(day) for day in self.window)
        cut = rows[(rows["period_start"] >= first) & (rows["period_end"] <= last)].reset_index(drop=True)
        whole = self.panel.series(dyad, quantity.measure)
        values = _scaled(cut["value"], scale, whole)
        frame = cut[["period_start", "period_end"]].assign(value=values)
        return _data(quantity, replace(whole, frame=frame), cut)

    def records(self, quantity: Quantity, starts: list[date]) -> list[str]:
        """Ids of the records behind the cells of a quantity that start on these days, in time order."""
        if quantity not in self.members:
            self.members[quantity] = self.panel.members(quantity.dyad(self.protocol), quantity.measure)
        found = self.members[quantity]
        days = {day.isoformat() for day in starts}
        mine = found[found["period_start"].dt.strftime("%Y-%m-%d").isin(days)]
        ordered = mine.sort_values(["period_start", "record"])
        return list(dict.fromkeys(part for ids in ordered["record"] for part in ids.split(" ")))

    def evidence(self, *used: tuple[Data, list[int]]) -> tuple[tuple[str, ...], dict[str, int]]:
        """Record ids behind the values used, evenly thinned to `MOST_EVIDENCE`, and how many there are in all."""
        found = [one for data, rows in used for one in self.records(data.quantity, [data.starts[row] for row in rows])]
        every = list(dict.fromkeys(found))
        step = -(-len(every) // MOST_EVIDENCE) or 1
        listed = tuple(every[::step])
        return listed, {"records": len(every), "records_listed": len(listed)}


def has_data(panel: Panel, quantity: Quantity, protocol: Protocol) -> bool:
    """Whether the panel knows any value of a quantity."""
    return bool(_rows(panel, quantity.dyad(protocol), quantity.measure)["value"].notna().any())


def period(start: date, end: date, frequency: str) -> str:
    """What to call a period in a sentence."""
    if frequency == "fiscal_year":
        return f"FY{end.year}"
    if frequency == "month":
        return f"{start:%Y-%m}"
    if frequency == "quarter":
        return f"{start.year} Q{(start.month + 2) // 3}"
    edges, years = (start.month, start.day, end.month, end.day), (start.year, end.year)
    if edges == (1, 1, 12, 31):
        return f"{start.year}" if start.year == end.year else f"{start.year}–{end.year}"
    if edges == (10, 1, 9, 30) and years == (start.year, start.year + 1):
        return f"FY{end.year}"
    return f"{start} to {end}"


def source_name(source_id: str, panel: Panel) -> str:
    """Publisher's title of a source, as the files held say; its id where none is held."""
    files = panel.records.files
    titles = files.loc[files["source_id"] == source_id, "title"]
    return str(titles.iloc[0]) if len(titles) else source_id


def _rows(panel: Panel, dyad: Dyad, measure: str) -> pd.DataFrame:
    frame = panel.frame
    same = (frame["measure"] == measure) & (frame["sender"] == dyad.sender) & (frame["receiver"] == dyad.receiver)
    return frame[same]


def _scaled(values: pd.Series, scale: Scale, series: Series) -> Any:
    import numpy as np

    raw = values.to_numpy(dtype=float, na_value=np.nan)
    if scale == "level":
        return raw
    lowest = 0.0 if scale == "log" else -1.0
    if (raw[~np.isnan(raw)] <= lowest).any():
        raise SeriesError(
            f"{series.name} has values of {lowest:g} or less, which have no logarithm", hint="use `scale: level`"
        )
    return np.log(raw) if scale == "log" else np.log1p(raw)


def _data(quantity: Quantity, series: Series, cut: pd.DataFrame) -> Data:
    import numpy as np

    frame = series.frame
    values = frame["value"].to_numpy(dtype=float)
    whole = ~np.isnan(values) & (cut["status"] != "partial").to_numpy()
    known = np.flatnonzero(whole)
    return Data(
        quantity=quantity,
        series=series,
        source_id=str(cut["source_id"].iloc[0]) if len(cut) else pick("measure", series.measure, measures()).source_id,
        version=str(cut["version"].iloc[0]) if len(cut) else "",
        starts=tuple(frame["period_start"].iloc[known].dt.date),
        ends=tuple(frame["period_end"].iloc[known].dt.date),
        values=values[known],
        positions=tuple(int(row - known[0]) for row in known) if len(known) else (),
    )
