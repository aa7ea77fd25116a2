"""Was it higher after than before, and had it not come to that before? Description, without a cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import Field

from detente.claims.bench import Asked, Data, Scale
from detente.claims.changes import SIGNS, sides
from detente.claims.claim import Finding
from detente.claims.robust import Estimate, spans
from detente.claims.wording import amount, change, interval, listed, source
from detente.errors import SeriesError
from detente.protocol import Day, Frozen
from detente.results import Check, Outcome


class AverageChange(Frozen):
    """Parameters of `average_change`."""

    at: Day | None = Field(default=None, description="Date of the claimed change; empty: the study's turning point")
    since: Day | None = Field(
        default=None, description="Start of the time just before; empty: the protocol's first rival date before `at`"
    )
    scale: Scale = "level"
    least_before: int = Field(default=5, ge=3, description="Fewest periods before")
    least_after: int = Field(default=3, ge=2, description="Fewest periods after")
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


LEAST_STAGE = 2
"""Fewest periods of an earlier stage; with fewer there is only before and after."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Averages of the earlier time, the time just before, and the time after, and their differences.

    Attributes:
        since: Where the time just before starts; None where the data cannot show an earlier stage.
        late: After less just before; `total`: after less the earlier time; `early`: just before less the earlier time.
    """

    since: date | None
    rows: tuple[list[int], ...]
    means: tuple[float, ...]
    """Plain averages, off any logarithm."""
    late: Estimate
    total: Estimate
    early: Estimate
    rho: float

    def numbers(self) -> dict[str, float | str]:
        """What a verdict keeps."""
        labels = ("earlier", "before", "after")[-len(self.means) :]
        plain: dict[str, float | str] = {
            "change": self.late.value, "change_low": self.late.low, "change_high": self.late.high,
            "whole_change": self.total.value, "whole_low": self.total.low, "whole_high": self.total.high,
            "autocorrelation": self.rho, "since": f"{self.since or ''}",
        }  # fmt: skip
        plain |= {f"{name}_mean": mean for name, mean in zip(labels, self.means, strict=True)}
        plain |= {f"n_{name}": len(rows) for name, rows in zip(labels, self.rows, strict=True)}
        return plain | ({"share_before": self.share_before} if self.since else {})

    @property
    def share_before(self) -> float:
        """Share of the change of the plain averages that came before the date; NaN without an earlier stage."""
        whole = self.means[-1] - self.means[0]
        return (self.means[-2] - self.means[0]) / whole if self.since and whole else float("nan")


def average_change(asked: Asked) -> Finding:
    """Find out whether the average after a date is higher (lower) than before, and had not become so earlier.

    Question: did it rise (fall), and after the date rather than before? Describes; it does not say why. Assumes AR(1)
    deviations about the level of each of three spans: before the protocol's first rival date, from there to the claimed
    date, and after it. Rule: supported if the last span differs from the one before the way the claim says, unless it
    lies on the other side of the first; mixed if the whole change is as claimed but at least half of it had come about
    before the date, or if the last span only makes up for the one before; contradicted if it differs the other way;
    otherwise inconclusive. Whether a drifting level would explain it as well is a check.

    References:
        As in `robust.spans`; Campbell (1969), American Psychologist 24, for rival explanations.
    """
    params: AverageChange = asked.params
    data, raw = asked.data(scale=params.scale), asked.data()
    found = _stages(asked, data, raw)
    outcome = _outcome(found, SIGNS[asked.direction])
    drift, check = _drift(asked, data)
    evidence, counts = asked.evidence(*((data, rows) for rows in found.rows))
    settings = {"unit": raw.unit, "scale": params.scale, "confidence": params.confidence, "at": f"{asked.at[1]}"}
    numbers = {**found.numbers(), **settings, **drift, **counts}
    because = _because(asked, outcome, data, found, check)
    return Finding(outcome, because, numbers, _rival(asked, data, found, check), evidence, (check,))


def _stages(asked: Asked, data: Data, raw: Data) -> Stages:
    params: AverageChange = asked.params
    before, after = sides(data, asked.at[1], params.least_before, params.least_after)
    since = params.since or min((day for _name, day in asked.rivals if day < asked.at[1]), default=None)
    older = [row for row in before if since and data.ends[row] < since]
    newer = [row for row in before if since and data.starts[row] >= since]
    staged = len(older) > LEAST_STAGE and len(newer) >= LEAST_STAGE
    rows = (older, newer, after) if staged else (before, after)
    found = spans([data.values[part] for part in rows])
    last = len(rows) - 1
    late = found.difference(last, last - 1, params.confidence)
    total = found.difference(last, 0, params.confidence)
    early = found.difference(last - 1, 0, params.confidence)
    means = tuple(float(raw.values[part].mean()) for part in rows)
    return Stages(since if staged else None, rows, means, late, total, early, found.rho)


def _outcome(found: Stages, claimed: int) -> Outcome:
    late, total = found.late.sign * claimed, found.total.sign * claimed
    if late < 0:
        return "mixed" if total > 0 else "contradicted"
    if total > 0 and found.share_before >= 0.5:
        return "mixed"
    if late > 0:
        return "mixed" if found.total.value * claimed < 0 else "supported"
    return "inconclusive"


def _drift(asked: Asked, data: Data) -> tuple[dict[str, float], Check]:
    """Whether the change stands out from a level that drifts or trends, as numbers and as a check."""
    from detente.turning_points import intervention

    try:
        effect = intervention(data.series, asked.at[1], name=asked.at[0], confidence=asked.params.confidence)
    except SeriesError as error:
        return {}, Check("stands out from drift and trend", None, str(error))
    unit = asked.data().unit
    span = interval(effect.low, effect.high, effect.confidence, unit, asked.params.scale)
    size = change(effect.effect, unit, asked.params.scale)
    return (
        {"beyond_drift": effect.effect, "beyond_drift_low": effect.low, "beyond_drift_high": effect.high},
        Check("stands out from drift and trend", bool(effect.low > 0 or effect.high < 0), f"{size} ({span})"),
    )


def _because(asked: Asked, outcome: Outcome, data: Data, found: Stages, check: Check) -> str:
    unit, scale, means = asked.data().unit, asked.params.scale, found.means
    name, day = asked.at
    when = f"from {found.since} to {day}" if found.since else f"before {day}"
    then = f"{amount(means[-2], unit)} {when}"
    earlier = f"{amount(means[0], unit)} earlier, " if found.since else ""
    counts = listed([str(len(rows)) for rows in found.rows])
    figures = (
        f"{data.series.name} averaged {earlier}{then} and {amount(means[-1], unit)} after {name} "
        f"(difference of the last two {change(found.late.value, unit, scale)}, "
        f"{interval(found.late.low, found.late.high, asked.params.confidence, unit, scale)}; {counts} periods, "
        f"{data.span}; {source(data, asked.panel)})"
    )
    share = found.share_before
    moved = f"{min(share, 9.99):.0%} of the whole change had come about before the date"
    endings = {
        "supported": "" if check.passed else "; a level that drifts would explain it as well",
        "contradicted": ": it moved the other way",
        "mixed": f", but {moved}" if share >= 0.5 else ", which only makes up for the time just before",
        "inconclusive": ": too little to be told from chance",
    }
    return f"{outcome.capitalize()}: {figures}{endings[outcome]}."


def _rival(asked: Asked, data: Data, found: Stages, check: Check) -> str:
    unit, scale = asked.data().unit, asked.params.scale
    earlier = (
        f"A change before the date: {change(found.early.value, unit, scale)} by then, since {found.since} "
        f"({interval(found.early.low, found.early.high, asked.params.confidence, unit, scale)}). "
        if found.since
        else "The data begin too late to see whether it had changed before the date. "
    )
    verdict = {True: "is not enough to explain it", False: "would explain it as well", None: "could not be tried"}
    shocks = asked.shocks(asked.at[1], data.ends[-1])
    also = f" Shocks in the time after: {listed(shocks)}." if shocks else ""
    return f"{earlier}Drift or a trend {verdict[check.passed]}: change beyond them {check.detail}.{also}"
