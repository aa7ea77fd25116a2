"""A table of units and periods to one treated unit, its donors, and what they are matched on; nothing is filled in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.errors import SeriesError, nearest
from detente.turning_points.synthetic_weights import Floats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Covariate:
    """The mean of a column over periods before the event: from `first` to `last`, None for all there are."""

    name: str
    first: int | date | None = None
    last: int | date | None = None

    @property
    def label(self) -> str:
        """The column and its periods, in words."""
        if self.first is None and self.last is None:
            return self.name
        ends = [str(end) for end in (self.first, self.last) if end is not None]
        return f"{self.name} {'–'.join(dict.fromkeys(ends))}"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what."""

    unit: str
    time: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Donors:
    """A balanced panel around an event.

    Attributes:
        names: Donors, in alphabetical order, then the treated unit.
        times: Periods, in order; the first `before` of them are before the event.
        outcome: Periods × units.
        predictors: Predictors × units, each with standard deviation one; no rows where none were asked for.
        labels: Names of the predictors.
    """

    names: tuple[str, ...]
    times: tuple[Any, ...]
    before: int
    outcome: Floats
    predictors: Floats
    labels: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Hash of the values."""
        said = repr((self.names, self.times, self.before)).encode()
        return hashlib.sha256(said + self.outcome.tobytes() + self.predictors.tobytes()).hexdigest()[:16]

    def gaps(self, unit: int, pool: Sequence[int]) -> Floats:
        """Outcome of the units in *pool* minus that of *unit*."""
        return self.outcome[:, list(pool)] - self.outcome[:, [unit]]

    def distances(self, unit: int, pool: Sequence[int]) -> Floats:
        """Predictors of the units in *pool* minus those of *unit*."""
        return self.predictors[:, list(pool)] - self.predictors[:, [unit]]


def donors(
    panel: pd.DataFrame, columns: Columns, treated: str, at: int | date, covariates: Sequence[str | Covariate] = ()
) -> Donors:
    """Read a long table.

    Raises:
        SeriesError: Whatever makes the comparison impossible; the hint names the repair.
    """
    asked = [one if isinstance(one, Covariate) else Covariate(one) for one in covariates]
    wanted = list(dict.fromkeys([columns.unit, columns.time, columns.outcome, *(one.name for one in asked)]))
    _present(panel, wanted)
    table = panel[wanted].copy()
    if table[[columns.unit, columns.time]].isna().any().any():
        raise SeriesError("rows without a unit or a time", hint=f"fill or drop them in {columns.unit}, {columns.time}")
    table[columns.unit] = table[columns.unit].astype(str)
    table[columns.time] = _times(table[columns.time])
    names = _names(table, columns, str(treated))
    wide = _wide(table, columns, columns.outcome)[names]
    start = _like(at, table[columns.time])
    before = _split(wide, start, at)
    outcome = _complete(wide, columns)
    _varies(outcome[:before], names)
    rows = [_predictor(table, columns, one, names, start) for one in asked]
    return Donors(
        names=tuple(names),
        times=tuple(_plain(one) for one in wide.index),
        before=before,
        outcome=outcome,
        predictors=_standardised(rows, asked, len(names)),
        labels=tuple(one.label for one in asked),
    )


def _present(panel: pd.DataFrame, wanted: list[str]) -> None:
    known = [str(column) for column in panel.columns]
    for column in wanted:
        if column not in panel.columns:
            close = nearest(column, known)
            hint = f"did you mean {' or '.join(close)}?" if close else f"columns: {', '.join(known)}"
            raise SeriesError(f"no column {column!r} in the panel", hint=hint)


def _times(values: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values
    if isinstance(values.dtype, pd.PeriodDtype):
        stamped: pd.Series[Any] = values.dt.to_timestamp()
        return stamped
    try:
        return pd.to_datetime(values)
    except (ValueError, TypeError) as problem:
        raise SeriesError(
            f"times that are neither numbers nor dates: {problem}", hint="write years as numbers, days as 2001-12-31"
        ) from problem


def _like(when: int | date, times: pd.Series[Any]) -> Any:
    """A day or a year in the kind that the times of the panel have."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(times):
        return when.year if isinstance(when, date) else when
    return pd.Timestamp(when) if isinstance(when, date) else pd.Timestamp(when, 1, 1)


def _plain(when: Any) -> Any:
    """A day, or a number without the `.0` that a column of floats gives to years."""
    if hasattr(when, "date"):
        return when.date()
    return int(when) if float(when).is_integer() else float(when)


def _names(table: pd.DataFrame, columns: Columns, treated: str) -> list[str]:
    units = sorted(table[columns.unit].unique())
    if treated not in units:
        close = nearest(treated, units)
        hint = f"did you mean {' or '.join(close)}?" if close else f"units: {', '.join(units[:10])}"
        raise SeriesError(f"the treated unit {treated!r} is not in the panel", hint=hint)
    others = [one for one in units if one != treated]
    if len(others) < 2:
        raise SeriesError(
            f"{len(others)} donors beside {treated}", hint="add units without the event: two at the very least"
        )
    twice = table[table.duplicated([columns.unit, columns.time])]
    if len(twice):
        unit, when = twice[columns.unit].iloc[0], _plain(twice[columns.time].iloc[0])
        raise SeriesError(f"{unit} has several rows for {when}", hint="keep one row a unit and period")
    return [*others, treated]


def _wide(table: pd.DataFrame, columns: Columns, column: str) -> pd.DataFrame:
    try:
        values = table[column].astype("float64")
    except (ValueError, TypeError) as problem:
        raise SeriesError(f"{column} holds values that are not numbers", hint=str(problem)) from problem
    return table.assign(**{column: values}).pivot(index=columns.time, columns=columns.unit, values=column).sort_index()


def _split(wide: pd.DataFrame, start: Any, at: int | date) -> int:
    before = int((wide.index < start).sum())
    first, last = _plain(wide.index[0]), _plain(wide.index[-1])
    if before == 0 or before == len(wide):
        raise SeriesError(f"{at} is outside the panel", hint=f"choose a time after {first} and not after {last}")
    if before < 2:
        raise SeriesError(f"one period before {at}", hint="two are needed at the very least; below ten little is known")
    return before


def _complete(wide: pd.DataFrame, columns: Columns) -> Floats:
    values = wide.to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(values)
    if wrong.any():
        units = [str(unit) for unit in wide.columns[wrong.any(axis=0)]]
        period = _plain(wide.index[int(wrong.any(axis=1).argmax())])
        raise SeriesError(
            f"unbalanced panel: {columns.outcome} is missing or infinite for {', '.join(units[:5])} (first {period})",
            hint="drop these units, or the periods that not all units have",
        )
    return values


def _varies(early: Floats, names: list[str]) -> None:
    still = np.ptp(early, axis=0) <= 1e-12 * np.maximum(np.abs(early).max(axis=0), 1e-300)
    if still[-1]:
        raise SeriesError(
            f"constant outcome: {names[-1]} never changes before the event", hint="choose another measure"
        )
    if still[:-1].all():
        raise SeriesError("constant outcome: no donor ever changes before the event", hint="choose other donors")


def _predictor(table: pd.DataFrame, columns: Columns, one: Covariate, names: list[str], start: Any) -> Floats:
    wide = _wide(table, columns, one.name)[names]
    first = wide.index[0] if one.first is None else _like(one.first, table[columns.time])
    last = wide.index[-1] if one.last is None else _like(one.last, table[columns.time])
    window = wide[(wide.index >= first) & (wide.index <= last) & (wide.index < start)]
    window = window[np.isfinite(window).all(axis=1)]
    if window.empty:
        raise SeriesError(
            f"covariate {one.label}: no period before the event in which all units have a value",
            hint="choose other periods (Covariate(name, first, last)), or drop the covariate or the units without it",
        )
    return np.asarray(window.mean(), dtype=np.float64)


def _standardised(rows: list[Floats], asked: list[Covariate], many: int) -> Floats:
    if not rows:
        return np.empty((0, many))
    values = np.array(rows)
    centred = values - values.mean(axis=1, keepdims=True)
    size = values.std(axis=1, ddof=1, keepdims=True)
    for row, (one, deviation) in enumerate(zip(asked, size[:, 0], strict=True)):
        if deviation <= 1e-12 * np.abs(values[row]).max():
            raise SeriesError(f"covariate {one.label} is the same for all units", hint="drop it: it tells none apart")
    unit: Floats = centred / size
    for row in range(1, min(len(asked), many - 1)):
        rest = unit[row] - unit[:row].T @ np.linalg.lstsq(unit[:row].T, unit[row], rcond=None)[0]
        if np.linalg.norm(rest) <= 1e-8 * np.linalg.norm(unit[row]):
            raise SeriesError(
                f"covariate {asked[row].label} is collinear: a combination of those before it", hint="drop one of them"
            )
    return unit
