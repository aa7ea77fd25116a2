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


def curve(table: pd.DataFrame, *, title: str, unit: str) -> alt.VConcatChart:
    """Draw effects in order with their intervals, and under each the choices behind it.

    Args:
        table: Columns `effect`, `low`, `high`, `found` and those of the choices, in order of effect.
        title: What the picture shows.
        unit: Unit of the effects.
    """
    import altair as alt

    numbered = table.assign(order=range(1, len(table) + 1))
    place = alt.X("order:O", axis=None)
    colour = alt.Color("found:N", title="interval leaves out zero", scale=alt.Scale(range=[OBSERVED, CLAIMED]))
    base = alt.Chart(numbered).encode(x=place)
    ends = base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title=unit), y2="high:Q", color=colour)
    points = base.mark_point(filled=True).encode(y="effect:Q", color=colour)
    zero = alt.Chart(numbered).mark_rule(color="#888").encode(y=alt.datum(0))
    choices = numbered.melt(id_vars="order", value_vars=["method", "shape", "window", "scale"], value_name="choice")
    dots = (
        alt.Chart(choices)
        .mark_square(size=24, color=OBSERVED)
        .encode(x=place, y=alt.Y("choice:N", title=None, sort=list(dict.fromkeys(choices["choice"]))))
    )
    upper = alt.layer(zero, ends, points).properties(title=title, width=560, height=220)
    return alt.vconcat(upper, dots.properties(width=560, height=150), spacing=6)


def found(table: pd.DataFrame, *, title: str) -> alt.LayerChart:
    """Draw when each change found falls, with its interval, and how clear it is.

    Args:
        table: Columns `unit`, `period`, `lower`, `upper`, `log10_evidence`.
        title: What the picture shows.
    """
    import altair as alt

    kind = "Q" if len(table) and isinstance(table["period"].iloc[0], int) else "T"
    height = alt.Y("log10_evidence:Q", title="evidence (powers of ten)")
    base = alt.Chart(table).encode(y=height, tooltip=["unit:N", "period:N", "lower:N", "upper:N"])
    ends = base.mark_rule(opacity=0.4, color=OBSERVED).encode(x=alt.X(f"lower:{kind}", title=None), x2="upper")
    points = base.mark_point(filled=True, color=CLAIMED).encode(x=f"period:{kind}")
    return _sized(alt.layer(ends, points), title)
