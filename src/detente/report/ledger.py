"""Verdicts to the rows of the claims table, and the evidence each leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from detente.report import words
from detente.report.evidence import checks, num
from detente.report.readings import spelled
from detente.report.short import SIGNS

if TYPE_CHECKING:
    from markupsafe import Markup

    from detente.claims import Verdict
    from detente.report.findings import Findings


@dataclass(frozen=True, slots=True)
class Row:
    """A claim and its verdict."""

    claim_id: str
    place: str
    statement: str
    read_as: str
    asserted_by: str
    dimension: str
    dimension_title: str
    outcome: str
    sign: str
    because: str
    parts: tuple[str, ...]
    rivals: tuple[tuple[str, str], ...]
    test: str
    evidence: Markup | str
    details: Markup | str
    conflicts: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str, str], ...]


def common_source(verdicts: Sequence[Verdict]) -> str:
    """What all claims' sources begin with, as when all stand in one paper; empty where they differ."""
    if len(verdicts) < 2:
        return ""
    split = [verdict.asserted_by.split(", ") for verdict in verdicts]
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*split, strict=False))
    return ", ".join(words[0] for words in shared)


def rows(findings: Findings) -> tuple[Row, ...]:
    """The claims in the order of the ledger."""
    shared = common_source(findings.verdicts)
    titles = {name: dimension.title for name, dimension in findings.protocol.dimensions.items()}
    known = {verdict.claim_id for verdict in findings.verdicts}
    spell = spelled(findings.protocol)
    return tuple(_row(_readable(verdict, spell), titles, known, shared) for verdict in findings.verdicts)


def _readable(verdict: Verdict, spell: Callable[[str], str]) -> Verdict:
    """The verdict with names in place of codes."""
    doubts = tuple(replace(check, detail=spell(check.detail)) for check in verdict.checks)
    return replace(verdict, because=spell(verdict.because), rival=spell(verdict.rival), checks=doubts)


def _row(verdict: Verdict, titles: Mapping[str, str], known: set[str], shared: str) -> Row:
    count, (because, parts) = evidence_count(verdict), _split(verdict.because)
    place = anchor(verdict.claim_id)
    return Row(
        claim_id=verdict.claim_id,
        place=place,
        statement=verdict.statement,
        read_as=verdict.read_as,
        asserted_by=verdict.asserted_by.removeprefix(shared).strip(", "),
        dimension=verdict.dimension,
        dimension_title=titles.get(verdict.dimension, verdict.dimension.replace("_", " ")),
        outcome=verdict.outcome,
        sign=SIGNS[verdict.outcome],
        because=_deciding(verdict.outcome, parts)
        + (_tallied(because, parts, verdict.outcome) or f"{words.counted(len(parts), 'test')} bear on it."),
        parts=parts,
        rivals=_numbered(verdict.rival),
        test=verdict.test,
        evidence=num(words.counted(count, "record"), href=place, claim=verdict.claim_id) if count else "",
        details=num("test and numbers", href=place, result=f"claim:{verdict.claim_id}") if verdict.numbers else "",
        conflicts=tuple(
            (text, anchor(name) if (name := text.split(" ", 1)[0]) in known else "") for text in verdict.conflicts
        ),
        checks=tuple((name, state, detail) for name, state, detail in checks(verdict.checks) if state == "failed"),
    )


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """What stands before numbered parts, and the parts; a text without at least two parts stays whole."""
    head, *parts = re.split(r"(?:^|(?<= ))\(\d+\) (?=[^a-z])", text)
    return (head.strip(), tuple(part.strip() for part in parts)) if len(parts) > 1 else (text, ())


def _numbered(text: str) -> tuple[tuple[str, str], ...]:
    """Each part of a text with the number of the test it belongs to; one part without a number stays whole."""
    found = re.split(r"(?:^|(?<= ))\((\d+)\) (?=[^a-z])", text)
    if len(found) == 1:
        return (("", text),) if text else ()
    return tuple((number, part.strip()) for number, part in zip(found[1::2], found[2::2], strict=True))


def _tallied(head: str, parts: Sequence[str], outcome: str) -> str:
    """How the parts came out, without saying the outcome twice."""
    said = head.removeprefix(f"{outcome.capitalize()}: ") if parts else head
    return said[:1].upper() + said[1:]


def _deciding(outcome: str, parts: Sequence[str]) -> str:
    """The sentence of the part that decided, or the first where none did alone; empty where there is one test."""
    alike = [part for part in parts if part.lower().startswith(outcome)]
    return f"{(alike or list(parts))[0]} " if parts else ""


def anchor(claim_id: str) -> str:
    """Where a claim stands in the page."""
    return "c-" + "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in claim_id)


def evidence_count(verdict: Verdict) -> int:
    """How many records stand behind a verdict; the verdict itself may carry only some of their ids."""
    told = verdict.numbers.get("records")
    return max(len(verdict.evidence), int(told) if isinstance(told, (int, float)) else 0)


def evidence(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, Sequence[str]]]:
    """Claim id → how many records stand behind its verdict, and their ids."""
    return {one.claim_id: (evidence_count(one), one.evidence) for one in verdicts if evidence_count(one)}
