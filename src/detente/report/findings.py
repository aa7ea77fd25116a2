"""What the report is made of: plain values, gathered by the study, shown by the page."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from detente.claims import Verdict
    from detente.panel import Line, Panel
    from detente.panel.dimensions import DimensionIndex
    from detente.protocol import Protocol
    from detente.records import Series
    from detente.turning_points import ChangePoints, DateComparison, InterventionEffect, TurningPoint

CELL = ("cell_measure", "cell_sender", "cell_receiver", "cell_period_start")
"""The columns of `Findings.lineage` that say which cell of the panel a record stands behind."""

LINEAGE = (
    *CELL, "record", "what", "sender", "receiver", "period_start", "period_end", "value", "unit", "item", "status",
    "source_row", "file", "name", "source_id", "version", "title", "licence", "url", "citation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One line of the panel and what the methods say of it.

    Attributes:
        judged: How far the step at the claimed date is to be believed; `dates` and `effect` are its own.
        refused: Why the methods gave no answer, in words; empty where they did.
    """

    line: Line
    series: Series | None = None
    breaks: ChangePoints | None = None
    dates: DateComparison | None = None
    effect: InterventionEffect | None = None
    judged: TurningPoint | None = None
    refused: str = ""

    def to_row(self) -> dict[str, Any]:
        """The reading as one line of a table."""
        breaks, dates, effect, judged = self.breaks, self.dates, self.effect, self.judged
        return {
            "measure": self.line.measure,
            "sender": self.line.dyad.sender,
            "receiver": self.line.dyad.receiver,
            "changed_after": ", ".join(one.label for one in breaks.breaks) if breaks and breaks.found else "",
            "p_no_break": breaks.p_no_break if breaks else None,
            "verdict": dates.verdict if dates else "",
            "p_claimed": dates.claimed.probability if dates else None,
            "effect": effect.effect if effect else None,
            "low": effect.low if effect else None,
            "high": effect.high if effect else None,
            "unit": effect.unit if effect else "",
            "p": effect.p if effect else None,
            "alarm_rate": judged.alarms.rate if judged else None,
            "alarm_dates": judged.alarms.tried if judged else None,
            "grade": judged.grade if judged else "",
            "short_of": "; ".join(judged.short_of) if judged else "",
            "refused": self.refused,
        }

    def to_frame(self) -> pd.DataFrame:
        """The reading as a table of one line."""
        import pandas as pd

        return pd.DataFrame([self.to_row()])

    def summary(self) -> str:
        """What the methods say, and what they refuse, in their sentences."""
        said = [result.summary() for result in (self.dates, self.effect, self.breaks) if result]
        graded = [f"Grade of the claimed date: {self.judged.grade}."] if self.judged else []
        return " ".join([*said, *graded, *([f"Refused: {self.refused}."] if self.refused else [])])

    def _repr_html_(self) -> str:
        """How a notebook shows it."""
        return f"<p>{html.escape(self.summary())}</p>{self.to_frame().to_html(index=False)}"


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the page shows.

    Attributes:
        files: The files behind the study (columns of `records.FILES`).
        lineage: One row per cell and record behind it (columns `LINEAGE`).
        versions: Name of a program or library → its version.
        made: The day the report was made.
    """

    protocol: Protocol
    panel: Panel
    made: date
    readings: tuple[Reading, ...] = ()
    index: tuple[DimensionIndex, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    files: pd.DataFrame = field(default_factory=lambda: _empty(()))
    lineage: pd.DataFrame = field(default_factory=lambda: _empty(LINEAGE))
    versions: Mapping[str, str] = field(default_factory=dict)


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=list(columns))
