"""When a series changed, as a result: the changes with their intervals, the sentence and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from detente.errors import SeriesError
from detente.records import Spacing
from detente.results import Result
from detente.turning_points.dating.evidence import EDGE
from detente.turning_points.dating.rivals import DateComparison
from detente.turning_points.noise import Array

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclass(frozen=True, slots=True)
class DatedBreak:
    """One change.

    Attributes:
        period: First day of the first period of the new regime, where that is likeliest.
        label: The period in words; `label_lower`, `label_upper` those of the interval.
        lower: First day of the earliest period that may open the new regime: interval given that there is a change.
        upper: First day of the latest.
        probability: That there is a change between the neighbouring ones at all.
        kind: What changed: "level", "slope", or "level and slope".
        before: Fitted level in the last period of the old regime; for "slope" the slope, a period.
        after: Fitted level in the first period of the new regime; for "slope" the slope, a period.
    """

    period: date
    label: str
    lower: date
    upper: date
    label_lower: str
    label_upper: str
    probability: float
    kind: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dating(Result):
    """When a series changed, if it did.

    Attributes:
        series: Name of the series.
        verdict: "changed", "no change" or "cannot tell".
        breaks: The changes found, in time order.
        p_no_break: Probability that neither level nor slope ever changed.
        n: Number of values.
        periods: First day, last day and name of every period.
        chances: A row for each change found and one for one more: the probability that it lies in each period. Zero
            where it cannot be seen: the first and last three values.
        at_most: The most that each row can add up to.
        comparison: The claimed date against its rivals, where one is claimed.
        confidence: Of the intervals.
        unit: Unit of the values; `frequency` how the periods follow each other.
        table: Rows of the fitted series.
    """

    series: str
    verdict: str
    breaks: tuple[DatedBreak, ...]
    p_no_break: float
    n: int
    periods: tuple[tuple[date, date, str], ...]
    chances: tuple[tuple[float, ...], ...]
    at_most: tuple[float, ...]
    comparison: DateComparison | None
    confidence: float
    unit: str
    frequency: Spacing
    table: tuple[dict[str, object], ...]

    @property
    def found(self) -> bool:
        """Whether a change can be told from noise."""
        return self.verdict == "changed"

    def probability_between(self, first: date, last: date) -> float:
        """Give the probability that a new regime opened in a period from the one of *first* to the one of *last*.

        Raises:
            SeriesError: The data cannot show a change there.
        """
        inside = np.array([start <= last and end >= first for start, end, _ in self.periods], dtype=bool)
        if not (inside & self._seen()).any():
            raise SeriesError(
                f"{self.series} cannot show a change from {first} to {last}",
                hint=f"{EDGE} values are needed on either side of a change; choose a window within the data",
            )
        missed = 1.0
        for row, most in zip(self.chances, self.at_most, strict=True):
            missed *= 1 - min(float(np.asarray(row)[inside].sum()), most)
        return float(1 - missed)

    def by_date(self) -> pd.DataFrame:
        """The posterior: `date`, `period`, `probability` that a new regime opened there."""
        import pandas as pd

        rows = np.asarray(self.chances)
        chance = 1 - np.prod(1 - np.minimum(rows, 1.0), axis=0)
        days, _, labels = zip(*self.periods, strict=True)
        frame = pd.DataFrame({"date": pd.to_datetime(list(days)), "period": list(labels), "probability": chance})
        return frame[self._seen()].reset_index(drop=True)

    def _seen(self) -> Array:
        return np.asarray(np.asarray(self.chances).sum(axis=0) > 0)

    def to_frame(self) -> pd.DataFrame:
        """One row for each change: `period`, `lower`, `upper`, `probability`, `kind`, `before`, `after`."""
        import pandas as pd

        days, numbers = ("period", "lower", "upper"), ("probability", "before", "after")
        columns = ["period", "lower", "upper", "probability", "kind", "before", "after"]
        frame = pd.DataFrame([{key: getattr(one, key) for key in columns} for one in self.breaks], columns=columns)
        return frame.astype({**dict.fromkeys(days, "datetime64[s]"), **dict.fromkeys(numbers, "float64")})

    def fitted(self) -> pd.DataFrame:
        """The series with its fit, the season left out of it: `period_start`, `value`, `fitted`."""
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """The verdict, each change with its interval, and how probable no change is."""
        sentence = {"changed": self._changed, "no change": self._unchanged, "cannot tell": self._doubtful}[self.verdict]
        return " ".join([sentence(), *([self.comparison.summary()] if self.comparison else [])])

    def _changed(self) -> str:
        often = {1: "once", 2: "twice"}.get(len(self.breaks), f"{len(self.breaks)} times")
        places = "; ".join(self._place(one) for one in self.breaks)
        none = f"probability of no change at all {_chance(self.p_no_break)}, {self.n} values"
        return f"{self.series} changed {often}: {places} ({none})."

    def _place(self, one: DatedBreak) -> str:
        ends = f"{self.confidence:.0%} interval {one.label_lower} to {one.label_upper}"
        per = " a period" if one.kind == "slope" else ""
        unit = f" {self.unit}" if self.unit else ""
        return f"new {one.kind} from {one.label} ({ends}), {one.before:.4g} to {one.after:.4g}{unit}{per}"

    def _unchanged(self) -> str:
        return (
            f"{self.series} shows no change of level or slope (probability of none {_chance(self.p_no_break)}, "
            f"{self.n} values); a change that is small beside the noise would not show."
        )

    def _doubtful(self) -> str:
        if not self._seen().any():
            return (
                f"{self.series} cannot tell: it never varies, so that there is no noise to judge by ({self.n} values)."
            )
        dates = self.by_date()
        likeliest = dates["period"].iloc[int(dates["probability"].to_numpy().argmax())]
        return (
            f"{self.series} cannot tell whether its level or slope changed (probability of no change "
            f"{_chance(self.p_no_break)}, {self.n} values); if it did, most likely from {likeliest} on."
        )

    def plot(self) -> alt.VConcatChart:
        """The series with its fit and changes, and the probability of each date beneath it."""
        import altair as alt
        import pandas as pd

        from detente.turning_points import plots

        marks = self.to_frame().rename(columns={"period": "date", "lower": "low", "upper": "high"})
        course = plots.levels(self.fitted(), marks[["date", "low", "high"]], title=self.series, unit=self.unit)
        named = self.comparison.to_frame() if self.comparison else pd.DataFrame(columns=["name", "date", "role"])
        named = named[named["role"].isin(["claimed", "rival"])][["name", "date", "role"]]
        named = named.astype({"date": "datetime64[s]"})
        return alt.vconcat(course, plots.dates(self.by_date(), named, title="probability of each date"))


def _chance(probability: float) -> str:
    if probability < 0.005:
        return "below 0.01"
    return "above 0.99" if probability > 0.995 else f"{probability:.2f}"
