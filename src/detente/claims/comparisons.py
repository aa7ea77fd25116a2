"""Is it more than, less than, part of something else? Levels side by side, and against what befell others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from detente.claims.bench import Asked, Data, Scale, has_data
from detente.claims.changes import SIGNS
from detente.claims.claim import Finding, Quantity, compared
from detente.claims.robust import Estimate, average
from detente.claims.wording import amount, change, interval, listed, source
from detente.errors import SeriesError
from detente.protocol import Day, Frozen
from detente.results import Check, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CompareLevels(Frozen):
    """Parameters of `compare_levels`."""

    others: tuple[Quantity, ...] = Field(default=(), description="What it is compared with")
    against: tuple[str, ...] = Field(default=(), description="Or: actors put in the place of the study's receiver")
    instead_of: str = Field(default="", description="The actor they replace, if not the study's receiver")
    share: float = Field(
        default=0.9, gt=0.5, le=1, description="Share of the periods in which it must lie above (below)"
    )
    least: int = Field(default=5, ge=3, description="Fewest periods in common")
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


@dataclass(frozen=True, slots=True)
class Contest:
    """One comparison: share of periods above, and the average difference."""

    name: str
    above: float
    difference: Estimate
    mean: float
    outcome: Outcome


def compare_levels(asked: Asked) -> Finding:
    """Find out whether a quantity is larger (smaller) than others over a window.

    Question: who has more? Assumes differences that stay about one level, with AR(1) deviations. Rule, for each
    opponent: won if the quantity is above in at least `share` of the periods in common and the interval of the average
    difference leaves zero out; lost if the same holds the other way; otherwise open. Supported if all are won,
    contradicted if it loses against any of them while the claim is of being largest, mixed if it only wins some.
    """
    params: CompareLevels = asked.params
    data = asked.data()
    data.refuse_fewer(params.least)
    opponents, absent = _opponents(asked)
    held = [_contest(asked, data, other) for other in opponents]
    outcome = _ranking([one.outcome for one in held])
    evidence, counts = asked.evidence((data, list(range(data.n))))
    side = "above" if asked.direction == "up" else "below"
    results = [
        f"{one.name} {amount(one.mean, data.unit)} ({side} it in {one.above:.0%} of the periods, difference "
        f"{change(one.difference.value, data.unit, 'level')}, "
        f"{interval(one.difference.low, one.difference.high, params.confidence, data.unit)})"
        for one in held
    ]
    because = (
        f"{outcome.capitalize()}: {data.series.name} averaged {amount(float(data.values.mean()), data.unit)} in "
        f"{data.span} ({data.n} periods), against {listed(results)}; {source(data, asked.panel)}."
    )
    numbers: dict[str, float | str | int] = {
        "mean": float(data.values.mean()),
        "unit": data.unit,
        "n": data.n,
        **counts,
    }
    for one in held:
        numbers |= {
            f"{one.name}: mean": one.mean, f"{one.name}: share on claimed side": one.above,
            f"{one.name}: difference": one.difference.value, f"{one.name}: difference low": one.difference.low,
            f"{one.name}: difference high": one.difference.high, f"{one.name}: n": one.difference.n,
        }  # fmt: skip
    rival = _medians(asked, data, opponents)
    checks = (Check("all opponents have data", not absent, f"without data: {listed(absent)}"),)
    return Finding(outcome, because, numbers, rival, evidence, checks)


def _opponents(asked: Asked) -> tuple[list[Data], list[str]]:
    """Data of those it is compared with, and the names of those without data."""
    others = compared(asked.quantity, asked.params, asked.protocol)
    held = [one for one in others if has_data(asked.panel, one, asked.protocol)]
    if not held:
        raise SeriesError("none of those it is compared with has data", hint="ingest them, or name others")
    return [asked.data(one) for one in held], [f"{one.dyad(asked.protocol)}" for one in others if one not in held]


def _contest(asked: Asked, data: Data, other: Data) -> Contest:
    params: CompareLevels = asked.params
    mine, theirs = _common(data, other)
    if len(mine) < params.least:
        raise SeriesError(
            f"{data.series.name} and {other.series.name} have {len(mine)} periods in common; {params.least} are needed",
            hint="widen the window",
        )
    claimed = SIGNS[asked.direction]
    gap = mine - theirs
    above = float((np.sign(gap) == claimed).mean())
    difference = average(gap, confidence=params.confidence)
    outcome: Outcome = "inconclusive"
    if above >= params.share and difference.sign == claimed:
        outcome = "supported"
    elif float((np.sign(gap) == -claimed).mean()) >= params.share and difference.sign == -claimed:
        outcome = "contradicted"
    elif difference.sign:
        outcome = "mixed"
    return Contest(_name(data, other), above, difference, float(theirs.mean()), outcome)


def _name(data: Data, other: Data) -> str:
    same = data.quantity.measure == other.quantity.measure
    return f"{other.series.dyad}" if same else other.series.name


def _common(data: Data, other: Data) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of the periods that both know."""
    if data.series.frequency != other.series.frequency:
        raise SeriesError(
            f"{data.series.name} and {other.series.name} have periods of different lengths",
            hint="compare like with like",
        )
    theirs = dict(zip(other.starts, other.values, strict=True))
    shared = [row for row, start in enumerate(data.starts) if start in theirs]
    return data.values[shared], np.array([theirs[data.starts[row]] for row in shared])


def _ranking(outcomes: list[Outcome]) -> Outcome:
    """All won: supported. Any lost for sure: contradicted where none is won, else mixed."""
    if all(outcome == "supported" for outcome in outcomes):
        return "supported"
    if all(outcome == "contradicted" for outcome in outcomes):
        return "contradicted"
    return "inconclusive" if set(outcomes) <= {"inconclusive", "supported"} else "mixed"


def _medians(asked: Asked, data: Data, opponents: list[Data]) -> str:
    """Whether single large values make the difference: medians instead of means."""
    claimed = SIGNS[asked.direction]
    beaten = [
        _name(data, other) for other in opponents if claimed * float(np.median(np.subtract(*_common(data, other)))) > 0
    ]
    return f"By medians, which no single period can sway, it lies on the claimed side of {listed(beaten)}."


class CompareChange(Frozen):
    """Parameters of `compare_change`."""

    against: tuple[str, ...] = Field(min_length=1, description="Actors put in the place of the study's receiver")
    instead_of: str = ""
    at: Day | None = None
    scale: Scale = "level"
    rule: Literal["mean", "each"] = Field(default="mean", description="Against their mean, or against each of them")
    least_before: int = Field(default=5, ge=5)
    least_after: int = Field(default=3, ge=2)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)


def compare_change(asked: Asked) -> Finding:
    """Find out whether a quantity changed more (less) at a date than it did for others.

    Question: is the change particular to this dyad? Assumes that without the event the dyad would have moved with the
    others (parallel movement). Rule `mean`: the change of the difference from the others' mean, as in `level_change`;
    supported or contradicted where its interval leaves zero out. Rule `each`: the same against each; supported only if
    it exceeds every one, contradicted if every one or any with certainty exceeds it.

    References:
        Card and Krueger (1994), American Economic Review 84(4); Abadie, Diamond and Hainmueller (2010), Journal of the
        American Statistical Association 105, for the placebo rank.
    """
    params: CompareChange = asked.params
    data = asked.data(scale=params.scale)
    others, absent = _opponents_scaled(asked)
    name, day = asked.at
    mean = "their mean" if len(others) > 1 else _name(data, others[0])
    table = _differences(data, others) if params.rule == "each" else {mean: _mean_difference(data, others)}
    found = {label: _shift(asked, data, gap) for label, gap in table.items()}
    outcome = _contested(asked, list(found.values()))
    own, placebo = _plain_change(data, day), [_plain_change(other, day) for other in others]
    claimed = SIGNS[asked.direction]
    rank = 1 + sum(claimed * (other - own) > 0 for other in placebo)
    unit = asked.data().unit
    results = [
        f"{label} {change(one.value, unit, params.scale)} "
        f"({interval(one.low, one.high, params.confidence, unit, params.scale)})"
        for label, one in found.items()
    ]
    evidence, counts = asked.evidence((data, list(range(data.n))))
    because = (
        f"{outcome.capitalize()}: between the time before and after {name} ({day}) {data.series.name} changed by "
        f"{change(own, unit, params.scale)}; relative to {listed(results)} "
        f"({data.span}, compared with {_all_of(data, others)}; {source(data, asked.panel)})."
    )
    numbers: dict[str, float | str | int] = {
        "own_change": own, "rank_in_claimed_direction": rank, "compared": len(others), "unit": unit,
        "scale": params.scale, "n": data.n, "at": f"{day}", **counts,
    }  # fmt: skip
    for label, one in found.items():
        numbers |= {f"{label}: difference": one.value, f"{label}: low": one.low, f"{label}: high": one.high}
    rival = (
        f"The event as if it had happened to the others: its change ranks {rank} of {len(others) + 1} in the claimed "
        f"direction, so one as large has placebo probability {rank / (len(others) + 1):.2f}."
    )
    checks = (Check("all comparisons have data", not absent, f"without data: {listed(absent)}"),)
    return Finding(outcome, because, numbers, rival, evidence, checks)


MOST_NAMED = 4


def _all_of(data: Data, others: list[Data]) -> str:
    """Those compared, by name where they are few."""
    return listed([_name(data, one) for one in others]) if len(others) <= MOST_NAMED else f"{len(others)} others"


def _opponents_scaled(asked: Asked) -> tuple[list[Data], list[str]]:
    """Those with complete data on the scale asked for; the rest by name."""
    plain, absent = _opponents(asked)
    data: list[Data] = []
    for other in plain:
        try:
            data.append(asked.data(other.quantity, scale=asked.params.scale))
        except SeriesError:
            absent.append(f"{other.series.dyad} (zeros have no logarithm)")
    if not data:
        raise SeriesError("none of those it is compared with can be put on that scale", hint="use `scale: log1p`")
    return data, absent


def _differences(data: Data, others: list[Data]) -> dict[str, dict[date, float]]:
    return {_name(data, other): _gap(data, other) for other in others}


def _gap(data: Data, other: Data) -> dict[date, float]:
    theirs = dict(zip(other.starts, other.values, strict=True))
    return {
        start: float(value - theirs[start])
        for start, value in zip(data.starts, data.values, strict=True)
        if start in theirs
    }


def _mean_difference(data: Data, others: list[Data]) -> dict[date, float]:
    """Difference from the mean of the others, in the periods that all of them know."""
    gaps = [_gap(data, other) for other in others]
    shared = set.intersection(*(set(gap) for gap in gaps))
    return {start: float(np.mean([gap[start] for gap in gaps])) for start in data.starts if start in shared}


def _shift(asked: Asked, data: Data, gap: dict[date, float]) -> Estimate:
    """The change of a difference at the claimed date."""
    from dataclasses import replace

    from detente.turning_points import intervention

    params: CompareChange = asked.params
    day = asked.at[1]
    frame = data.series.frame
    known = frame["period_start"].map(lambda stamp: gap.get(stamp.date(), float("nan")))
    before = sum(end < day for start, end in zip(data.starts, data.ends, strict=True) if start in gap)
    after = sum(start >= day for start in data.starts if start in gap)
    if before < params.least_before or after < params.least_after:
        raise SeriesError(
            f"{data.series.name} and those compared have {before} periods in common before {day} and {after} after; "
            f"{params.least_before} and {params.least_after} are needed",
            hint="newer data, or fewer comparisons",
        )
    series = replace(data.series, frame=frame.assign(value=known), title=f"{data.series.name}, relative")
    effect = intervention(series, day, name=asked.at[0], confidence=params.confidence)
    return Estimate(effect.effect, effect.low, effect.high, effect.before + effect.after)


def _contested(asked: Asked, found: list[Estimate]) -> Outcome:
    claimed = SIGNS[asked.direction]
    signs = [one.sign * claimed for one in found]
    if all(one > 0 for one in signs):
        return "supported"
    if any(one < 0 for one in signs):
        return "mixed" if any(one > 0 for one in signs) else "contradicted"
    return "inconclusive"


def _plain_change(data: Data, day: date) -> float:
    before, after = data.before(day), data.after(day)
    return float(data.values[after].mean() - data.values[before].mean()) if before and after else float("nan")
