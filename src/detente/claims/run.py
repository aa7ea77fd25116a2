"""Claims and a panel to verdicts. Pure: the same claims, panel and protocol give the same verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from detente.claims.bench import Asked, has_data
from detente.claims.claim import Claim, Finding, Part, Quantity, Verdict, compared, quantities
from detente.claims.ledger import named_test, parameters
from detente.claims.wording import listed
from detente.errors import SeriesError
from detente.panel import Panel, measures
from detente.protocol import Protocol
from detente.registry import pick
from detente.results import Check, Outcome

if TYPE_CHECKING:
    import pandas as pd


def run(claims: Sequence[Claim], panel: Panel, protocol: Protocol) -> list[Verdict]:
    """Test every claim of a ledger on a panel.

    Raises:
        UnknownName: A test that no installed package brings.
    """
    bench = _Bench(panel, protocol)
    found = {claim.claim_id: bench.finding(claim) for claim in claims}
    return [_verdict(claim, found) for claim in claims]


def summary_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row for each verdict: `claim_id`, `dimension`, `statement`, `test`, `outcome`, `because`, `conflicts`."""
    import pandas as pd

    rows = [
        {
            "claim_id": verdict.claim_id,
            "dimension": verdict.dimension,
            "statement": verdict.statement,
            "test": verdict.test,
            "outcome": verdict.outcome,
            "because": verdict.because,
            "conflicts": "; ".join(verdict.conflicts),
        }
        for verdict in verdicts
    ]
    columns = ["claim_id", "dimension", "statement", "test", "outcome", "because", "conflicts"]
    return pd.DataFrame(rows, columns=columns)


class _Bench:
    """Where claims are tested: a part that several claims share is tested once, records are looked up once."""

    def __init__(self, panel: Panel, protocol: Protocol) -> None:
        self.panel = panel
        self.protocol = protocol
        self.members: dict[Quantity, pd.DataFrame] = {}
        self.tested: dict[str, Finding] = {}

    def finding(self, claim: Claim) -> Finding:
        """What the tests of a claim found."""
        if not claim.test:
            needed = claim.needs.strip().rstrip(".")
            return Finding("untestable", f"Nothing in the study's data tests it; it would take {needed}.")
        found = [self.part(claim, part) for part in claim.tests]
        return found[0] if len(found) == 1 else _combined(claim, found)

    def part(self, claim: Claim, part: Part) -> Finding:
        """What one test found."""
        same = part.model_dump_json(include=set(Part.model_fields))
        if same not in self.tested:
            self.tested[same] = self._part(claim, part)
        return self.tested[same]

    def _part(self, claim: Claim, part: Part) -> Finding:
        asked = Asked(claim, part, parameters(part), self.panel, self.protocol, self.members)
        # A second source (`check`) that is absent takes nothing away: the test says that it had none.
        second = getattr(asked.params, "check", None)
        required = dict.fromkeys([asked.quantity, *(one for one in quantities(asked.params) if one != second)])
        if missing := [one for one in required if not has_data(self.panel, one, self.protocol)]:
            return Finding("untestable", _nothing_held(missing, self.protocol))
        against = compared(asked.quantity, asked.params, self.protocol) if getattr(asked.params, "against", ()) else []
        if against and not any(has_data(self.panel, one, self.protocol) for one in against):
            return Finding("untestable", _nothing_held(against, self.protocol))
        try:
            return named_test(part.test).run(asked)
        except SeriesError as error:
            return Finding("inconclusive", f"Inconclusive: {error}.", checks=(Check("enough data", False, error.hint),))


def _nothing_held(missing: Sequence[Quantity], protocol: Protocol) -> str:
    said = []
    for name in dict.fromkeys(one.measure for one in missing):
        measure = pick("measure", name, measures())
        whose = listed([f"{one.dyad(protocol)}" for one in missing if one.measure == name])
        said.append(
            f"The study holds no data for {measure.title}, {whose}; `detente ingest` files of {measure.source_id}."
        )
    return " ".join(said)


def _combined(claim: Claim, found: Sequence[Finding]) -> Finding:
    """Several findings as one."""
    outcome = combine(claim.test, [one.outcome for one in found])
    numbers: dict[str, Any] = {"parts": len(found)}
    for number, one in enumerate(found, start=1):
        numbers[f"part{number}_outcome"] = one.outcome
        numbers |= {f"part{number}_{name}": value for name, value in one.numbers.items()}
    checks = [
        Check(f"part {number}: {check.name}", check.passed, check.detail)
        for number, one in enumerate(found, start=1)
        for check in one.checks
    ]
    return Finding(
        outcome,
        f"{outcome.capitalize()}: {_tally(claim.test, found)}. {_numbered([one.because for one in found])}",
        numbers,
        _numbered([one.rival for one in found]),
        tuple(dict.fromkeys(record for one in found for record in one.evidence)),
        tuple(checks),
        next((one.result for one in found if one.result), None),
    )


def _numbered(sentences: Sequence[str]) -> str:
    return " ".join(f"({number}) {one}" for number, one in enumerate(sentences, start=1) if one)


def _tally(how: str, found: Sequence[Finding]) -> str:
    """What the claim asks of its parts, and how they came out."""
    many, counts = len(found), Counter(one.outcome for one in found)
    every = "both" if many == 2 else f"all {many}"
    rule = f"{every} tests must hold" if how == "all" else f"one of {many} tests suffices"
    if len(counts) == 1:
        return f"{rule}; {'both' if many == 2 else 'all'} are {found[0].outcome}"
    came = [f"{count} {'is' if count == 1 else 'are'} {outcome}" for outcome, count in counts.most_common()]
    return f"{rule}; {listed(came)}"


def combine(how: str, outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of several.

    Parts that cannot be tested say nothing. `all`: supported if every part is; contradicted if every decided part is;
    mixed if the decided parts disagree or one is mixed; otherwise inconclusive. `any`: supported if one part is and
    none is contradicted.
    """
    heard = [outcome for outcome in outcomes if outcome != "untestable"]
    if not heard:
        return "untestable"
    decided = {outcome for outcome in heard if outcome != "inconclusive"}
    if "mixed" in decided or len(decided) > 1:
        return "mixed"
    if not decided or (how == "all" and decided == {"supported"} and len(heard) < len(outcomes)):
        return "inconclusive"
    if how == "all" and "inconclusive" in heard and decided == {"supported"}:
        return "inconclusive"
    if how == "any" and "inconclusive" in heard and decided == {"contradicted"}:
        return "inconclusive"
    return decided.pop()


def _verdict(claim: Claim, found: dict[str, Finding]) -> Verdict:
    mine = found[claim.claim_id]
    return Verdict(
        claim_id=claim.claim_id,
        statement=claim.statement,
        asserted_by=_asserted(claim),
        dimension=claim.dimension,
        test=claim.test or "none",
        outcome=mine.outcome,
        because=mine.because,
        numbers=mine.numbers,
        rival=mine.rival,
        evidence=mine.evidence,
        checks=mine.checks,
        conflicts=tuple(
            f"{other} ({found[other].outcome})" if other in found else other for other in claim.contradicts
        ),
        result=mine.result,
        read_as=claim.read_as,
    )


def _asserted(claim: Claim) -> str:
    by = claim.asserted_by
    where = [by.section, f"line {by.line}" if by.line else "", f"citing {', '.join(by.cites)}" if by.cites else ""]
    return ", ".join(part for part in (by.reference, *where) if part)
