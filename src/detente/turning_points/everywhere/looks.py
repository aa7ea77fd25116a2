"""Many series of the same periods to the evidence for a change of each, its date and its size."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.turning_points.dating.answer import Arranged, arranged, dated
from detente.turning_points.dating.dated import DatedBreak
from detente.turning_points.dating.evidence import EDGE, Evidence, evidence
from detente.turning_points.dating.several import DOUBT, credible, guarded, only, search, standardised
from detente.turning_points.effects.robust import effects_at
from detente.turning_points.noise import Array
from detente.turning_points.plain import told
from detente.turning_points.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Moment:
    """A known event: the number of its period, and whether the event opens it or falls inside, in between."""

    period: int
    opens: bool

    def since(self, start: int) -> Moment:
        """The same, counted from another period."""
        return Moment(self.period - start, self.opens)


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen of several series, one value each.

    Attributes:
        first: The period that most probably opens a new regime; `low` and `high` the interval, given a change. Where
            there may be several, it holds them all.
        inside: The probability of a change within it.
        no_break: Probability of no change.
        log_evidence: Log Bayes factor of a change against none.
        breaks: The changes that `when` finds.
    """

    first: NDArray[np.intp]
    low: NDArray[np.intp]
    high: NDArray[np.intp]
    inside: Array
    no_break: Array
    log_evidence: Array
    breaks: tuple[tuple[DatedBreak, ...], ...]


def look(timeline: Timeline, y: Array, *, confidence: float, counts: bool) -> Look:
    """What `when` says of every column of *y*; the first step is taken for all at once.

    Args:
        timeline: The periods that all columns share.
        y: Series, one a column.
        confidence: Of the interval of the date.
        counts: See `when`.
    """
    lines = [replace(timeline, values=column) for column in y.T]
    spread = [arranged(line, counts) for line in lines]
    shared, judged = spread[0], np.column_stack([one.judged for one in spread])
    found = evidence(shared.positions, standardised(judged), season=shared.season)
    chances, none = found.by_date, guarded(shared.positions, judged, found, season=shared.season)
    ends = np.array([credible(column, confidence) for column in chances.T])
    periods = np.asarray(shared.positions)[found.first_new] * shared.width
    inside = np.array([min(column[a : b + 1].sum(), 1.0) for column, (a, b) in zip(chances.T, ends, strict=True)])
    return Look(
        first=periods[chances.argmax(axis=0)],
        low=periods[ends[:, 0]],
        high=periods[ends[:, 1]],
        inside=inside,
        no_break=none,
        log_evidence=_odds(found, none),
        breaks=tuple(
            _breaks(line, one, only(found, column), float(none[column]), confidence) if none[column] <= DOUBT else ()
            for column, (line, one) in enumerate(zip(lines, spread, strict=True))
        ),
    )


def _odds(found: Evidence, none: Array) -> Array:
    """Log Bayes factor of a change, where change and none are as likely beforehand; never above what is guarded."""
    weighed = np.logaddexp.reduce(np.vstack([found.level, found.slope, found.spell]), axis=0) - found.none
    with np.errstate(divide="ignore"):
        return np.asarray(np.minimum(weighed, np.log1p(-none) - np.log(none)))


def _breaks(line: Timeline, data: Arranged, first: Evidence, none: float, confidence: float) -> tuple[DatedBreak, ...]:
    found = search(data.positions, data.judged, season=data.season, first=first, none=none)
    return dated(line, data, found, confidence)


def rows(
    timeline: Timeline, y: Array, at: Moment | None, *, confidence: float, counts: bool
) -> dict[str, NDArray[Any] | list[str]]:
    """What is known of series, one a column of *y*: name → one value each; periods are counted from the first.

    Args:
        timeline: The periods that all columns share.
        y: Series, one a column.
        at: A known event; None: the effect is that of the clearest change, between its neighbours.
        confidence: Of all intervals.
        counts: See `when`.
    """
    seen = look(timeline, y, confidence=confidence, counts=counts)
    clearest = [_clearest(timeline, breaks) for breaks in seen.breaks]
    found = _effects(timeline, y, seen, clearest, confidence) if at is None else _known(timeline, y, at, confidence)
    dated = np.array(
        [
            [one[0], one[1], one[2], one[3]] if one else [first, low, high, inside]
            for one, first, low, high, inside in zip(
                clearest, seen.first, seen.low, seen.high, seen.inside, strict=True
            )
        ]
    )
    return {
        "n": np.full(y.shape[1], len(y)),
        **{name: dated[:, column].astype(int) for column, name in enumerate(("period", "lower", "upper"))},
        "probability": dated[:, 3],
        "p_no_break": seen.no_break,
        "log_evidence": seen.log_evidence,
        **dict(zip(("average", "effect_lower", "effect_upper", "p"), found, strict=True)),
        "breaks": [json.dumps([_written(one, timeline) for one in breaks]) for breaks in seen.breaks],
    }


Clearest = tuple[int, int, int, float, int, int]
"""Period of a change, its interval, its probability, and the periods between which it is alone."""


def _clearest(timeline: Timeline, breaks: tuple[DatedBreak, ...]) -> Clearest | None:
    """The most probable change, of equals the largest; None where there is none."""
    if not breaks:
        return None
    number = {start: at for at, start in enumerate(timeline.starts)}
    chosen = max(breaks, key=lambda one: (round(one.probability, 3), one.kind != "slope", abs(one.after - one.before)))
    places = [0, *(number[one.period] for one in breaks), len(timeline.starts)]
    at = breaks.index(chosen) + 1
    period, low, high = (number[day] for day in (chosen.period, chosen.lower, chosen.upper))
    return period, low, high, chosen.probability, places[at - 1], places[at + 1]


def _known(timeline: Timeline, y: Array, at: Moment, confidence: float) -> tuple[Array, ...]:
    """The effect of a known event in every series."""
    where = np.asarray(timeline.positions)
    used = np.ones(len(where), dtype=bool) if at.opens else where != at.period
    first = np.full(y.shape[1], (where[used] < at.period).sum())
    return effects_at(tuple(where[used].tolist()), y[used], first, confidence)


def _effects(
    timeline: Timeline, y: Array, seen: Look, clearest: list[Clearest | None], confidence: float
) -> tuple[Array, ...]:
    """The effect at each series' own date: of a change that was found, between the changes before and after it."""
    where = np.asarray(timeline.positions)
    answers = effects_at(timeline.positions, y, np.searchsorted(where, seen.first), confidence)
    for column, one in enumerate(clearest):
        if one is not None:
            inside = (where >= one[4]) & (where < one[5])
            part, first = y[inside][:, [column]], np.array([(where[inside] < one[0]).sum()])
            usable = first[0] >= EDGE and len(part) - first[0] >= EDGE and len(part) >= LEAST and np.ptp(part) > 0
            alone = effects_at(tuple(where[inside].tolist()), part, first, confidence) if usable else _UNKNOWN
            for answer, value in zip(answers, alone, strict=True):
                answer[column] = value[0]
    return answers


_UNKNOWN = (np.full(1, np.nan),) * 4
LEAST = 8
"""Fewest values from which an effect between two changes can be told."""


def _written(one: DatedBreak, timeline: Timeline) -> dict[str, str | int | float]:
    ends = {name: told(getattr(one, name), timeline.frequency) for name in ("period", "lower", "upper")}
    return {**ends, "probability": one.probability, "kind": one.kind, "before": one.before, "after": one.after}
