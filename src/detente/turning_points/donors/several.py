"""Several treated units to the result that is read: one effect, by date and by time since the event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from detente.results import Check, Provenance, Result
from detente.turning_points.donors.checks import ENOUGH_BEFORE, ENOUGH_DONORS
from detente.turning_points.donors.intervals import LEVEL
from detente.turning_points.donors.placebos import Method
from detente.turning_points.donors.single import WORDS
from detente.turning_points.donors.staggered import Chance, Cohort, Estimate, Plan, chance, cohort, estimate, groups
from detente.turning_points.timeline import number

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class StaggeredEffect(Result):
    """What an event changed in several units.

    Attributes:
        units: Treated unit → first period after its event.
        outcome: The column compared.
        method: Which comparison; `donors`: the units that never had the event.
        cohorts: One for each date, in order.
        average: Mean gap over all treated units and periods that count after the event.
        cumulative: Sum of the gaps over all of them.
        lower: Lower end of the 95 % interval by placebos, None where too few units never had the event; `upper`
            likewise.
        error: Spread of the effects of draws; `p`: share of draws, the true one included, with an effect at least as
            large; None likewise.
        draws: How often units without the event were drawn as if they had had it.
        weights: Donor → weight, averaged over treated units and periods, largest first.
        loss: Mean squared gap before the event, averaged likewise.
        leads: Rows of `to_frame`.
    """

    units: dict[str, Any]
    outcome: str
    method: Method
    donors: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    average: float
    cumulative: float
    lower: float | None
    upper: float | None
    error: float | None
    p: float | None
    draws: int
    weights: dict[str, float]
    loss: float
    leads: tuple[dict[str, float | int], ...]

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
        """Whether neither the draws nor the interval leave more than 5 % to chance."""
        if self.p is None or self.lower is None or self.upper is None:
            return False
        return self.p <= LEVEL and not self.lower <= 0 <= self.upper

    def to_frame(self) -> pd.DataFrame:
        """One row a period since the event (0 is the first after it): `since`, `effect`, `lower`, `upper`, `units`."""
        import pandas as pd

        return pd.DataFrame(list(self.leads))

    def by_cohort(self) -> pd.DataFrame:
        """One row a date: `at`, `units`, `effect`, `loss`, `before`, `after`."""
        import pandas as pd

        rows = [
            {
                "at": one.at,
                "units": ", ".join(one.units),
                "effect": one.average,
                "loss": one.loss,
                "before": one.before,
                "after": one.after,
            }
            for one in self.cohorts
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Whether a change can be told, its size, its interval, and how it compares with draws of other units."""
        verdict = "A change" if self.found else "No change can be told from chance"
        verdict = "Nothing is said about chance" if self.p is None else verdict
        size = f"{number(abs(self.average))} {'higher' if self.average > 0 else 'lower'} on average after the event"
        dates = "one date" if len(self.cohorts) == 1 else f"{len(self.cohorts)} dates"
        who = f"{next(iter(self.units))}" if len(self.units) == 1 else f"{len(self.units)} units with {dates}"
        expects = f"than {WORDS[self.method]} with {len(self.donors)} units that never had it expects"
        return f"{verdict}: {self.outcome} of {who} was {size} {expects}; {self._chance()}."

    def _chance(self) -> str:
        if self.p is None:
            return "no placebos were run, or too few units never had the event"
        told = f"p = {self.p:.3g} by {self.draws} draws of units without the event"
        if self.lower is None or self.upper is None:
            return f"{told}; no interval, because too few different draws are possible"
        return f"95 % interval {number(self.lower)} to {number(self.upper)}, {told}, if those vary as the treated do"

    def plot(self) -> alt.LayerChart:
        """Draw the effect by periods since the event, with its interval."""
        import altair as alt

        base = alt.Chart(self.to_frame()).encode(x=alt.X("since:Q", title="periods since the event"))
        band = base.mark_area(color="#2a6f97", opacity=0.15).encode(y="lower:Q", y2="upper:Q")
        line = base.mark_line(point=True, color="#2a6f97").encode(y=alt.Y("effect:Q", title=self.outcome))
        zero = alt.Chart().mark_rule(color="#4c566a").encode(y=alt.datum(0))
        drawn = alt.layer(band, line, zero)
        return cast("alt.LayerChart", drawn.properties(title=f"{len(self.units)} units", width=560, height=240))


def several_units(plan: Plan, outcome: str, provenance: Provenance, *, repeat: bool) -> StaggeredEffect:
    """Compare each cohort of a panel, and where *repeat* says so draws of units without the event."""
    read, members = plan.read, groups(plan.read)
    whole = estimate(plan, members, range(read.never))
    luck = chance(plan, members, plan.asked.seed) if repeat else None
    told = tuple(
        cohort(part, [read.names[one] for one in units])
        for part, units in zip(whole.parts, members.values(), strict=True)
    )
    ends = luck.average if luck else None
    shares = np.array([len(one.units) * one.after for one in told], dtype=float)
    return StaggeredEffect(
        provenance=provenance,
        checks=_checks(told, read.never, luck),
        units={
            name: read.times[start] for name, start in sorted(read.starts.items(), key=lambda one: (one[1], one[0]))
        },
        outcome=outcome,
        method=plan.asked.method,
        donors=read.names[: read.never],
        cohorts=told,
        average=whole.average,
        cumulative=whole.average * float(shares.sum()),
        lower=ends[0] if ends else None,
        upper=ends[1] if ends else None,
        error=luck.error if luck else None,
        p=luck.p if luck else None,
        draws=luck.draws if luck else 0,
        weights=_weights(told, shares / shares.sum()),
        loss=float(shares @ [one.loss for one in told] / shares.sum()),
        leads=_leads(told, whole, luck),
    )


def _weights(told: tuple[Cohort, ...], shares: np.ndarray[Any, Any]) -> dict[str, float]:
    total: dict[str, float] = {}
    for one, share in zip(told, shares, strict=True):
        for name, weight in one.weights.items():
            total[name] = total.get(name, 0.0) + float(share) * weight
    return dict(sorted(total.items(), key=lambda one: (-one[1], one[0])))


def _leads(told: tuple[Cohort, ...], whole: Estimate, luck: Chance | None) -> tuple[dict[str, float | int], ...]:
    ends = luck.leads if luck and luck.leads else ((np.nan, np.nan),) * len(whole.leads)
    return tuple(
        {
            "since": since,
            "effect": float(effect),
            "lower": ends[since][0],
            "upper": ends[since][1],
            "units": sum(len(one.units) for one in told if one.after > since),
        }
        for since, effect in enumerate(whole.leads)
    )


def _checks(told: tuple[Cohort, ...], never: int, luck: Chance | None) -> tuple[Check, ...]:
    fewest = min(one.before for one in told)
    signs = [one.average for one in told]
    looked = [
        Check(
            "enough periods before",
            fewest >= ENOUGH_BEFORE,
            f"{fewest} before the first event; with fewer than ten a good fit may be chance, and no method can tell",
        ),
        Check("enough donors", never >= ENOUGH_DONORS, f"{never} units never had the event"),
        Check(
            "cohorts agree",
            None if len(told) == 1 else min(signs) * max(signs) > 0,
            f"effects by date from {min(signs):.4g} to {max(signs):.4g}",
        ),
    ]
    if luck is None:
        looked.append(Check("placebos", None, "none were run: too few units never had the event, or not asked for"))
    return tuple(looked)
