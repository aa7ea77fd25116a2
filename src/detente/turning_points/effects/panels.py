"""The table of an effect to its picture: values, effect period by period, and its sum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from detente.turning_points.plots import CLAIMED, OBSERVED, RIVAL

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


def three(table: pd.DataFrame, *, at: Any, title: str, unit: str) -> alt.VConcatChart:
    """Draw three panels, one below the other, on one axis of time.

    Args:
        table: Rows of `Effect.to_frame`.
        at: Date of the event.
        title: What the picture shows.
        unit: Unit of the values.
    """
    import altair as alt
    import pandas as pd

    event = alt.Chart(pd.DataFrame({"date": [pd.Timestamp(at)]})).mark_rule(color=CLAIMED).encode(x="date:T")
    time = alt.X("period_start:T", title=None)

    def panel(middle: str, low: str, high: str, words: str, *above: alt.Chart) -> alt.LayerChart:
        late = alt.Chart(table[table["after"]]).encode(x=time)
        band = late.mark_area(color=RIVAL, opacity=0.18).encode(y=alt.Y(f"{low}:Q", title=words), y2=f"{high}:Q")
        line = late.mark_line(color=RIVAL, strokeDash=[5, 3]).encode(y=alt.Y(f"{middle}:Q", title=words))
        return cast("alt.LayerChart", alt.layer(band, line, *above, event).properties(width=560, height=150))

    values = alt.Chart(table).mark_line(point=True, color=OBSERVED).encode(x=time, y=alt.Y("value:Q", title=unit))
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color="#888").encode(y="zero:Q")
    panels = [panel("without", "low", "high", unit or "value", values).properties(title=title)]
    panels.append(panel("effect", "effect_low", "effect_high", "effect", zero))
    if "cumulative" in table:
        panels.append(panel("cumulative", "cumulative_low", "cumulative_high", "sum of effects", zero))
    return cast("alt.VConcatChart", alt.vconcat(*panels, spacing=6).resolve_scale(x="shared"))
