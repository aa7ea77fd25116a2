"""A line of the panel to what the methods say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.errors import SeriesError
from detente.protocol import Protocol
from detente.records import Dyad, Series

if TYPE_CHECKING:
    from detente.panel import Line, Panel
    from detente.report import Reading
    from detente.turning_points import Beside


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a line is read beside.

    Attributes:
        panel: The study's panel.
        protocol: What is asked.
        elsewhere: Gives the same measure in the study's donors; asked only where there is an effect to compare.
        untouched: Measures that the turning point cannot have touched.
    """

    panel: Panel
    protocol: Protocol
    elsewhere: Callable[[Line], Sequence[Series]]
    untouched: Sequence[Series] = ()

    def near(self, series: Series) -> Series:
        """The periods around the claimed date within which one change is assumed."""
        around = self.protocol.around
        return touching(series, around.start, around.end)

    def beside(self, line: Line, history: Series, *, compared: bool) -> Beside:
        """Rivals, shocks, the longer series, and where it is *compared*, the donors and what should not move."""
        from detente.turning_points import Beside

        return Beside(
            rivals=[(rival.name, rival.date) for rival in self.protocol.rivals],
            shocks=[(shock.name, shock.start, shock.end) for shock in self.protocol.shocks],
            units=[self.near(one) for one in self.elsewhere(line)] if compared else (),
            outcomes=[self.near(one) for one in self.untouched] if compared else (),
            history=history,
        )


def read(line: Line, around: Surroundings) -> Reading:
    """When the line changed, whether at the claimed date or a rival's, what the claimed event changed, and how sure.

    Breaks are looked for in both windows of the study; the dates are compared, and the effect is estimated, in the
    protocol's `around`, where one change is assumed. Money and people are analysed as logarithms. What a method refuses
    is said in its words.
    """
    from detente.report import Reading
    from detente.turning_points import intervention, turning_point
    from detente.turning_points.belief.scales import (
        Scale,
        breaks_restored,
        dates_restored,
        effect_restored,
        scale_of,
        scaled,
    )
    from detente.turning_points.dating.change_points import breaks
    from detente.turning_points.dating.rivals import compare_dates

    protocol = around.protocol
    at, windows = protocol.turning_point, protocol.windows
    whole = around.panel.series(line.dyad, line.measure)
    series = touching(whole, windows.pre.start, windows.post.end)
    near = around.near(whole)
    logs = scale_of(series) == "logarithms" == scale_of(near)
    scale: Scale = "logarithms" if logs else "as given"
    known = scaled(near, scale)
    rivals = [(rival.name, rival.date) for rival in protocol.rivals]

    def restored(found: Any, back: Callable[..., Any], *more: Any) -> Any:
        return back(found, *more) if logs else found

    def judged() -> Any:
        compared = intervention(known, at.date).found
        return turning_point(
            near, at.date, name=at.name, beside=around.beside(line, series, compared=compared), scale=scale
        )

    methods: dict[str, Callable[[], Any]] = {
        "breaks": lambda: restored(breaks(scaled(series, scale)), breaks_restored, series.unit),
        "judged": judged,
        "dates": lambda: restored(compare_dates(known, (at.name, at.date), rivals), dates_restored),
        "effect": lambda: restored(intervention(known, at.date, name=at.name), effect_restored),
    }
    done: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name, method in methods.items():
        if name in ("dates", "effect") and (found := done.get("judged")):
            done[name] = found.dating if name == "dates" else found.effect
            continue
        try:
            done[name] = method()
        except SeriesError as error:
            # Methods differ in how many values they need: one sentence, with the least that any of them asks for.
            refused[error.problem.split("; ")[0]] = error.problem
    return Reading(line=line, series=series, refused="; ".join(refused.values()), **done)


def elsewhere(line: Line, protocol: Protocol) -> list[Line]:
    """The same measure with each donor in the place of the study's receiver; none where it has no part in it."""
    mine, dyad = protocol.dyad[1], line.dyad
    if mine not in (dyad.sender, dyad.receiver):
        return []
    others = [donor for donor in protocol.donors if donor not in (dyad.sender, dyad.receiver)]
    put = [{mine: donor} for donor in others]
    pairs = [(one.get(dyad.sender, dyad.sender), one.get(dyad.receiver, dyad.receiver)) for one in put]
    return [replace(line, dyad=Dyad(*pair, dyad.directed)) for pair in pairs]


def touching(series: Series, first: date, last: date) -> Series:
    """The periods of a series that touch the days from *first* to *last*."""
    import pandas as pd

    frame = series.frame
    inside = (frame["period_end"] >= pd.Timestamp(first)) & (frame["period_start"] <= pd.Timestamp(last))
    return replace(series, frame=frame[inside].reset_index(drop=True))
