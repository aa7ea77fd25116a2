"""Plain tables to pictures of turning points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

OBSERVED, FITTED, CLAIMED, RIVAL = "#4c566a", "#b3541e", "#b3541e", "#2a6f97"


def levels(table: pd.DataFrame, marks: pd.DataFrame, *, title: str, unit: str) -> alt.LayerChart:
    """Draw values and fitted levels, with each break and its interval.

    Args:
        table: Columns `period_start`, `value`, `fitted`.
        marks: Columns `date`, `low`, `high`, one row for each break; may be empty.
        title: What the picture shows.
        unit: Unit of the values.
    """
    import altair as alt

    time = alt.X("period_start:T", title=None)
    base = alt.Chart(table).encode(x=time)
    points = base.mark_line(point=True, color=OBSERVED).encode(y=alt.Y("value:Q", title=unit))
    fit = base.mark_line(color=FITTED, strokeWidth=2).encode(y=alt.Y("fitted:Q", title=unit))
    layers = [points, fit]
    if len(marks):
        band = alt.Chart(marks).mark_rect(color=FITTED, opacity=0.15).encode(x="low:T", x2="high:T")
        rule = alt.Chart(marks).mark_rule(color=FITTED, strokeDash=[4, 3]).encode(x="date:T")
        layers = [band, *layers, rule]
    return _sized(alt.layer(*layers), title)


def dates(table: pd.DataFrame, candidates: pd.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw the probability of each date, with the claimed and the rival dates marked.

    Args:
        table: Columns `date`, `probability`.
        candidates: Columns `name`, `date`, `role` (claimed or rival).
        title: What the picture shows.
    """
    import altair as alt

    bars = (
        alt.Chart(table)
        .mark_bar(color=OBSERVED)
        .encode(x=alt.X("date:T", title="first period of the new level"), y=alt.Y("probability:Q", title="probability"))
    )
    colour = alt.Color("role:N", title=None, scale=alt.Scale(domain=["claimed", "rival"], range=[CLAIMED, RIVAL]))
    rules = (
        alt.Chart(candidates).mark_rule(strokeWidth=2).encode(x="date:T", color=colour, tooltip=["name:N", "date:T"])
    )
    words = (
        alt.Chart(candidates)
        .mark_text(angle=270, align="right", dy=-6, baseline="middle")
        .encode(x="date:T", y=alt.value(0), text="name:N", color=colour)
    )
    return _sized(alt.layer(bars, rules, words), title)


def effect(table: pd.DataFrame, *, at: Any, title: str, unit: str) -> alt.LayerChart:
    """Draw values and what the model expects without the event, with the date of the event.

    Args:
        table: Columns `period_start`, `value`, `without` (expected without the event), `low`, `high`.
        at: Date of the event.
        title: What the picture shows.
        unit: Unit of the values.
    """
    import altair as alt
    import pandas as pd

    base = alt.Chart(table).encode(x=alt.X("period_start:T", title=None))
    band = base.mark_area(color=RIVAL, opacity=0.18).encode(y=alt.Y("low:Q", title=unit), y2="high:Q")
    expected = base.mark_line(color=RIVAL, strokeDash=[5, 3]).encode(y=alt.Y("without:Q", title=unit))
    values = base.mark_line(point=True, color=OBSERVED).encode(y=alt.Y("value:Q", title=unit))
    event = alt.Chart(pd.DataFrame({"date": [pd.Timestamp(at)]})).mark_rule(color=CLAIMED).encode(x="date:T")
    return _sized(alt.layer(band, expected, values, event), title)


def _sized(chart: alt.LayerChart | alt.FacetChart, title: str) -> alt.LayerChart:
    return cast("alt.LayerChart", chart.properties(title=title, width=560, height=240))
