"""In whose favour, and which part of the whole?"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from detente.claims.bench import Asked, has_data
from detente.claims.changes import SIGNS
from detente.claims.claim import Finding, Quantity
from detente.claims.robust import Estimate, average
from detente.claims.wording import amount, listed, number, source
from detente.errors import SeriesError
from detente.protocol import Frozen
from detente.results import Outcome


class Sign(Frozen):
    """Parameters of `sign`."""

    share: float = Field(default=0.9, gt=0.5, le=1, description="Share of the periods that must have the claimed sign")
    least: int = Field(default=5, ge=3, description="Fewest periods")
    check: Quantity | None = Field(default=None, description="The same thing from another source")


def sign(asked: Asked) -> Finding:
    """Find out whether a balance is positive (negative) in nearly every period.

    Question: in whose favour is it? Assumes nothing about time. Rule: supported if at least `share` of the periods have
    the claimed sign, contradicted if at least `share` have the other, otherwise mixed. The rival tried is the other
    source: a verdict that it turns round becomes mixed.
    """
    params: Sign = asked.params
    data = asked.data()
    data.refuse_fewer(params.least)
    wanted = SIGNS[asked.direction]
    agreeing = int((np.sign(data.values) == wanted).sum())
    opposed = int((np.sign(data.values) == -wanted).sum())
    outcome: Outcome = "mixed"
    if agreeing >= params.share * data.n:
        outcome = "supported"
    elif opposed >= params.share * data.n:
        outcome = "contradicted"
    rival, against = _other_source(asked, wanted, outcome)
    outcome = "mixed" if against else outcome
    evidence, counts = asked.evidence((data, list(range(data.n))))
    typical = float(np.median(data.values))
    because = (
        f"{outcome.capitalize()}: {data.series.name} was {asked.direction} in {agreeing} of {data.n} periods, "
        f"{data.span} (median {amount(typical, data.unit)}, from {amount(float(data.values.min()), data.unit)} to "
        f"{amount(float(data.values.max()), data.unit)}; {source(data, asked.panel)})."
    )
    numbers = {
        "periods": data.n, "with_claimed_sign": agreeing, "with_other_sign": opposed, "median": typical,
        "lowest": float(data.values.min()), "highest": float(data.values.max()), "unit": data.unit, **counts,
    }  # fmt: skip
    return Finding(outcome, because, numbers, rival, evidence)


def _other_source(asked: Asked, wanted: int, outcome: Outcome) -> tuple[str, bool]:
    """What another source says, and whether it turns the verdict round."""
    check = asked.params.check
    if check is None or not has_data(asked.panel, check, asked.protocol):
        return "No second source in the study.", False
    other = asked.data(check)
    agreeing = float((np.sign(other.values) == wanted).mean()) if other.n else 0.5
    against = (outcome == "supported" and agreeing < 0.5) or (outcome == "contradicted" and agreeing > 0.5)
    words = "disagrees" if against else "agrees"
    typical = amount(float(np.median(other.values)), other.unit) if other.n else "nothing in the window"
    return (
        f"The other source {words}: {other.series.name}, {other.span}, median {typical} "
        f"({source(other, asked.panel)}).",
        against,
    )


class Share(Frozen):
    """Parameters of `share`."""

    others: tuple[Quantity, ...] = Field(min_length=1, description="The rest of the whole")
    more_than: float = Field(default=0.5, gt=0, lt=1, description="The share the claim speaks of")
    least: int = Field(default=5, ge=3, description="Fewest periods")
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def share(asked: Asked) -> Finding:
    """Find out whether a quantity makes up more (less) than a share of a whole.

    Question: which part is it? Assumes yearly shares about one level, with AR(1) deviations. Rule: supported if the
    interval of the average share lies on the claimed side of `more_than`, contradicted if on the other side, otherwise
    inconclusive. The rival tried is the pooled share, which large periods dominate.
    """
    params: Share = asked.params
    data = asked.data()
    rest = [asked.data(other) for other in params.others]
    parts = [dict(zip(one.starts, one.values, strict=True)) for one in (data, *rest)]
    starts = [start for start in data.starts if all(start in part for part in parts)]
    whole = np.array([sum(part[start] for part in parts) for start in starts])
    mine = np.array([parts[0][start] for start in starts])
    used = whole > 0
    if int(used.sum()) < params.least:
        raise SeriesError(
            f"only {int(used.sum())} periods have a whole; {params.least} are needed", hint="widen the window"
        )
    shares = mine[used] / whole[used]
    found = average(shares, confidence=params.confidence)
    pooled = float(mine[used].sum() / whole[used].sum())
    claimed = SIGNS[asked.direction]
    side = Estimate(
        found.value - params.more_than, found.low - params.more_than, found.high - params.more_than, found.n
    )
    outcome: Outcome = {1: "supported", -1: "contradicted", 0: "inconclusive"}[side.sign * claimed]  # type: ignore[assignment]
    if outcome == "supported" and claimed * (pooled - params.more_than) < 0:
        outcome = "mixed"
    rows = [row for row, start in enumerate(data.starts) if start in set(starts)]
    evidence, counts = asked.evidence((data, rows), *((one, list(range(one.n))) for one in rest))
    others = listed([one.series.name for one in rest])
    because = (
        f"{outcome.capitalize()}: {data.series.name} made up {found.value:.0%}, on average, of itself together with "
        f"{others} ({params.confidence:.0%} interval {found.low:.0%} to {found.high:.0%}; claim: "
        f"{'more' if claimed > 0 else 'less'} than {params.more_than:.0%}; {data.span}, {found.n} periods; "
        f"{source(data, asked.panel)})."
    )
    numbers = {
        "share": found.value, "low": found.low, "high": found.high, "pooled_share": pooled,
        "threshold": params.more_than, "n": found.n, "confidence": params.confidence, **counts,
    }  # fmt: skip
    return Finding(
        outcome, because, numbers, f"Pooled over all periods the share is {number(100 * pooled)} %.", evidence
    )
