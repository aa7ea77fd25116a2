"""One treated unit and its comparison to the result that is read: effect, chance, intervals, what to doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from detente.results import Provenance, Result
from detente.turning_points.donors.checks import ENOUGH_BEFORE, checks, effects_alike
from detente.turning_points.donors.conformal import conformal, conformal_periods
from detente.turning_points.donors.intervals import FEWEST, LEVEL, Interval, by_error, by_placebos, too_few
from detente.turning_points.donors.panel import Donors
from detente.turning_points.donors.placebos import SCALED, Asked, Compared, Method, apart, compare, placebos
from detente.turning_points.timeline import number

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

WORDS = {
    "sc": "synthetic control",
    "sdid": "synthetic difference-in-differences",
    "did": "difference-in-differences",
    "augmented": "ridge-augmented synthetic control",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticEffect(Result):
    """What an event changed in one unit.

    Attributes:
        unit: The treated unit.
        outcome: The column compared.
        at: First period after the event, as the panel writes it.
        method: Which comparison; `donors`: the units it may use, in alphabetical order.
        weights: Donor → weight, largest first, zeros included.
        importance: Predictor → weight; empty without covariates.
        periods: Period before the event → its weight in the level (none where the level must be met).
        loss: Mean squared gap before the event, after the constant difference that the method allows.
        effects_alike: Smallest and largest effect among equally good weights of the predictors; None without
            covariates.
        average: Mean gap after the event, in the unit of the outcome.
        gaps: Period → observed minus expected.
        intervals: Of the mean effect, by each way of telling; the first that has ends is `lower` to `upper`.
        error: Standard error by placebos; None where none is honest.
        p: Share of units, the treated one included, whose statistic is at least as large: the ratio of mean squared
            gaps after and before where the level must be met, the size of the effect else. None without placebos.
        rank: Place of the treated unit in that order, of `ranked` units.
        placebos: Unit → effect as if it had been treated.
        table: Rows of `to_frame`.
        read: The panel as it was compared; `asked`: how.
    """

    unit: str
    outcome: str
    at: int | float | date
    method: Method
    donors: tuple[str, ...]
    weights: dict[str, float]
    importance: dict[str, float]
    periods: dict[Any, float]
    loss: float
    effects_alike: tuple[float, float] | None
    average: float
    gaps: dict[Any, float]
    intervals: tuple[Interval, ...]
    error: float | None
    p: float | None
    rank: int | None
    ranked: int
    placebos: dict[str, float]
    table: tuple[dict[str, object], ...]
    read: Donors = field(repr=False, compare=False)
    asked: Asked = field(repr=False, compare=False)

    @property
    def shown(self) -> Interval | None:
        """The first interval that has ends."""
        return next((one for one in self.intervals if one.lower is not None), None)

    @property
    def lower(self) -> float | None:
        """Lower end of the 95 % interval of the mean effect; None where none is honest."""
        return self.shown.lower if self.shown else None

    @property
    def upper(self) -> float | None:
        """Upper end of that interval."""
        return self.shown.upper if self.shown else None

    @property
    def cumulative(self) -> float:
        """Sum of the gaps after the event."""
        return self.average * sum(bool(row["after"]) for row in self.table)

    @property
    def effect(self) -> dict[str, float | None]:
        """The effect for machines: `average`, `lower`, `upper`, `p`, `cumulative`."""
        return {
            "average": self.average,
            "lower": self.lower,
            "upper": self.upper,
            "p": self.p,
            "cumulative": self.cumulative,
        }

    @property
    def found(self) -> bool:
        """Whether neither the placebos nor the interval leave more than 5 % to chance."""
        said = [self.p <= LEVEL] if self.p is not None else []
        said += [self.shown.excludes(0.0)] if self.shown else []
        return bool(said) and all(said)

    def to_frame(self) -> pd.DataFrame:
        """One row a period: `time`, `value`, `without` the event, `gap`, `after`, and intervals of the gap.

        `lower` and `upper` are by placebos, `conformal_lower` and `conformal_upper` by the unit's own past; each for
        this period alone, and unknown before the event and where too few donors or periods allow none.
        """
        import pandas as pd

        return pd.DataFrame(list(self.table))

    def summary(self) -> str:
        """Whether a change can be told, how large it is, its interval, and how unusual it is among the donors."""
        verdict = "A change" if self.found else "No change can be told from chance"
        if self.p is None and self.shown is None:
            verdict = "Nothing is said about chance"
        expects = f"than {WORDS[self.method]} with {len(self.donors)} donors expects"
        size = f"{number(abs(self.average))} {'higher' if self.average > 0 else 'lower'} on average from {self.at} on"
        parts = [f"{verdict}: {self.outcome} of {self.unit} was {size} {expects}", self._interval(), self._unusual()]
        return "; ".join(parts) + f".{self._few()}"

    def _unusual(self) -> str:
        if self.p is None:
            return "no placebos were run"
        least = ", the least that so few donors can show" if self.rank == 1 and self.p > LEVEL else ""
        told = f"it ranks {self.rank} of {self.ranked} when each unit in turn is taken as treated"
        return f"{told} (p = {self.p:.3g}{least})"

    def _interval(self) -> str:
        shown = self.shown
        if shown is None or shown.lower is None or shown.upper is None:
            return "no interval is given, because none is honest with these data"
        return f"95 % interval {number(shown.lower)} to {number(shown.upper)} by {shown.name}, {shown.detail}"

    def _few(self) -> str:
        before = self.read.before
        if before >= ENOUGH_BEFORE:
            return ""
        return (
            f" Only {before} periods came before the event: that donors followed may be chance, and no method can tell."
        )

    def plot(self) -> alt.LayerChart:
        """Draw what was observed, and what the donors make expect."""
        import altair as alt
        import pandas as pd

        table = self.to_frame()
        dated = isinstance(self.at, date)
        if dated:
            table["time"] = pd.to_datetime(table["time"])
        band = table.dropna(subset=["lower"])
        band = band.assign(low=band["value"] - band["upper"], high=band["value"] - band["lower"])
        long = table.melt("time", ["value", "without"], var_name="line", value_name="level")
        scale = alt.Scale(domain=["value", "without"], range=["#4c566a", "#2a6f97"])
        axis = alt.X(f"time:{'T' if dated else 'Q'}", title=None, scale=alt.Scale(zero=False))
        colour = alt.Color("line:N", title=None, scale=scale)
        around = alt.Chart(band).mark_area(color="#2a6f97", opacity=0.15).encode(axis, y="low:Q", y2="high:Q")
        lines = alt.Chart(long).mark_line().encode(axis, alt.Y("level:Q", title=self.outcome), colour)
        event = pd.DataFrame({"time": [pd.Timestamp(self.at) if isinstance(self.at, date) else self.at]})
        rule = alt.Chart(event).mark_rule(color="#b3541e").encode(x=f"time:{'T' if dated else 'Q'}")
        drawn = alt.layer(around, lines, rule)
        return cast("alt.LayerChart", drawn.properties(title=f"{self.unit}: {self.at}", width=560, height=240))


def one_unit(read: Donors, outcome: str, asked: Asked, provenance: Provenance, *, repeat: bool) -> SyntheticEffect:
    """Compare the treated unit of a panel, and where *repeat* says so every other unit."""
    found = compare(read, asked)
    others = placebos(read, asked) if repeat and _repeatable(read, asked) else []
    known = found.average()
    intervals, by_period = _intervals(read, asked, known, others)
    error = by_error(known, others, asked.method) if others else None
    rank = _rank(others, asked)
    largest = np.argsort(-found.weights, kind="stable")
    names = [read.names[one] for one in found.pool]
    return SyntheticEffect(
        provenance=provenance,
        checks=checks(read, asked, found, len(others)),
        unit=read.names[-1],
        outcome=outcome,
        at=read.times[read.before],
        method=asked.method,
        donors=read.names[:-1],
        weights={names[one]: float(found.weights[one]) for one in largest},
        importance=dict(zip(read.labels, found.found.importance.tolist(), strict=True)) if found.found else {},
        periods={when: float(w) for when, w in zip(read.times, found.periods, strict=False) if w > 0},
        loss=found.loss(),
        effects_alike=effects_alike(read, found),
        average=known,
        gaps=dict(zip(read.times, found.gaps.tolist(), strict=True)),
        intervals=intervals,
        error=error[0] if error else None,
        p=rank / len(others) if rank else None,
        rank=rank,
        ranked=len(others),
        placebos={read.names[one.unit]: one.average() for one in others[:-1]},
        table=_table(read, found, by_period, conformal_periods(read, asked.method, found.after)),
        read=read,
        asked=asked,
    )


def _repeatable(read: Donors, asked: Asked) -> bool:
    """Synthetic difference-in-differences sets its penalty by the spread of two donors or more."""
    return asked.method == "sc" or read.treated > 2


def _intervals(
    read: Donors, asked: Asked, effect: float, others: list[Compared]
) -> tuple[tuple[Interval, ...], dict[int, tuple[float, float]]]:
    """Those by placebos first: their assumption is the weakest."""
    found: list[Interval] = []
    by_period: dict[int, tuple[float, float]] = {}
    if others:
        interval = too_few(read.treated)
        if read.treated >= FEWEST:
            interval, by_period = by_placebos(read, asked.method, apart(read, asked, others))
        error = by_error(effect, others, asked.method)
        found += [interval, *([error[1]] if error else [])]
    return (*found, conformal(read, asked.method, effect)), by_period


def _rank(others: list[Compared], asked: Asked) -> int | None:
    if not others:
        return None
    scaled = asked.method in SCALED
    floor = 1e-12 * max(float((one.gaps**2).mean()) for one in others) or 1e-300
    sizes = [one.ratio(floor) if scaled else abs(one.average()) for one in others]
    return sum(size >= sizes[-1] * (1 - 1e-9) for size in sizes)


def _table(
    read: Donors,
    found: Compared,
    by_placebos: dict[int, tuple[float, float]],
    by_past: dict[int, tuple[float, float]],
) -> tuple[dict[str, object], ...]:
    none = (np.nan, np.nan)
    return tuple(
        {
            "time": when,
            "value": float(value),
            "without": float(value - gap),
            "gap": float(gap),
            "after": number >= read.before,
            "lower": by_placebos.get(number, none)[0],
            "upper": by_placebos.get(number, none)[1],
            "conformal_lower": by_past.get(number, none)[0],
            "conformal_upper": by_past.get(number, none)[1],
        }
        for number, (when, value, gap) in enumerate(zip(read.times, read.outcome[:, -1], found.gaps, strict=True))
    )
