"""Other series, not touched by the event, to regressors on the periods of the one that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check
from detente.turning_points.effects.robust import effects_at
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_series
from detente.turning_points.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Controls:
    """Controls on the periods of a series.

    Attributes:
        names: Of those that are used; `left_out` those that say nothing, with the reason.
        values: One control a column, one row an observation used.
    """

    names: tuple[str, ...]
    values: Array
    left_out: tuple[str, ...]


def aligned(given: Any, timeline: Timeline, positions: tuple[int, ...], y: Array) -> Controls:
    """Put controls on the periods of a series.

    Args:
        given: Nothing, a series, a list or mapping of series, or a data frame with one control a column.
        timeline: Of the series.
        positions: Which of its periods are used.
        y: Its values there.

    Raises:
        SeriesError: Other periods than those of the series, a period without a value, or a copy of the series itself.
    """
    series = _listed(given)
    starts = [timeline.starts[at] for at in positions]
    columns = [_values(one, timeline, starts) for one in series]
    names: list[str] = []
    kept: list[Array] = []
    left_out: list[str] = []
    for one, column in zip(series, columns, strict=True):
        if np.ptp(column) <= 1e-12 * max(float(np.abs(column).max()), 1e-300):
            left_out.append(f"{one.name} (constant)")
        elif _tied(column, y):
            raise SeriesError(
                f"the control {one.name} is {timeline.name} itself, up to scale",
                hint="leave it out: a control must be another series that the event did not touch",
            )
        elif twin := next((name for name, other in zip(names, kept, strict=True) if _tied(column, other)), ""):
            left_out.append(f"{one.name} (the same as {twin})")
        else:
            names.append(one.name)
            kept.append(column)
    values = np.column_stack(kept) if kept else np.zeros((len(positions), 0))
    return Controls(tuple(names), values, tuple(left_out))


def _listed(given: Any) -> list[Series]:
    """The controls one by one."""
    import pandas as pd

    if given is None:
        return []
    if isinstance(given, Mapping):
        return [as_series(one, name=str(name)) for name, one in given.items()]
    if isinstance(given, list | tuple) and not any(isinstance(one, int | float) for one in given):
        return [as_series(one, name=getattr(one, "name", None) or f"control {n}") for n, one in enumerate(given, 1)]
    table = given.to_pandas() if hasattr(given, "to_pandas") else given
    if not isinstance(table, pd.DataFrame):
        return [as_series(given, name=str(getattr(given, "name", None) or "control"))]
    if isinstance(table.index, pd.RangeIndex) and not pd.api.types.is_numeric_dtype(table.iloc[:, 0]):
        table = table.set_index(table.columns[0])
    return [as_series(table[column], name=str(column)) for column in table.columns]


def _values(control: Series, timeline: Timeline, starts: list[Any]) -> Array:
    if control.frequency != timeline.frequency:
        raise SeriesError(
            f"the control {control.name} has periods of another kind ({control.frequency}) than {timeline.name} "
            f"({timeline.frequency})",
            hint="give controls the same index as the series",
        )
    known = {
        stamp.date(): float(value)
        for stamp, value in zip(control.frame["period_start"], control.frame["value"], strict=True)
        if stamp.date() not in control.partial
    }
    column = np.array([known.get(start, np.nan) for start in starts])
    if not np.isfinite(column).all():
        missing = [str(start) for start, value in zip(starts, column, strict=True) if not np.isfinite(value)]
        some = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
        raise SeriesError(
            f"the control {control.name} has no value in {len(missing)} of the periods of {timeline.name} ({some})",
            hint="leave that control out, or shorten the series to the periods that the control covers",
        )
    return column


def _tied(one: Array, other: Array) -> bool:
    """Whether one is the other, up to scale and level."""
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return scale > 0 and abs(float(a @ b)) / scale > 1 - 1e-10


def unmoved_check(controls: Controls, positions: tuple[int, ...], before: int) -> Check:
    """Whether the controls stayed as they were at the event: one that moved takes part of the effect with it."""
    first = np.full(len(controls.names), before)
    p = effects_at(positions, controls.values, first)[3]
    limit = 0.05 / len(p)
    moved = [f"{name} (p {value:.3f})" for name, value in zip(controls.names, p, strict=True) if value < limit]
    detail = (
        f"at the date of the event these moved themselves: {', '.join(moved)}; leave them out"
        if moved
        else f"none of {len(p)} moved at the date of the event by more than chance (least p {p.min():.3f})"
    )
    return Check("controls unmoved", not moved, detail)
