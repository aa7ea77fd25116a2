"""What `claims.yml` says, and what comes of it: a claim, and its verdict.

A claim is one falsifiable sentence in one's own words, with who asserts it and where, and the test that could refute
it; or, where no data of the study could, the data that would. A verdict is always computed, never written.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from detente.protocol import Frozen, Protocol, Window
from detente.records import Dyad
from detente.results import Check, Outcome, Result

if TYPE_CHECKING:
    import pandas as pd

Direction = Literal["", "up", "down", "either", "positive", "negative"]


class Quantity(Frozen):
    """A measure of a dyad."""

    measure: str = Field(description="A name from `detente measures`")
    sender: str = Field(default="", description="Who acts; empty: the study's sender")
    receiver: str = Field(default="", description="Towards whom; empty: the study's receiver")

    def dyad(self, protocol: Protocol) -> Dyad:
        """The dyad it is about, in the order the measure wants."""
        from detente.panel import measures
        from detente.registry import pick

        directed = pick("measure", self.measure, measures()).directed
        return Dyad(self.sender or protocol.dyad[0], self.receiver or protocol.dyad[1], directed)

    def of(self, actor: str, instead_of: str, protocol: Protocol) -> Quantity:
        """The same measure with one actor exchanged for another."""
        dyad = self.dyad(protocol)
        swapped = {side: actor if getattr(dyad, side) == instead_of else getattr(dyad, side) for side in _SIDES}
        return Quantity(measure=self.measure, **swapped)


_SIDES = ("sender", "receiver")


class AssertedBy(Frozen):
    """Who asserts a claim, and where."""

    reference: str = Field(description="A key of `references`, or the reference itself")
    section: str = ""
    line: int | None = Field(default=None, ge=1, description="Line of the document's plain text, from 1")
    cites: tuple[str, ...] = Field(default=(), description="Whom the document itself cites for it")


class Statement(Frozen):
    """One passage of a document that a claim sums up."""

    id: str
    section: str = ""
    line: int | None = Field(default=None, ge=1)
    type: str = ""
    direction: str = ""
    says: str = Field(default="", description="What it says, in other words than its own")


class Part(Frozen):
    """One test of one quantity."""

    test: str = Field(default="", description="A name from the table of claim tests; empty: not testable yet")
    quantity: Quantity | None = None
    direction: Direction = ""
    window: Window | None = Field(default=None, description="Days looked at; empty: the study's windows")
    params: dict[str, Any] = Field(default_factory=dict)


class Claim(Part):
    """A falsifiable sentence, and how to test it."""

    claim_id: str = Field(alias="id")
    statement: str = Field(min_length=1, description="The claim in one's own words")
    asserted_by: AssertedBy
    dimension: str
    parts: tuple[Part, ...] = Field(default=(), description="For the tests `all` and `any`: what they combine")
    read_as: str = Field(
        default="", description="What the test takes it to mean, where that is narrower; readers see it"
    )
    needs: str = Field(default="", description="Where nothing tests it: the data that would")
    contradicts: tuple[str, ...] = Field(default=(), description="Claims of the same ledger that it cannot hold with")
    statements: tuple[Statement, ...] = ()

    @property
    def status(self) -> Literal["tested", "untestable"]:
        """Whether the ledger names a test for it."""
        return "tested" if self.test else "untestable"

    @property
    def tests(self) -> tuple[Part, ...]:
        """The single tests it comes down to."""
        return self.parts or ((self,) if self.test else ())


class Ledger(Frozen):
    """The whole of `claims.yml`."""

    references: dict[str, str] = Field(default_factory=dict, description="Key → reference, named once")
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one test found.

    Attributes:
        because: The reason in words, with the numbers and the period; it ends with a full stop.
        rival: Which other explanation was tried, and what came of it.
        evidence: Ids of the records behind the numbers; `numbers["records"]` counts them all.
    """

    outcome: Outcome
    because: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    rival: str = ""
    evidence: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    result: Result | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the data say about a claim.

    Attributes:
        asserted_by: Who asserts it and where, in words.
        because: One or a few plain sentences: the verdict's reason with numbers, period and source.
        rival: The other explanation that was tried, and what came of it.
        conflicts: Claims of the same ledger that it cannot hold with, each with its own outcome.
        read_as: What the test takes the statement to mean, where that is narrower.
    """

    claim_id: str
    statement: str
    asserted_by: str
    dimension: str
    test: str
    outcome: Outcome
    because: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    rival: str = ""
    evidence: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    conflicts: tuple[str, ...] = ()
    result: Result | None = field(default=None, compare=False)
    read_as: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `detente claims --json` prints them."""
        return {
            "claim_id": self.claim_id,
            "statement": self.statement,
            "read_as": self.read_as,
            "asserted_by": self.asserted_by,
            "dimension": self.dimension,
            "test": self.test,
            "outcome": self.outcome,
            "because": self.because,
            "numbers": {name: _plain(value) for name, value in self.numbers.items()},
            "rival": self.rival,
            "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in self.checks],
            "conflicts": list(self.conflicts),
            "evidence": list(self.evidence),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row: claim, outcome, reason, and a column for each number."""
        import pandas as pd

        told = ("claim_id", "statement", "dimension", "test", "outcome", "because")
        return pd.DataFrame([{name: getattr(self, name) for name in told} | dict(self.numbers)])

    def _repr_html_(self) -> str:
        """How a notebook shows it: the claim, the verdict, the reason."""
        claim, because = (html.escape(text) for text in (f"{self.claim_id}: {self.statement}", self.because))
        return f"<p><b>{claim}</b></p><p>{self.outcome}: {because}</p>"


def _plain(value: Any) -> Any:
    """JSON knows no NaN: what is unknown is null."""
    return None if isinstance(value, float) and isnan(value) else value


def quantities(value: object) -> Iterator[Quantity]:
    """Every quantity within a model or a collection of models."""
    if isinstance(value, Quantity):
        yield value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from quantities(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from quantities(item)


def compared(quantity: Quantity, params: Frozen, protocol: Protocol) -> list[Quantity]:
    """What parameters compare a quantity with: those they name, and itself with other actors."""
    actors: tuple[str, ...] = getattr(params, "against", ())
    instead = getattr(params, "instead_of", "") or protocol.dyad[1]
    swapped = [quantity.of(actor, instead, protocol) for actor in actors]
    return [one for one in dict.fromkeys([*quantities(params), *swapped]) if one != quantity]
