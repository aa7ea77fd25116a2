"""Results to what stands behind their numbers: method, reference, parameters, checks; and the link that opens it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detente.report import words

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.claims import Verdict
    from detente.panel.dimensions import DimensionIndex
    from detente.report.readings import Fact, Mean
    from detente.results import Check, Result

STATES = {True: "held", False: "failed", None: "noted"}


def num(text: Markup | str, *, href: str, cell: str = "", result: str = "", claim: str = "") -> Markup:
    """A number that says where it comes from: a link to its place, which the page's script turns into its rows."""
    from markupsafe import Markup

    kind, key = next((kind, key) for kind, key in (("c", cell), ("r", result), ("v", claim)) if key)
    return Markup('<a class="n" href="#{}" data-{}="{}">{}</a>').format(href, kind, key, text)


def results(facts: Sequence[Fact], index: Sequence[DimensionIndex], verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Key of a number → what the page's script says of it."""
    found: dict[str, Any] = {}
    for fact in facts:
        found |= _of_fact(fact)
    for one in index:
        if one.change is not None:
            found[f"index:{one.dimension}"] = _entry(one, f"Index of {one.title.lower()}")
    for verdict in verdicts:
        found[f"claim:{verdict.claim_id}"] = _of_claim(verdict)
    return found


def _of_fact(fact: Fact) -> Mapping[str, Any]:
    title, reading = f"{fact.measure.title}, {fact.who}", fact.reading
    judged = reading.judged
    asked = {
        "breaks": reading.breaks,
        "dates": reading.dates,
        "effect": reading.effect,
        "judged": judged,
        "curve": judged.curve if judged else None,
    }
    found = {f"{fact.key}:{name}": _entry(result, title, panel=fact.key) for name, result in asked.items() if result}
    for name, mean in (("before", fact.before), ("after", fact.after)):
        if mean:
            found[f"{fact.key}:{name}"] = _of_mean(fact, name, mean, title)
    return found


def _entry(result: Result, title: str, *, panel: str = "") -> dict[str, Any]:
    made = result.provenance
    return {
        "title": title,
        "says": result.summary(),
        "method": made.method,
        "citation": made.citation,
        "params": [[name, _plain(value)] for name, value in made.params.items() if value not in (None, "", ())],
        "inputs": made.inputs[:16],
        "seed": made.seed,
        "checks": checks(result.checks),
        "panel": panel,
    }


def _of_mean(fact: Fact, name: str, mean: Mean, title: str) -> dict[str, Any]:
    first, last = (fact.label(cell.start, cell.end) for cell in (mean.first, mean.last))
    return {
        "title": f"{title}, mean of the window {name}",
        "says": f"{words.exact(mean.value, fact.measure.unit)} {fact.measure.unit}: the mean of "
        f"{words.counted(mean.periods, 'complete period')}, {first} to {last}.",
        "method": "arithmetic mean of the known, complete periods that lie wholly within the window",
        "citation": "",
        "params": [["Source", f"{fact.tracked.source_id}, version {fact.tracked.version}"]],
        "inputs": "",
        "seed": None,
        "checks": [],
        "panel": fact.key,
    }


def _of_claim(verdict: Verdict) -> dict[str, Any]:
    return {
        "title": f"Claim {verdict.claim_id}: {verdict.outcome}",
        "says": verdict.because,
        "method": f"claim test {verdict.test}",
        "citation": verdict.result.provenance.citation if verdict.result else "",
        "params": [[name.replace("_", " "), _plain(value)] for name, value in verdict.numbers.items()],
        "inputs": verdict.result.provenance.inputs[:16] if verdict.result else "",
        "seed": verdict.result.provenance.seed if verdict.result else None,
        "checks": checks(verdict.checks),
        "panel": "",
    }


def checks(found: Iterable[Check]) -> list[list[str]]:
    """Checks as the page lists them: name, state, detail."""
    return [[check.name, STATES[check.passed], check.detail] for check in found]


def _plain(value: Any) -> str:
    """A parameter in words."""
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(_plain(part) for part in value)
    return str(value)
