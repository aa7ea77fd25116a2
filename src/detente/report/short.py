"""Findings to the verdict in a few sentences: what a reader takes away who reads nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.report import words
from detente.report.evidence import num
from detente.report.readings import Fact, disagreement, kind

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.claims import Verdict
    from detente.panel.dimensions import DimensionIndex
    from detente.protocol import Protocol
    from detente.report.findings import Findings

OUTCOMES = ("supported", "contradicted", "mixed", "inconclusive", "untestable")
SIGNS = {"supported": "✓", "contradicted": "✗", "mixed": "±", "inconclusive": "?", "untestable": "–"}


@dataclass(frozen=True, slots=True)
class Point:
    """A dimension and what is said of it."""

    label: str
    target: str
    text: Markup


MOST_NAMED = 3
"""Most measures that the first sentence names."""


def lead(facts: Sequence[Fact], protocol: Protocol) -> Markup:
    """The verdict: whether the breaks fall at the claimed date, in which measures, and in the pair's own."""
    from markupsafe import Markup

    day = words.day(protocol.turning_point.date)
    counts = Counter(kind(fact.verdict) for fact in facts)
    tested = len(facts) - counts["too short"]
    if not tested:
        return Markup("The data cannot say whether anything changed at {}: no measure is long enough to test.").format(
            day
        )
    which = Markup("; ").join(_link(fact) for fact in _claimed(facts)) if counts["claimed"] <= MOST_NAMED else ""
    shown = Markup(": {}.").format(which) if which else "."
    return Markup("{}{}{} {}").format(_headline(counts, tested, day), shown, _own(facts, protocol), _rest(counts))


def _claimed(facts: Sequence[Fact]) -> list[Fact]:
    return [fact for fact in facts if kind(fact.verdict) == "claimed"]


def _link(fact: Fact) -> Markup:
    from markupsafe import Markup

    return Markup('<a href="#m-{}">{}, {}</a>').format(fact.key, fact.measure.title, fact.who)


def _own(facts: Sequence[Fact], protocol: Protocol) -> str:
    """How many measures of the two states themselves break at the date, where others do."""
    pair = set(protocol.dyad)
    mine = [
        f
        for f in facts
        if kind(f.verdict) != "too short" and {f.tracked.line.dyad.sender, f.tracked.line.dyad.receiver} == pair
    ]
    at, every = len(_claimed(mine)), len(_claimed(facts))
    if not mine or at == every:
        return ""
    if len(mine) == 1:
        return " The one between the two states themselves does not."
    return f" Of the {len(mine)} between the two states themselves, {at or 'none'} {'do' if at > 1 else 'does'}."


def _headline(counts: Counter[str], tested: int, day: str) -> str:
    at = counts["claimed"]
    asked = words.counted(tested, "measure that can be tested", "measures that can be tested")
    if at == 0:
        return f"The data do not place a break at the claimed date, {day}, in any of the {asked}"
    if 2 * at > tested:
        return f"Most measures break at the claimed date, {day} ({at} of the {asked})"
    return f"A break at the claimed date, {day}, shows in {at} of the {asked}"


def _rest(counts: Counter[str]) -> str:
    said = {
        "rival": ("breaks at a rival date", "break at a rival date"),
        "elsewhere": ("breaks at a date nobody named", "break at a date nobody named"),
        "no break": ("shows no change of level", "show no change of level"),
    }
    parts = [f"{counts[key]} {one if counts[key] == 1 else more}" for key, (one, more) in said.items() if counts[key]]
    if unsure := counts["cannot tell"]:
        parts.append(f"in {unsure} the data cannot tell when the level changed, if it did")
    listed = words.listed(parts)
    short = counts["too short"]
    missing = (
        f" {words.counted(short, 'further measure is', 'further measures are')} too short to ask." if short else ""
    )
    others = sum(counts.values()) - counts["claimed"] - counts["too short"]
    return (
        f"Of {f'the other {others}' if counts['claimed'] else 'them'}, {listed}.{missing}"
        if listed
        else missing.strip()
    )


@dataclass(frozen=True, slots=True)
class Named:
    """The measures whose break falls at one of the dates."""

    label: str
    measures: tuple[tuple[str, str], ...]


def named(facts: Sequence[Fact]) -> Iterator[Named]:
    """Which measures break at which rival, and at the claimed date where they are too many for the first sentence."""
    by_verdict: dict[str, list[tuple[str, str]]] = {}
    for fact in facts:
        if kind(fact.verdict) in ("claimed", "rival"):
            places = disagreement(fact)
            doubt = f" (least squares disagrees: {places})" if places else ""
            by_verdict.setdefault(fact.verdict, []).append((fact.key, f"{fact.measure.title}, {fact.who}{doubt}"))
    for verdict, measures in sorted(by_verdict.items()):
        if verdict == "claimed" and len(measures) <= MOST_NAMED:
            continue
        where = "the claimed date" if verdict == "claimed" else f"a rival date, {verdict.removeprefix('rival:')}"
        yield Named(f"At {where}", tuple(measures))


def points(findings: Findings, facts: Sequence[Fact]) -> Iterator[Point]:
    """Each main dimension in a sentence: the change of its index, and what its measures say of the date."""
    from markupsafe import Markup

    by_name = {one.dimension: one for one in findings.index}
    for name, dimension in findings.protocol.dimensions.items():
        if not dimension.chart:
            continue
        mine = [fact for fact in facts if fact.reading.line.dimension == name]
        text = Markup("{} {}").format(_index(by_name.get(name)), _dates(mine))
        yield Point(dimension.title, f"g-{name}", text)


def _index(index: DimensionIndex | None) -> Markup:
    from markupsafe import Markup

    if index is None or index.change is None:
        reason = index.refused if index else "none was computed"
        return Markup("no index can be given: {}.").format(reason)
    change = index.change
    sure = change.low > 0 or change.high < 0
    way = "closer" if change.value > 0 else "less close"
    told = "" if sure else ", within what chance alone can do"
    number = num(f"{abs(change.value):.1f}", href=f"i-{index.dimension}", result=f"index:{index.dimension}")
    ends = f"{decimal(change.low)} to {decimal(change.high)}"
    said = Markup("{} than before by {} standard deviations{} (95\u00a0% interval {}).")
    return said.format(way, number, told, ends)


def decimal(value: float) -> str:
    """A signed number of standard deviations."""
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def _dates(facts: Sequence[Fact]) -> str:
    """Of how many measures the break falls where."""
    counts = Counter(kind(fact.verdict) for fact in facts)
    said = {
        "claimed": ("breaks at the claimed date", "break at the claimed date"),
        "rival": ("breaks at a rival date", "break at a rival date"),
        "elsewhere": ("breaks at a date nobody named", "break at a date nobody named"),
        "no break": ("shows no break", "show no break"),
        "cannot tell": ("cannot tell when it changed", "cannot tell when they changed"),
        "too short": ("has too little data", "have too little data"),
    }
    parts = [f"{counts[key]} {one if counts[key] == 1 else more}" for key, (one, more) in said.items() if counts[key]]
    if not parts:
        return "None of its measures has data."
    if len(facts) == 1:
        return f"Its one measure {parts[0].split(' ', 1)[1]}."
    if len(parts) == 1:
        return f"All {len(facts)} of its measures {parts[0].split(' ', 1)[1]}."
    return f"Of its {len(facts)} measures, {words.listed(parts)}."


def outcomes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int]]:
    """Outcome, its sign and how many claims have it."""
    counts: Counter[str] = Counter(verdict.outcome for verdict in verdicts)
    return [(outcome, SIGNS[outcome], counts[outcome]) for outcome in OUTCOMES if counts[outcome]]
