"""A panel and the date of an event to what the event changed in one unit, seen against the units without it.

This module is not called `synthetic`, because the package holds a function of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from detente.errors import SeriesError
from detente.results import Provenance, Result
from detente.turning_points.synthetic_checks import checks, spread
from detente.turning_points.synthetic_panel import Columns, Covariate, Donors, donors
from detente.turning_points.synthetic_placebos import Compared, Method, Solver, compare, placebos

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

__all__ = ["Covariate", "SyntheticEffect", "synthetic"]

FEWEST_FOR_ERROR = 10
"""With fewer donors the spread of their placebos is no measure of a standard error."""

CITATIONS = {
    "sc": "Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105.",
    "sdid": "Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).",
    "did": "Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).",
}
WORDS = {"sc": "synthetic control", "sdid": "synthetic difference-in-differences", "did": "difference-in-differences"}


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
        periods: Period before the event → its weight in the level (none for synthetic control).
        loss: Mean squared gap before the event, after the constant difference that the method allows.
        effect: Mean gap after the event, in the unit of the outcome.
        gaps: Period → observed minus expected.
        error: Standard error by placebos; None where none is honest, and then `low` and `high` are None too.
        p: Share of units, the treated one included, whose statistic is at least as large: the ratio of mean squared
            gaps after and before for synthetic control, the size of the effect else. None without placebos.
        rank: Place of the treated unit in that order, of `ranked` units.
        spread: Smallest and largest effect among equally good weights of the predictors; None without covariates.
        placebos: Unit → effect as if it had been treated.
        table: Rows of `to_frame`.
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
    effect: float
    gaps: dict[Any, float]
    error: float | None
    low: float | None
    high: float | None
    p: float | None
    rank: int | None
    ranked: int
    spread: tuple[float, float] | None
    placebos: dict[str, float]
    table: tuple[dict[str, object], ...]

    @property
    def average(self) -> float:
        """The effect: the mean gap after the event."""
        return self.effect

    def to_frame(self) -> pd.DataFrame:
        """One row a period: `time`, `value`, `without` the event, `gap`, `after`."""
        import pandas as pd

        return pd.DataFrame(list(self.table))

    @property
    def found(self) -> bool:
        """Whether the placebos leave less than 5 % to chance."""
        return self.p is not None and self.p <= 0.05

    def summary(self) -> str:
        """The effect, how unusual it is among the donors, and its interval or why there is none."""
        expects = f"than {WORDS[self.method]} with {len(self.donors)} donors expects"
        size = f"{_number(abs(self.effect))} {'higher' if self.effect > 0 else 'lower'} on average from {self.at} on"
        doubt = "" if self.found or self.p is None else ", which cannot be told from chance"
        return f"{self.outcome} of {self.unit} was {size} {expects}{doubt}; {self._unusual()}{self._interval()}."

    def _unusual(self) -> str:
        if self.p is None:
            return "no placebos were run, so nothing is said about chance; "
        return f"it ranks {self.rank} of {self.ranked} when each unit in turn is taken as treated (p = {self.p:.3g}); "

    def _interval(self) -> str:
        if self.low is None or self.high is None:
            return "no interval is given, because none is honest with one treated unit and these data"
        return (
            f"95 % interval {_number(self.low)} to {_number(self.high)} by placebos, if donors vary as {self.unit} does"
        )

    def plot(self) -> alt.LayerChart:
        """Draw what was observed, and what the donors make expect."""
        import altair as alt
        import pandas as pd

        long = self.to_frame().melt("time", ["value", "without"], var_name="line", value_name="level")
        dated = isinstance(self.at, date)
        if dated:
            long["time"] = pd.to_datetime(long["time"])
        scale = alt.Scale(domain=["value", "without"], range=["#4c566a", "#2a6f97"])
        axis = alt.X(f"time:{'T' if dated else 'Q'}", title=None, scale=alt.Scale(zero=False))
        colour = alt.Color("line:N", title=None, scale=scale)
        lines = alt.Chart(long).mark_line().encode(axis, alt.Y("level:Q", title=self.outcome), colour)
        event = pd.DataFrame({"time": [pd.Timestamp(self.at) if isinstance(self.at, date) else self.at]})
        rule = alt.Chart(event).mark_rule(color="#b3541e").encode(x=f"time:{'T' if dated else 'Q'}")
        drawn = alt.layer(lines, rule)
        return cast("alt.LayerChart", drawn.properties(title=f"{self.unit}: {self.at}", width=560, height=240))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def synthetic(  # noqa: PLR0913 (a panel has four columns and an event two coordinates; all but the panel are named)
    panel: pd.DataFrame,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: str,
    at: int | date,
    covariates: Sequence[str | Covariate] = (),
    method: Method = "sc",
    placebos: bool = True,
    solver: Solver = "published",
    seed: int = 0,
) -> SyntheticEffect:
    """Compare one unit after an event with a weighted average of units without it.

    Question: what would the outcome of the treated unit have been without the event? Assumes that the event left the
    donors alone, that nothing else set the treated unit apart from that date on, and that what held the weighted donors
    and the unit together before would have gone on (for `sdid` and `did` up to a constant difference).

    Args:
        panel: A long table, one row a unit and period, balanced in the outcome.
        unit: Column of the units; `time`: of the periods (numbers or dates); `outcome`: of the values.
        treated: The unit with the event. All others are donors: leave out those that the event touched too.
        at: First period after the event.
        covariates: What to match on: columns (their mean before the event) or `Covariate` (over chosen periods). Only
            for `sc`.
        method: `sc` synthetic control, `sdid` synthetic difference-in-differences, `did` equal weights.
        placebos: Whether to repeat the method for every other unit.
        solver: For `sc` without covariates: stop where the solver published with `sdid` stops, so that numbers agree
            with those in print, or go on to the exact optimum. A check tells both.
        seed: Of the search for the weights of the covariates.

    Raises:
        SeriesError: Treated unit or date outside the panel, fewer than two donors, holes, duplicates, constant values,
            covariates that are missing, constant or collinear.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Arkhangelsky,
        Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12).
    """
    if method not in WORDS:
        raise SeriesError(f"no method named {method!r}", hint=f"choose {', '.join(WORDS)}")
    if covariates and method != "sc":
        raise SeriesError(f"{method} does not use covariates", hint="leave them out, or choose method sc")
    read = donors(panel, Columns(unit, time, outcome), treated, at, covariates)
    found = compare(read, method, solver, seed=seed)
    others = _placebos(read, method, solver, seed) if placebos else []
    asked: dict[str, Any] = {
        "unit": unit,
        "time": time,
        "outcome": outcome,
        "treated": treated,
        "at": str(at),
        "method": method,
    }
    asked |= {"covariates": list(read.labels), "placebos": placebos, "solver": solver}
    provenance = Provenance("synthetic", asked, read.fingerprint, CITATIONS[method], seed if len(read.labels) else None)
    return _effect(read, outcome, method, found, others, provenance)


def _placebos(read: Donors, method: Method, solver: Solver, seed: int) -> list[Compared]:
    """Synthetic difference-in-differences sets its penalty by the spread of two donors or more."""
    return placebos(read, method, solver, seed=seed) if method == "sc" or len(read.names) > 3 else []


def _effect(
    read: Donors, outcome: str, method: Method, found: Compared, others: list[Compared], provenance: Provenance
) -> SyntheticEffect:
    from scipy.stats import t as student

    treated, effect = read.names[-1], found.average()
    error = _error(others, method)
    reach = float(student.ppf(0.975, len(others) - 2)) if error is not None else np.nan
    rank = _rank(others, method)
    largest = np.argsort(-found.weights, kind="stable")
    names = [read.names[one] for one in found.pool]
    return SyntheticEffect(
        provenance=provenance,
        checks=checks(read, method, found, len(others)),
        unit=treated,
        outcome=outcome,
        at=read.times[read.before],
        method=method,
        donors=read.names[:-1],
        weights={names[one]: float(found.weights[one]) for one in largest},
        importance=dict(zip(read.labels, found.found.importance.tolist(), strict=True)) if found.found else {},
        periods={when: float(w) for when, w in zip(read.times, found.periods, strict=False) if w > 0},
        loss=found.loss(),
        effect=effect,
        gaps=dict(zip(read.times, found.gaps.tolist(), strict=True)),
        error=error,
        low=None if error is None else effect - reach * error,
        high=None if error is None else effect + reach * error,
        p=rank / len(others) if rank else None,
        rank=rank,
        ranked=len(others),
        spread=spread(read, found),
        placebos={read.names[one.unit]: one.average() for one in others[:-1]},
        table=_table(read, found),
    )


def _error(others: list[Compared], method: Method) -> float | None:
    """The spread of the effects found at donors: the limit of drawing one of them again and again."""
    if method == "sc" or len(others) <= FEWEST_FOR_ERROR:
        return None
    return float(np.std([one.average() for one in others[:-1]]))


def _rank(others: list[Compared], method: Method) -> int | None:
    if not others:
        return None
    floor = 1e-12 * max(float((one.gaps**2).mean()) for one in others) or 1e-300
    sizes = [one.ratio(floor) if method == "sc" else abs(one.average()) for one in others]
    return sum(size >= sizes[-1] * (1 - 1e-9) for size in sizes)


def _table(read: Donors, found: Compared) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "time": when,
            "value": float(value),
            "without": float(value - gap),
            "gap": float(gap),
            "after": number >= read.before,
        }
        for number, (when, value, gap) in enumerate(zip(read.times, read.outcome[:, -1], found.gaps, strict=True))
    )
