"""How far the step at the claimed date is to be believed, as a measure's card says it; and the rule of the grades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.report import specifications, words
from detente.report.changes import GRADES, alarms, linked
from detente.report.readings import Fact

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.results import Check
    from detente.turning_points import TurningPoint
    from detente.turning_points.belief.curve import Choice

STATES = {True: ("✓", "passed"), False: ("✗", "failed"), None: ("–", "not judged")}
NEXT = {"weak": "moderate", "moderate": "strong"}


@dataclass(frozen=True, slots=True)
class Looked:
    """A check as the card shows it."""

    name: str
    sign: str
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Belief:
    """How far a step is to be believed.

    Attributes:
        lacks: What keeps the grade from the next, as a sentence.
        surely: The tail probability beside what the same procedure says where nothing happened.
        tally: How the checks came out.
        curve: What all specifications say, in a sentence.
        remarks: What a reader of the drawing of them must know.
    """

    grade: str
    sign: str
    graded: Markup
    lacks: str
    surely: Markup
    tally: str
    checks: tuple[Looked, ...]
    curve: Markup
    picture: Markup
    remarks: tuple[str, ...]


def belief(fact: Fact, spell: Callable[[str], str]) -> Belief | None:
    """What a card says of the grade; None where the methods gave none."""
    judged = fact.reading.judged
    if judged is None:
        return None
    said = spell(judged.curve.summary())
    return Belief(
        grade=judged.grade,
        sign=GRADES[judged.grade],
        graded=linked(fact, judged.grade, "judged"),
        lacks=_lacks(judged, spell),
        surely=_surely(fact, judged),
        tally=_tally(judged.checks),
        checks=tuple(_looked(check, spell) for check in judged.checks),
        curve=_curve(fact, said),
        picture=_picture(fact, judged, said),
        remarks=tuple(_remarks(judged)),
    )


def _lacks(judged: TurningPoint, spell: Callable[[str], str]) -> str:
    if not judged.short_of:
        return "Nothing that the rule asks for is missing."
    reasons = spell("; ".join(judged.short_of))
    above = NEXT.get(judged.grade)
    return f"Short of {above}: {reasons}." if above else f"{reasons[0].upper()}{reasons[1:]}."


def _surely(fact: Fact, judged: TurningPoint) -> Markup:
    """How sure the procedure is here, beside how sure it is where nothing happened."""
    from markupsafe import Markup

    p = linked(fact, f"p{words.HARD}{words.tail(judged.effect.p)}", "effect")
    found = judged.alarms
    as_sure = found.as_sure(judged.effect.p)
    if found.rate is None or as_sure is None:
        tried = words.counted(found.tried, "quiet date")
        return Markup(
            "The step has {}; how often the procedure claims a step on this series without cause cannot be known ({} "
            "could be tried)."
        ).format(p, tried)
    return Markup(
        "The step has {}. Moved to dates of this very series at which nothing is known to have happened, the same "
        "procedure claims a step at {} ({}); counting this date, {} of the dates look as sure as this one."
    ).format(p, linked(fact, alarms(judged), "judged"), words.share(found.rate), words.share(as_sure))


def _tally(checks: Sequence[Check]) -> str:
    """How many checks came out how, the failed ones by name."""
    counts = Counter(check.passed for check in checks)
    failed = [check.name for check in checks if check.passed is False]
    named = f" ({', '.join(failed)})" if failed else ""
    return f"{counts[True]} passed, {counts[False]} failed{named}, {counts[None]} not judged"


def _looked(check: Check, spell: Callable[[str], str]) -> Looked:
    sign, state = STATES[check.passed]
    return Looked(f"{check.name[:1].upper()}{check.name[1:]}", sign, state, spell(check.detail))


def _curve(fact: Fact, said: str) -> Markup:
    """What all specifications say; their number opens how it was made."""
    from markupsafe import Markup

    counted, see, rest = said.partition(" see ")
    return Markup("{}{}{}").format(linked(fact, counted, "curve"), see, rest)


def _picture(fact: Fact, judged: TurningPoint, said: str) -> Markup:
    from markupsafe import Markup

    label = f"Chart: the step of {fact.measure.title}, {fact.who}, under every reasonable choice. {said}"
    drawing = specifications.drawn(judged.curve, fact.measure.unit, label, shown=reported(judged))
    return Markup(drawing)  # noqa: S704 (drawings escape their words)


def reported(judged: TurningPoint) -> Choice | None:
    """The choice of the curve that is the effect the page reports."""
    scale = "logarithm" if judged.provenance.params.get("scale") == "logarithms" else "as given"
    asked = ("robust", "level", "all data", scale)
    found = (one for one in judged.curve.choices if (one.method, one.shape, one.window, one.scale) == asked)
    return next(found, None)


def _remarks(judged: TurningPoint) -> Iterator[str]:
    curve = judged.curve
    if reported(judged):
        yield "Ringed: the step that this page reports."
    else:
        yield "The step that this page reports is none of them: it was estimated on logarithms, some values being zero."
    if specifications.is_share(curve) and min(one.effect for one in curve.choices) < -1:
        yield "A step below −100 % would leave less than nothing: values as given do not suit this series there."
    if many := len(curve.refused):
        yield f"{words.counted(many, 'further choice')} of window and shape the data do not allow."


def graded(facts: Sequence[Fact]) -> str:
    """How many measures have which grade, as a sentence; empty where none is graded."""
    counts = Counter(fact.reading.judged.grade for fact in facts if fact.reading.judged)
    if not counts:
        return ""
    given = [f"{_give(counts[name])} {name} evidence" for name in ("strong", "moderate", "weak") if counts[name]]
    if not counts["strong"] and not counts["moderate"]:
        given.insert(0, "none gives strong or moderate evidence")
    if counts["none"]:
        given.append(f"{_give(counts['none'])} none")
    asked = words.counted(counts.total(), "measure")
    return f"Did the claimed date turn them? Of the {asked} that can be graded, {words.listed(given)}."


def _give(many: int) -> str:
    return f"{many} {'gives' if many == 1 else 'give'}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a grade asks for."""

    grade: str
    sign: str
    text: str


def rule() -> Iterator[Rule]:
    """The rule of the grades in words; its numbers are those that grading uses."""
    from detente.turning_points.belief.grade import AFTER, AGREE, BEFORE, TELL
    from detente.turning_points.belief.placebos import TOLERATED
    from detente.turning_points.dating.rivals import SURE

    said = {
        "none": "Neither the date nor the size of a change can be told from noise.",
        "weak": "One of the two can; or both can, but something is missing that moderate asks for.",
        "moderate": f"The change is dated (the claimed date has a chance of {words.share(SURE)} or more) and measured "
        "(the 95 % interval of the step leaves out zero). There are "
        f"{BEFORE} periods before and {AFTER} after. Moved to dates at which nothing happened, the procedure claims a "
        f"step at {words.share(TOLERATED)} of them at most, where that can be tried. At least {words.share(AGREE)} of "
        f"the specifications agree on the direction, and the intervals of {words.share(TELL)} of the robust ones leave "
        "out zero. At most one check failed.",
        "strong": "All of that; and the date was named before anyone looked at the series, false alarms are known, no "
        "check failed, and a comparison with units or outcomes that the event did not touch was passed.",
    }
    yield from (Rule(name, GRADES[name], text.replace(" %", f"{words.HARD}%")) for name, text in said.items())


CHECKS = {
    "Placebo in time": "Does the procedure stay quiet at dates at which nothing is known to have happened?",
    "Placebo in space": "Did the same measure stand still in countries that did not have the event?",
    "Outcomes that should not move": "Did measures stand still that the event cannot have touched?",
    "Pre-trend": "Was the series already on its way before the date?",
    "Anticipation": "Does a step show before the date, in data that end before it?",
    "Other windows": "Does the step keep its direction with fewer periods around the date?",
    "Rival dates": "Do the data speak for this date rather than for a rival?",
    "Shocks in the same window": "Did something else begin or end so near that no series can tell the two apart?",
    "Other methods and choices": "Do the other specifications say the same?",
}
"""What each check asks."""
