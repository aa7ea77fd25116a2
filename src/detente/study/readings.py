"""A line of the panel to what the methods say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.errors import SeriesError
from detente.protocol import Protocol
from detente.records import Series

if TYPE_CHECKING:
    from detente.panel import Line, Panel
    from detente.report import Reading


def read(line: Line, panel: Panel, protocol: Protocol) -> Reading:
    """When the line changed, whether at the claimed date or a rival's, and what the claimed event changed.

    Breaks are looked for in both windows of the study; the dates are compared, and the effect is estimated, in the
    protocol's `around`, where one change is assumed. What a method refuses is said in its words.
    """
    from detente.report import Reading
    from detente.turning_points import breaks, compare_dates, intervention

    at, windows, around = protocol.turning_point, protocol.windows, protocol.around
    rivals = [(rival.name, rival.date) for rival in protocol.rivals]
    whole = panel.series(line.dyad, line.measure)
    series = touching(whole, windows.pre.start, windows.post.end)
    near = touching(whole, around.start, around.end)
    methods: dict[str, Callable[[], Any]] = {
        "breaks": lambda: breaks(series),
        "dates": lambda: compare_dates(near, (at.name, at.date), rivals),
        "effect": lambda: intervention(near, at.date, name=at.name),
    }
    done: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name, method in methods.items():
        try:
            done[name] = method()
        except SeriesError as error:
            # Methods differ in how many values they need: one sentence, with the least that any of them asks for.
            refused[error.problem.split("; ")[0]] = error.problem
    return Reading(line=line, series=series, refused="; ".join(refused.values()), **done)


def touching(series: Series, first: date, last: date) -> Series:
    """The periods of a series that touch the days from *first* to *last*."""
    import pandas as pd

    frame = series.frame
    inside = (frame["period_end"] >= pd.Timestamp(first)) & (frame["period_start"] <= pd.Timestamp(last))
    return replace(series, frame=frame[inside].reset_index(drop=True))
