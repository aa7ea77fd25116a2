"""A table of many series to groups that share their periods."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError, no_column
from detente.records import Dyad, Series, Spacing
from detente.turning_points.belief.scales import counted, grows
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_series, told

if TYPE_CHECKING:
    import pandas as pd

PANEL = ("measure", "sender", "receiver", "period_start", "value")
"""The columns of a panel of détente."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Series that share their spine of periods.

    Attributes:
        spine: A series with the periods; its values mean nothing.
        names: One a column.
        values: Periods × series, NaN where unknown.
        logs: Numbers of the series whose values are logarithms.
        counts: Whether the values count things.
    """

    spine: Series
    names: tuple[str, ...]
    values: Array
    logs: frozenset[int] = frozenset()
    counts: bool = False

    def logged(self) -> Sheet:
        """The same as logarithms, save series that have none: those with a negative value or none above zero."""
        known = np.where(np.isnan(self.values), 0.0, self.values)
        least = np.where(known > 0, known, np.inf).min(axis=0)
        fit = (known.min(axis=0) >= 0) & np.isfinite(least)
        started = np.where(self.values == 0, np.where(np.isfinite(least), least, 1.0) / 2, self.values)
        with np.errstate(invalid="ignore"):
            values = np.where(fit, np.log(started), self.values)
        return replace(self, values=values, logs=frozenset(np.flatnonzero(fit).tolist()))

    def scale(self, number: int) -> str:
        """Whether a series is given as it is or as logarithms."""
        return "logarithms" if number in self.logs else "as given"

    def series(self, number: int) -> Series:
        """One of them, as if it had been given alone."""
        frame = self.spine.frame.assign(value=self.values[:, number])
        return replace(self.spine, measure=self.names[number], title=self.names[number], frame=frame)

    @property
    def period_names(self) -> NDArray[Any]:
        """How a machine is told each period."""
        starts = [stamp.date() for stamp in self.spine.frame["period_start"]]
        return np.array([told(start, self.spine.frequency) for start in starts], dtype=object)

    def fingerprint(self, numbers: Sequence[int]) -> str:
        """Hash of some of them: periods, names and values."""
        said = repr((self.spine.frequency, [self.names[one] for one in numbers])).encode()
        starts = self.spine.frame["period_start"].to_numpy().astype("datetime64[D]").astype("int64")
        values = np.ascontiguousarray(self.values[:, list(numbers)], dtype="<f8")
        return hashlib.sha256(said + starts.tobytes() + values.tobytes()).hexdigest()[:24]


def sheets(panel: Any, *, unit: str, time: str, value: str, counts: bool = False) -> list[Sheet]:
    """Read a table with a row a unit and period, a panel of détente, or named series.

    Raises:
        SeriesError: Columns that are not there, values that are no numbers, rows that are double.
    """
    if isinstance(panel, Mapping):
        return [_alone(name, as_series(series), counts) for name, series in panel.items()]
    frame = getattr(panel, "frame", panel)
    frame = frame.to_pandas() if hasattr(frame, "to_pandas") else frame
    if set(PANEL) <= set(frame.columns) and time not in frame.columns:
        return [sheet for _, part in frame.groupby("measure", sort=True) for sheet in _of_panel(part)]
    for column in (unit, time, value):
        _present(frame, column)
    if frame[unit].isna().any():
        raise SeriesError("rows without a unit", hint=f"fill or drop them in {unit}")
    return [_sheet(frame[unit].astype(str), frame[time], frame[value], _spine(frame[time]), counts=counts)]


def _alone(name: str, series: Series, counts: bool) -> Sheet:
    return Sheet(series, (str(name),), series.frame[["value"]].to_numpy(dtype=float), counts=counts)


def _of_panel(part: pd.DataFrame) -> Iterator[Sheet]:
    """The dyads of one measure; a partial period is unknown, and so is a transition quarter among fiscal years."""
    known = part if "status" not in part.columns else part[part["status"] != "partial"]
    days = (known["period_end"] - known["period_start"]).dt.days + 1 if "period_end" in known.columns else None
    if days is not None:
        known = known[days >= 0.8 * days.median()]
    if len(known):
        measure, unit = (str(known[name].iloc[0]) for name in ("measure", "unit"))
        between = known["sender"].astype(str) + "→" + known["receiver"].astype(str)
        names, times = measure + " " + between, known["period_start"]
        spine = _spine(times) if days is None else _spine_of(known)
        sheet = _sheet(names, times, known["value"], spine, counts=counted(unit))
        yield sheet.logged() if grows(unit) else sheet


def _spine_of(known: pd.DataFrame) -> Series:
    """The periods of a panel, one after the other as its source has them."""
    periods = known[["period_start", "period_end"]].drop_duplicates("period_start").sort_values("period_start")
    days = int((periods["period_end"] - periods["period_start"]).dt.days.median()) + 1
    named: dict[int, Spacing] = {30: "month", 91: "quarter", 365: "year"}
    nearest_length = min(named, key=lambda one: abs(one - days))
    frequency = named[nearest_length] if abs(nearest_length - days) <= 2 else "irregular"
    if frequency == "year" and (periods["period_start"].dt.month != 1).all():
        frequency = "fiscal_year"
    frame = periods.reset_index(drop=True).assign(value=np.arange(len(periods), dtype=float))
    return Series("the panel", Dyad("", ""), "", frequency, frame)


def _present(frame: pd.DataFrame, column: str) -> None:
    known = [str(one) for one in frame.columns]
    if column not in known:
        raise no_column(column, known, within=" in the panel")


def _spine(times: pd.Series[Any]) -> Series:
    """Every period from the first to the last; its values number those that occur."""
    import pandas as pd

    distinct = pd.Index(times.unique()).sort_values()
    return as_series(pd.Series(np.arange(len(distinct), dtype=float), index=distinct), name="the panel")


def _sheet(
    units: pd.Series[Any], times: pd.Series[Any], values: pd.Series[Any], spine: Series, *, counts: bool
) -> Sheet:
    """Long to wide along a spine."""
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce")
    if (numbers.isna() & values.notna()).any():
        odd = values[numbers.isna() & values.notna()].iloc[0]
        raise SeriesError(f"a value that is no number: {odd!r}", hint="leave unknown values empty")
    distinct = pd.Index(times.unique()).sort_values()
    row = spine.frame["value"].to_numpy()
    place = np.full(len(distinct), -1)
    place[row[~np.isnan(row)].astype(int)] = np.flatnonzero(~np.isnan(row))
    names, column = np.unique(units.to_numpy(dtype=object), return_inverse=True)
    at = place[distinct.get_indexer(times)]
    _refuse_double(at, column, names, times)
    wide = np.full((len(spine.frame), len(names)), np.nan)
    wide[at, column] = numbers.to_numpy(dtype=float)
    return Sheet(spine, tuple(str(name) for name in names), wide, counts=counts)


def _refuse_double(at: Any, column: Any, names: Any, times: pd.Series[Any]) -> None:
    keys = at.astype(np.int64) * len(names) + column
    order = np.argsort(keys, kind="stable")
    twice = np.flatnonzero(np.diff(keys[order]) == 0)
    if len(twice):
        row = int(order[twice[0]])
        raise SeriesError(
            f"{names[column[row]]} has several rows for {times.iloc[row]}", hint="keep one row a unit and period"
        )
