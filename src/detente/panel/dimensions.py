"""A dimension's measures to one index a year, with its band, its range over other choices, and the change in it.

Each measure is put into units of its own standard deviation in the window before, turned so that more means closer,
and averaged with the protocol's weights. Where there is too little data the index says so instead of a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detente.errors import unknown_name
from detente.panel.measures import measures
from detente.panel.yearly import source_error, yearly
from detente.records import Dyad
from detente.registry import pick
from detente.results import Provenance, Result

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from detente.panel.build import Panel
    from detente.panel.composite import Component, Composite, Contribution
    from detente.panel.uncertainty import Estimate
    from detente.protocol import Protocol, Tracked, Window

LEAST_AFTER = 2
"""Fewest known measure-years in the window after that carry an index."""
NO_DIRECTION = "the protocol gives it no direction"
COLUMNS = ("year", "value", "low", "high", "range_low", "range_high", "measures")


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionIndex(Result):
    """One dimension of a relationship, year by year.

    Attributes:
        standardised_on: First and last calendar year of the window that means and deviations are taken from.
        turning_point: Its name and its year.
        before: Mean of the complete years of the window before; `after` and `change` likewise. None where refused.
        change_range: The change over other reasonable weights, windows and scales.
        left_out: Measure and dyad, and why it is not in the index.
        refused: Why there is no number; empty where there is one.
    """

    dimension: str
    title: str
    standardised_on: tuple[int, int]
    turning_point: tuple[str, int]
    frame: pd.DataFrame = field(repr=False)
    before: Estimate | None = None
    after: Estimate | None = None
    change: Estimate | None = None
    change_range: tuple[float, float] | None = None
    contributions: tuple[Contribution, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    refused: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Columns `year`, `value`, `low`, `high` (95 %), `range_low`, `range_high`, `measures` (number known)."""
        return self.frame.copy()

    def summary(self) -> str:
        """The change in one sentence, with its interval and its range; or why there is none."""
        if self.change is None or self.change_range is None:
            return f"{self.title}: no index, because {self.refused}."
        sure = self.change.low > 0 or self.change.high < 0
        verb = ("is closer" if self.change.value > 0 else "is less close") if sure else "shows no change beyond chance"
        value, low, high = (_signed(end) for end in (self.change.value, self.change.low, self.change.high))
        least, most = (_signed(end) for end in self.change_range)
        first, last = self.standardised_on
        count = len(self.contributions)
        return (
            f"{self.title} {verb} after {self.turning_point[0]}: {value} standard deviations of {first}–{last} "
            f"(95 % interval {low} to {high}; {least} to {most} over other weights, windows and scales), from {count} "
            f"measure{'' if count == 1 else 's'}."
        )

    def plot(self) -> alt.LayerChart:
        """The index with its band (dark) and its range (light); the rule marks the turning point."""
        import altair as alt
        import pandas as pd

        base = alt.Chart(self.frame).encode(x=alt.X("year:Q", title=None, axis=alt.Axis(format="d")))
        title = f"standard deviations of {self.standardised_on[0]}–{self.standardised_on[1]}"
        span = base.mark_area(opacity=0.15).encode(y=alt.Y("range_low:Q", title=title), y2="range_high:Q")
        band = base.mark_area(opacity=0.3).encode(y="low:Q", y2="high:Q")
        line = base.mark_line(point=True).encode(y="value:Q", tooltip=list(COLUMNS))
        name, year = self.turning_point
        at = alt.Chart(pd.DataFrame({"year": [year], "name": [name]})).mark_rule(strokeDash=[4, 3])
        layers = [span, band, line, at.encode(x="year:Q", tooltip="name")]
        return alt.LayerChart(layer=layers, title=self.title)


def index(panel: Panel, protocol: Protocol, dimension: str, *, seed: int) -> DimensionIndex:
    """The index of one dimension.

    Question: how close were the two in each year, in units of how much that used to vary before the turning point?
    Assumption: the window before is a fair picture of what was usual; the measures show the same thing, each with its
    own noise. Reference: OECD and JRC 2008, Handbook on Constructing Composite Indicators (scores, weights, and the
    range over other choices); Politis and Romano 1994, JASA 89 (stationary bootstrap). `yearly.RULE` says what a year
    is, `composite.BAND` what the band holds, `uncertainty.levels` how the change gets its interval.

    Args:
        dimension: A key of `protocol.dimensions`.
        seed: Of the random draws; the same seed gives the same band.

    Raises:
        UnknownName: No such dimension, or no such measure.
    """
    from detente.panel import composite

    if dimension not in protocol.dimensions:
        raise unknown_name("dimension", dimension, protocol.dimensions)
    pre, post = _years(protocol.windows.pre), _years(protocol.windows.post)
    used, left_out = _components(panel, protocol, dimension, pre)
    made = composite.composite(used, pre, post) if used else None
    blank = DimensionIndex(
        dimension=dimension,
        title=protocol.dimensions[dimension].title,
        standardised_on=pre,
        turning_point=(protocol.turning_point.name, protocol.turning_point.date.year),
        left_out=tuple(left_out),
        provenance=_provenance(panel, protocol, dimension, seed),
        frame=_empty(),
        refused=_refusal(made, left_out),
    )
    return _answered(blank, made, seed) if made and not blank.refused else blank


def _answered(blank: DimensionIndex, made: Composite, seed: int) -> DimensionIndex:
    from detente.panel import composite

    others = list(composite.others(made))
    found = composite.compared(made)
    changes = [found.change.value, *(change for _, change in others if not math.isnan(change))]
    return replace(
        blank,
        frame=composite.yearly_frame(made, others, seed),
        before=found.before,
        after=found.after,
        change=found.change,
        change_range=(min(changes), max(changes)),
        contributions=tuple(composite.contributions(made)),
        checks=composite.checks(made, found),
    )


def _years(window: Window) -> tuple[int, int]:
    """First and last calendar year that lie wholly in a window."""
    first = window.start.year + ((window.start.month, window.start.day) != (1, 1))
    last = window.end.year - ((window.end.month, window.end.day) != (12, 31))
    return first, last


def _components(
    panel: Panel, protocol: Protocol, dimension: str, pre: tuple[int, int]
) -> tuple[list[Component], list[tuple[str, str]]]:
    """The measures that can be used, and those that cannot with the reason."""
    from detente.panel.composite import Component

    used: list[Component] = []
    left_out: list[tuple[str, str]] = []
    for tracked in protocol.dimensions[dimension].measures:
        measure = pick("measure", tracked.measure, measures())
        asked = protocol.of(tracked)
        dyad = Dyad(asked.sender, asked.receiver, measure.directed)
        values = yearly(_rows(panel, tracked.measure, dyad), measure.frequency, measure.unit)
        reason = _why_not(tracked, values, pre)
        if reason:
            left_out.append((f"{tracked.measure} {dyad}", reason))
            continue
        turned = values if tracked.closer == "+" else -values
        used.append(Component(tracked, dyad, measure.title, turned, source_error(panel, dyad, tracked.measure)))
    return used, left_out


def _rows(panel: Panel, measure: str, dyad: Dyad) -> pd.DataFrame:
    frame = panel.frame
    chosen = (frame["measure"] == measure) & (frame["sender"] == dyad.sender) & (frame["receiver"] == dyad.receiver)
    # A line may stand in the panel once for each dimension that it belongs to.
    return frame[chosen].drop_duplicates(["period_start", "period_end"])


def _why_not(tracked: Tracked, values: pd.Series, pre: tuple[int, int]) -> str:
    from detente.panel.composite import LEAST_BEFORE

    inside = values[(values.index >= pre[0]) & (values.index <= pre[1])]
    if tracked.closer == "none":
        return NO_DIRECTION
    if values.empty:
        return "the panel has no complete year of it"
    if len(inside) < LEAST_BEFORE:
        return f"{len(inside)} years of {pre[0]}–{pre[1]} are known, {LEAST_BEFORE} are needed"
    if inside.nunique() < 2:
        return f"it does not vary in {pre[0]}–{pre[1]}"
    return ""


def _refusal(made: Composite | None, left_out: list[tuple[str, str]]) -> str:
    """Why there is no number; empty where there is one."""
    import numpy as np

    from detente.panel.composite import LEAST_BEFORE

    if made is None and all(reason == NO_DIRECTION for _, reason in left_out):
        return "the protocol gives none of its measures a direction: they are shown one by one"
    if made is None:
        return "none of its measures can be standardised on the window before"
    values = int((~np.isnan(made.values[:, made.after])).sum())
    first, last = made.post
    if values < LEAST_AFTER:
        found = "1 value is" if values == 1 else "no value is"
        return f"{found} known in the complete years after ({first}–{last}), {LEAST_AFTER} are needed"
    known = ~np.isnan(made.index)
    before, after = int((known & made.before).sum()), int((known & made.after).sum())
    if before < LEAST_BEFORE or after < 1:
        return f"half of the weight is known in only {before} years before and {after} after, 5 and 1 are needed"
    return ""


def _empty() -> pd.DataFrame:
    import pandas as pd

    whole = ("year", "measures")
    return pd.DataFrame({name: pd.Series(dtype="int64" if name in whole else "float64") for name in COLUMNS})


def _provenance(panel: Panel, protocol: Protocol, dimension: str, seed: int) -> Provenance:
    from detente.panel.composite import DRAWS

    windows = protocol.windows
    params = {
        "dimension": dimension,
        "pre": [str(windows.pre.start), str(windows.pre.end)],
        "post": [str(windows.post.start), str(windows.post.end)],
        "measures": [
            f"{one.measure} {protocol.of(one)} {one.closer} {one.weight:g}"
            for one in protocol.dimensions[dimension].measures
        ],
        "draws": DRAWS,
    }
    paper = "OECD and JRC 2008, Handbook on Constructing Composite Indicators; Politis and Romano 1994, JASA 89"
    return Provenance("index", params, panel.fingerprint, paper, seed)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
