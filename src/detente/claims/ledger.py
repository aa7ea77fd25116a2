"""`claims.yml` to claims: checked against the protocol, the measures and the table of tests before anything is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from detente.claims.claim import Claim, Ledger, Part, Quantity, compared, quantities
from detente.errors import ClaimError, UnknownName, nearest
from detente.protocol import Frozen, Place, Protocol, found, meant, nearest_word, read_yaml
from detente.records import ANYONE

if TYPE_CHECKING:
    from pydantic import ValidationError

    from detente.claims.tests import ClaimTest
    from detente.panel import Line

Keys = tuple[str | int, ...]
ELSEWHERE = "other"
"""The dimension of a claim that belongs to none of the study's."""


def load(text: str, *, name: str = "claims.yml", protocol: Protocol) -> list[Claim]:
    """The claims in the text of a `claims.yml`.

    Raises:
        StudyError: Not YAML; a key that stands twice.
        ClaimError: A key that is unknown, missing or of the wrong kind; an unknown measure, test, parameter, actor,
            dimension or claim; a direction its test does not know; a claim with neither a test nor what would test it.
    """
    from pydantic import ValidationError

    content, place = read_yaml(text, name)
    try:
        ledger = Ledger.model_validate(content)
    except ValidationError as error:
        raise _located(error, place, (), Ledger) from error
    check = _Checker(place, protocol)
    check.ids(ledger)
    for number, claim in enumerate(ledger.claims):
        check.claim(claim, ("claims", number))
    return [_referenced(claim, ledger.references) for claim in ledger.claims]


def lines(claims: list[Claim], protocol: Protocol) -> list[Line]:
    """The lines a panel needs so that every claim can be tested, each once, in the order of the ledger."""
    from detente.panel import Line

    wanted = {
        (quantity.measure, quantity.dyad(protocol)): claim.dimension
        for claim in reversed(claims)
        for part in claim.tests
        for quantity in reversed(wants(part, protocol))
    }
    return [Line(measure, dyad, dimension) for (measure, dyad), dimension in reversed(wanted.items())]


def wants(part: Part, protocol: Protocol) -> list[Quantity]:
    """The quantities a part is about: its own first, then those it is compared with."""
    if part.quantity is None:
        return []
    return [part.quantity, *compared(part.quantity, parameters(part), protocol)]


COMBINED = {"all", "any"}


def parameters(part: Part) -> Frozen:
    """The parameters of a part, checked and completed by its test's defaults."""
    return named_test(part.test).params.model_validate(part.params)


def named_test(name: str) -> ClaimTest:
    """The claim test of that name."""
    from detente.claims.tests import tests
    from detente.registry import pick

    return pick("claim test", name, tests())


def _referenced(claim: Claim, references: dict[str, str]) -> Claim:
    named = claim.asserted_by.reference
    asserted = claim.asserted_by.model_copy(update={"reference": references.get(named, named)})
    return claim.model_copy(update={"asserted_by": asserted})


class _Checker:
    """What can be wrong with a claim beyond the shape of the file."""

    def __init__(self, place: Place, protocol: Protocol) -> None:
        self.place = place
        self.protocol = protocol

    def error(self, keys: Keys, problem: str, hint: str) -> ClaimError:
        return ClaimError(str(self.place.error(keys, problem)), hint=hint)

    def ids(self, ledger: Ledger) -> None:
        seen: dict[str, Keys] = {}
        statements: set[str] = set()
        for number, claim in enumerate(ledger.claims):
            if claim.claim_id in seen:
                raise self.error(
                    ("claims", number, "id"), f"{claim.claim_id} stands twice", "give each claim its own id"
                )
            seen[claim.claim_id] = ("claims", number)
            for row, statement in enumerate(claim.statements):
                if statement.id in statements:
                    keys = ("claims", number, "statements", row, "id")
                    raise self.error(keys, f"{statement.id} stands twice", "a statement hangs below one claim")
                statements.add(statement.id)
        for number, claim in enumerate(ledger.claims):
            for row, other in enumerate(claim.contradicts):
                if other not in seen:
                    raise self.error(("claims", number, "contradicts", row), f"no claim {other!r}", _near(other, seen))

    def claim(self, claim: Claim, keys: Keys) -> None:
        dimensions = {*self.protocol.dimensions, ELSEWHERE}
        if claim.dimension not in dimensions:
            hint = _near(claim.dimension, dimensions)
            raise self.error((*keys, "dimension"), f"the study has no dimension {claim.dimension!r}", hint)
        if claim.test and claim.needs:
            raise self.error((*keys, "needs"), "a claim with a test needs nothing more", "leave out `needs` or `test`")
        if not claim.test:
            self._untestable(claim, keys)
        elif claim.test in COMBINED:
            self._combined(claim, keys)
        elif claim.parts:
            raise self.error((*keys, "parts"), f"{claim.test} has no parts", "use `test: all` or `test: any`")
        else:
            self.part(claim, keys)

    def _untestable(self, claim: Claim, keys: Keys) -> None:
        if not claim.needs:
            hint = "name a `test`, or say under `needs` what data would test it"
            raise self.error(keys, f"{claim.claim_id} has neither a test nor what would test it", hint)
        if claim.parts or claim.params or claim.quantity:
            raise self.error(keys, f"{claim.claim_id} has parameters but no test", "name a `test`")

    def _combined(self, claim: Claim, keys: Keys) -> None:
        if len(claim.parts) < 2 or claim.quantity or claim.params:
            hint = "move `quantity` and `params` into two or more `parts`"
            raise self.error((*keys, "test"), f"`{claim.test}` combines parts and nothing else", hint)
        for number, part in enumerate(claim.parts):
            self.part(part, (*keys, "parts", number))

    def part(self, part: Part, keys: Keys) -> None:
        from pydantic import ValidationError

        try:
            test = named_test(part.test)
        except UnknownName as unknown:
            raise self.error((*keys, "test"), str(unknown), unknown.hint) from unknown
        if part.direction not in test.directions:
            known = ", ".join(word or "none" for word in test.directions)
            raise self.error(
                (*keys, "direction"), f"{part.test} does not know the direction {part.direction!r}", f"one of: {known}"
            )
        if part.quantity is None:
            raise self.error((*keys, "quantity"), f"{part.test} needs a quantity", "add `quantity: {measure: …}`")
        try:
            params = parameters(part)
        except ValidationError as error:
            raise _located(error, self.place, (*keys, "params"), test.params) from error
        for quantity in (part.quantity, *quantities(params)):
            self.quantity(quantity, keys)
        self.actors(getattr(params, "against", ()), (*keys, "params", "against"))

    def quantity(self, quantity: Quantity, keys: Keys) -> None:
        from detente.panel import measures

        known = measures()
        if quantity.measure not in known:
            problem = f"no measure named {quantity.measure!r}"
            raise self.error((*keys, "quantity", "measure"), problem, _near(quantity.measure, known))
        self.actors((quantity.sender, quantity.receiver), (*keys, "quantity"))

    def actors(self, actors: tuple[str, ...], keys: Keys) -> None:
        from detente.actors import registry

        known = {ANYONE, "", *self.protocol.actors}
        builtin = registry()
        for actor in actors:
            if actor not in known and actor not in builtin:
                raise self.error(keys, f"no actor {actor!r}", meant(actor, builtin))


def _near(word: str, known: Any) -> str:
    close = nearest(word, known)
    return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(sorted(known)[:12])}"


def _located(error: ValidationError, place: Place, keys: Keys, model: type[Frozen]) -> ClaimError:
    # A misspelt key is reported as such, not as the key it was meant to be.
    problem = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    path = tuple(part for part in problem["loc"] if isinstance(part, (str, int)))
    words = found(problem)
    hint = "see the table of methods in the reference, and the how-to on writing a claim"
    if problem["type"] == "literal_error":
        hint = nearest_word(problem)
    if problem["type"] == "extra_forbidden":
        hint = _near(str(path[-1]), list(_fields(model, path[:-1])))
    return ClaimError(str(place.error((*keys, *path), words)), hint=hint)


def _fields(model: type[Frozen], path: Keys) -> Iterator[str]:
    """The keys that are known at a path below a model."""
    from detente.claims.claim import AssertedBy, Statement
    from detente.protocol import Window

    inner: dict[str, type[Frozen]] = {
        "claims": Claim, "parts": Part, "quantity": Quantity, "asserted_by": AssertedBy, "statements": Statement,
        "window": Window,
    }  # fmt: skip
    words = [str(part) for part in path if part in inner]
    chosen = inner[words[-1]] if words else model
    for name, field in chosen.model_fields.items():
        yield field.alias or name
