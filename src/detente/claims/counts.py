"""Did anything happen since, and does a total lie where the claim puts it?"""

from __future__ import annotations

from datetime import date
from math import exp
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from detente.claims.bench import Asked, Data, period
from detente.claims.claim import Finding
from detente.claims.wording import amount, counted, number, source
from detente.errors import SeriesError
from detente.panel import measures, spine
from detente.protocol import Day, Frozen
from detente.registry import pick
from detente.results import Check, Outcome

if TYPE_CHECKING:
    import pandas as pd


class NoneSince(Frozen):
    """Parameters of `none_since`."""

    after: Day = Field(description="The last day on which it may have happened")
    least_days: int = Field(default=365, ge=1, description="Fewest covered days after it")


def none_since(asked: Asked) -> Finding:
    """Find out whether an event has not happened since a day, up to the end of what the source covers.

    Question: was there none? Assumes that the source lists every such event within its coverage. Rule: contradicted by
    a single event after the day; supported if there is none and at least `least_days` are covered; otherwise
    inconclusive. The rival tried is chance: how probable such a silence is at the rate of the years before.
    """
    params: NoneSince = asked.params
    events, end = _events(asked), _coverage_end(asked)
    first = asked.window[0]
    later = [row for row in events if row[0] > params.after]
    earlier = [row for row in events if first <= row[0] <= params.after]
    days = (end - params.after).days
    outcome: Outcome = "contradicted" if later else ("supported" if days >= params.least_days else "inconclusive")
    rate = len(earlier) / max((params.after - first).days, 1)
    silence = exp(-rate * max(days, 0))
    title, data = asked.panel.series(asked.quantity.dyad(asked.protocol), asked.quantity.measure).name, asked.data()
    last = f"the last was on {max(row[0] for row in earlier)}" if earlier else "none is recorded before it either"
    counted = (
        f"none after {params.after}" if not later else f"{len(later)} after {params.after}, first on {min(later)[0]}"
    )
    because = (
        f"{outcome.capitalize()}: {title}: {counted} up to {end}, where coverage ends; {last} "
        f"({source(data, asked.panel)})."
    )
    numbers = {
        "events_after": len(later), "events_before": len(earlier), "after": f"{params.after}", "coverage_end": f"{end}",
        "days_covered": days, "yearly_rate_before": rate * 365.25, "chance_of_silence": silence,
        "last_before": f"{max(row[0] for row in earlier)}" if earlier else "", "records": len(events),
        "records_listed": len(events),
    }  # fmt: skip
    rival = (
        f"Chance alone: at the rate of {first} to {params.after} ({number(rate * 365.25)} a year) a silence of "
        f"{number(days / 365.25)} years has probability {silence:.3f}."
    )
    usual = Check("silence is unusual", silence < 0.05, f"probability {silence:.3f} at the earlier rate")
    return Finding(outcome, because, numbers, rival, tuple(sorted(row[1] for row in events)), (usual,))


def _events(asked: Asked) -> list[tuple[date, str]]:
    """Day and id of every event behind a line, in time order."""
    import narwhals as nw

    members = asked.panel.members(asked.quantity.dyad(asked.protocol), asked.quantity.measure)
    ids = sorted({one for row in members["record"] for one in row.split(" ")})
    table = nw.from_native(asked.panel.records.events).lazy().filter(nw.col("event_id").is_in(ids))
    found: pd.DataFrame = table.select("event_id", "date").collect("pandas").to_native()
    return sorted((_day(when), str(one)) for one, when in zip(found["event_id"], found["date"], strict=True))


def _day(when: object) -> date:
    import pandas as pd

    return pd.Timestamp(when).date()  # type: ignore[arg-type]


def _coverage_end(asked: Asked) -> date:
    """The last day on which all the kinds of event are covered."""
    measure = pick("measure", asked.quantity.measure, measures())
    data = asked.data()
    coverage = asked.panel.records.coverage
    mine = coverage[(coverage["source_id"] == measure.source_id) & (coverage["version"] == data.version)]
    spans = spine.spans(mine, measure, asked.quantity.dyad(asked.protocol))
    if not spans or any(rows.empty for rows in spans):
        raise SeriesError(
            f"{measure.title} has no stated coverage, so an absent event says nothing",
            hint="take a source that covers it",
        )
    return min(_day(rows["period_end"].max()) for rows in spans)


class InRange(Frozen):
    """Parameters of `in_range`."""

    take: Literal["total", "mean", "last", "lowest", "highest"] = Field(
        description="What is made of the window's values"
    )
    least: float | None = Field(default=None, description="Lowest value the claim allows")
    most: float | None = Field(default=None, description="Highest value the claim allows")


def in_range(asked: Asked) -> Finding:
    """Find out whether a total, a mean, the last or an extreme value of a window lies where the claim puts it.

    Question: is the number right? Assumes that the window is known completely. Rule: supported within [least, most],
    contradicted outside; inconclusive where a period of the window is unknown and could change the answer.
    """
    params: InRange = asked.params
    data = asked.data()
    if data.n == 0:
        raise SeriesError(f"{data.series.name} has no value in the window", hint="widen the window, or ingest more")
    value = _taken(data, params.take)
    low = params.least if params.least is not None else float("-inf")
    high = params.most if params.most is not None else float("inf")
    unknown = len(data.series.frame) - data.n
    outcome: Outcome = "supported" if low <= value <= high else "contradicted"
    if unknown and not _settled(params, value, low, high):
        outcome = "inconclusive"
    allowed = " and ".join(
        f"{word} {amount(limit, data.unit)}" for word, limit in (("at least", params.least), ("at most", params.most))
        if limit is not None
    )  # fmt: skip
    evidence, counts = asked.evidence((data, list(range(data.n))))
    words = {
        "total": "in total", "mean": "on average", "last": f"in {data.label(data.n - 1)}, the last known,",
        "lowest": "at the lowest", "highest": "at the highest",
    }  # fmt: skip
    missing = f"; {counted(unknown, 'period')} unknown" if unknown else ""
    because = (
        f"{outcome.capitalize()}: {data.series.name} was {amount(value, data.unit)} {words[params.take]} in "
        f"{data.span}; the claim allows {allowed}{missing} ({source(data, asked.panel)})."
    )
    numbers = {"value": value, "take": params.take, "unit": data.unit, "n": data.n, "unknown": unknown, **counts}
    numbers |= {name: limit for name, limit in (("least", params.least), ("most", params.most)) if limit is not None}
    could = "cannot" if outcome != "inconclusive" else "could"
    gaps = f"{counted(unknown, 'unknown period')}, which {could} change the answer" if unknown else "none"
    rival = f"Gaps in the reports: {gaps}; first value {_first(data)}."
    return Finding(outcome, because, numbers, rival, evidence)


def _settled(params: InRange, value: float, low: float, high: float) -> bool:
    """Whether no value of an unknown period could change the answer: maxima only grow, minima only fall."""
    grows, falls = params.take == "highest", params.take == "lowest"
    beyond = (grows and value > high) or (falls and value < low)
    within = (grows and low <= value and params.most is None) or (falls and value <= high and params.least is None)
    return params.take == "last" or beyond or within


def _first(data: Data) -> str:
    return (
        f"{amount(float(data.values[0]), data.unit)} in {period(data.starts[0], data.ends[0], data.series.frequency)}"
    )


def _taken(data: Data, take: str) -> float:
    values = data.values
    taken = {
        "total": values.sum(),
        "mean": values.mean(),
        "last": values[-1],
        "lowest": values.min(),
        "highest": values.max(),
    }
    return float(taken[take])
