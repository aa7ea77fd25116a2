"""A measure's results to its row in the table of changes: the date it speaks for, the step, and how sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.report import readings, words
from detente.report.evidence import num
from detente.report.readings import VERDICTS, Fact

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.report.readings import Mean
    from detente.turning_points import TurningPoint

GRADES = {"strong": "●●●", "moderate": "●●○", "weak": "●○○", "none": "○○○"}
"""The grades from the best, each with its sign."""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure in the table of changes; numbers carry their links.

    Attributes:
        chances: What may have the level changed, and how probable that is.
        alarms: At how many dates the same procedure claims an effect though nothing happened.
    """

    key: str
    title: str
    who: str
    unit: str
    ends: str
    verdict: str
    sign: str
    detail: str
    chances: tuple[tuple[str, Markup], ...]
    change: Markup | str
    sure: str
    p: Markup | str
    alarms: Markup | str
    grade: str
    grade_sign: str
    graded: Markup | str
    before: Markup | str
    after: Markup | str
    difference: str
    breaks: Markup | str


def row(fact: Fact) -> Row:
    """A measure's numbers, each with a link to what stands behind it."""
    effect, judged, gap = fact.reading.effect, fact.reading.judged, fact.difference
    word, sign = VERDICTS[readings.kind(fact.verdict)]
    return Row(
        key=fact.key,
        title=fact.measure.title,
        who=fact.who,
        unit=readings.unit_of(fact.measure),
        ends=fact.label(fact.known[-1].start, fact.known[-1].end) if fact.known else "",
        verdict=word,
        sign=sign,
        detail=_detail(fact),
        chances=tuple(_chances(fact)),
        change=_change(fact),
        sure=("beyond chance" if effect.found else "within chance") if effect else "",
        p=linked(fact, f"p{words.HARD}{words.tail(effect.p)}", "effect") if effect else "",
        alarms=linked(fact, alarms(judged), "judged") if judged else "",
        grade=judged.grade if judged else "",
        grade_sign=GRADES[judged.grade] if judged else "",
        graded=linked(fact, judged.grade, "judged") if judged else "",
        before=_mean(fact, "before", fact.before),
        after=_mean(fact, "after", fact.after),
        difference="" if gap is None else words.gap(gap, fact.measure.unit, short=True),
        breaks=_breaks(fact),
    )


def alarms(judged: TurningPoint) -> str:
    """At how many dates where nothing happened the procedure claims an effect."""
    found = judged.alarms
    if found.rate is None:
        return "cannot be known"
    return f"{round(found.rate * found.tried)} of {words.counted(found.tried, 'date')}".replace(" ", words.HARD)


def linked(fact: Fact, text: Markup | str, name: str) -> Markup:
    """A number or word that opens the result of a measure it comes from."""
    return num(text, href=f"d-{fact.key}", result=f"{fact.key}:{name}")


def _detail(fact: Fact) -> str:
    """Which rival, or which other date, where the chances do not say it anyway."""
    if fact.reading.dates and fact.verdict == "elsewhere":
        return f"likeliest {fact.reading.dates.likeliest}"
    named = fact.verdict.removeprefix("rival:") if readings.kind(fact.verdict) == "rival" else ""
    return "" if fact.likeliest and named == fact.likeliest.name else named


def _chances(fact: Fact) -> Iterator[tuple[str, Markup]]:
    """The claimed date, the likeliest rival, any other date, no change."""
    dates = fact.reading.dates
    if dates is None or fact.claimed is None:
        return
    yield "claimed date", linked(fact, readings.seen(fact.claimed), "dates")
    if rival := fact.likeliest:
        yield rival.name, linked(fact, readings.seen(rival), "dates")
    yield "another date", linked(fact, words.chance(dates.p_elsewhere), "dates")
    yield "no change", linked(fact, words.chance(dates.p_no_break), "dates")


def _change(fact: Fact) -> Markup | str:
    from markupsafe import Markup

    effect = fact.reading.effect
    if effect is None:
        return ""
    value = words.change(effect.effect, effect.unit, short=True)
    interval = words.ends(effect.low, effect.high, effect.unit, short=True)
    return linked(fact, Markup("{} <small>{}</small>").format(value, interval), "effect")


def _mean(fact: Fact, name: str, mean: Mean | None) -> Markup | str:
    return linked(fact, words.number(mean.value, fact.measure.unit, short=True), name) if mean else ""


def _breaks(fact: Fact) -> Markup | str:
    from markupsafe import Markup

    if fact.reading.breaks is None:
        return ""
    found = readings.found(fact)
    if not found or not fact.reading.breaks.found:
        return linked(fact, "none beyond noise", "breaks")
    return Markup(", ").join(linked(fact, one.last_of_old, "breaks") for one in found)
