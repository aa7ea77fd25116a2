"""A table of units and periods to a panel around an event; nothing is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.errors import SeriesError, nearest, no_column
from detente.turning_points.donors.panel import Cohorts, Columns, Covariate, Donors, Time
from detente.turning_points.donors.weights import Floats

if TYPE_CHECKING:
    import pandas as pd


def as_frame(panel: Any) -> pd.DataFrame:
    """Give the pandas frame that a pandas, polars or Arrow table is.

    Raises:
        SeriesError: It is no table.
    """
    import narwhals as nw

    try:
        eager: Any = nw.from_native(panel, eager_only=True)
    except TypeError as problem:
        raise SeriesError(
            f"a {type(panel).__name__} is no table of units and periods", hint="give a pandas, polars or Arrow table"
        ) from problem
    frame: pd.DataFrame = eager.to_pandas()
    return frame


def donors(panel: Any, columns: Columns, treated: str, at: Time, covariates: Sequence[str | Covariate] = ()) -> Donors:
    """Read a long table.

    Raises:
        SeriesError: Whatever makes the comparison impossible; the hint names the repair.
    """
    asked = [one if isinstance(one, Covariate) else Covariate(one) for one in covariates]
    table = _table(panel, columns, [one.name for one in asked])
    names = _names(table, columns, [str(treated)])
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


def cohorts(panel: Any, columns: Columns, events: Mapping[str, Time]) -> Cohorts:
    """Read a long table in which several units had an event.

    Args:
        panel: As for `donors`.
        columns: Which column holds what.
        events: Treated unit → first period after its event.

    Raises:
        SeriesError: As for `donors`.
    """
    table = _table(panel, columns, [])
    treated = sorted(str(one) for one in events)
    names = _names(table, columns, treated)
    wide = _wide(table, columns, columns.outcome)[names]
    starts = {str(one): _split(wide, _like(at, table[columns.time]), at) for one, at in events.items()}
    outcome = _complete(wide, columns)
    _varies(outcome[: min(starts.values())], names)
    return Cohorts(tuple(names), tuple(_plain(one) for one in wide.index), outcome, starts)


def _table(panel: Any, columns: Columns, more: list[str]) -> pd.DataFrame:
    """The columns that are needed, with units as texts and times as numbers or dates."""
    frame = as_frame(panel)
    wanted = list(dict.fromkeys([columns.unit, columns.time, columns.outcome, *more]))
    _present(frame, wanted)
    table = frame[wanted].copy()
    if table[[columns.unit, columns.time]].isna().any().any():
        raise SeriesError("rows without a unit or a time", hint=f"fill or drop them in {columns.unit}, {columns.time}")
    table[columns.unit] = table[columns.unit].astype(str)
    table[columns.time] = _times(table[columns.time])
    return table


def _present(panel: pd.DataFrame, wanted: list[str]) -> None:
    known = [str(column) for column in panel.columns]
    for column in wanted:
        if column not in panel.columns:
            raise no_column(column, known, within=" in the panel")


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


def _like(when: Any, times: pd.Series[Any]) -> Any:
    """A day or a year, or its text, in the kind that the times of the panel have."""
    import pandas as pd

    said = when.start_time if isinstance(when, pd.Period) else when
    try:
        if pd.api.types.is_numeric_dtype(times):
            return said.year if isinstance(said, date) else float(said)
        return pd.Timestamp(said) if isinstance(said, date | str) else pd.Timestamp(int(said), 1, 1)
    except (ValueError, TypeError) as problem:
        raise SeriesError(f"{when!r} is no time", hint="write 1989 or 2021-08-15, as the panel has it") from problem


def _plain(when: Any) -> Any:
    """A day, or a number without the `.0` that a column of floats gives to years."""
    if hasattr(when, "date"):
        return when.date()
    return int(when) if float(when).is_integer() else float(when)


def _names(table: pd.DataFrame, columns: Columns, treated: Sequence[str]) -> list[str]:
    units = sorted(table[columns.unit].unique())
    for one in treated:
        if one not in units:
            close = nearest(one, units)
            hint = f"did you mean {' or '.join(close)}?" if close else f"units: {', '.join(units[:10])}"
            raise SeriesError(f"the treated unit {one!r} is not in the panel", hint=hint)
    others = [one for one in units if one not in treated]
    if len(others) < 2:
        raise SeriesError(
            f"{len(others)} donors beside {', '.join(treated)}",
            hint="add units without the event: two at the very least",
        )
    twice = table[table.duplicated([columns.unit, columns.time])]
    if len(twice):
        unit, when = twice[columns.unit].iloc[0], _plain(twice[columns.time].iloc[0])
        raise SeriesError(f"{unit} has several rows for {when}", hint="keep one row a unit and period")
    return [*others, *treated]


def _wide(table: pd.DataFrame, columns: Columns, column: str) -> pd.DataFrame:
    try:
        values = table[column].astype("float64")
    except (ValueError, TypeError) as problem:
        raise SeriesError(f"{column} holds values that are not numbers", hint=str(problem)) from problem
    return table.assign(**{column: values}).pivot(index=columns.time, columns=columns.unit, values=column).sort_index()


def _split(wide: pd.DataFrame, start: Any, at: Time) -> int:
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
