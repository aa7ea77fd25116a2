"""The text of a `study.yml` to a protocol, or to an error that names line, key and the nearest word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from detente.errors import StudyError, nearest
from detente.protocol.models import Dimension, Frozen, Moment, OwnActor, Pin, Protocol, Shock, Tracked, Window, Windows
from detente.protocol.place import Place, read_yaml

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from detente.actors import Registry


def parse(text: str, *, name: str = "study.yml", registry: Registry | None = None) -> Protocol:
    """The protocol in the text of a `study.yml`.

    Args:
        registry: Where actor ids are looked up; the built-in one by default.

    Raises:
        StudyError: Not YAML; a key that is unknown, missing or of the wrong kind; an unknown actor; dates out of order.
    """
    from pydantic import ValidationError

    content, place = read_yaml(text, name)
    try:
        protocol = Protocol.model_validate(content)
    except ValidationError as error:
        raise _located(error, place) from error
    protocol._place = place
    _check_dimensions(protocol, place)
    _check_actors(protocol, place, registry)
    return protocol


def actors_of(protocol: Protocol, registry: Registry) -> Registry:
    """The registry with the actors and aliases that the study adds."""
    from detente.records import Actor

    own = [Actor(key, actor.name, actor.kind, actor.start, actor.end) for key, actor in protocol.actors.items()]
    return registry.extended(actors=own, aliases=dict(protocol.aliases))


def schema() -> dict[str, Any]:
    """The JSON Schema of `study.yml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Protocol.model_json_schema(by_alias=True)}


def _check_dimensions(protocol: Protocol, place: Place) -> None:
    for name, dimension in protocol.dimensions.items():
        if not re.fullmatch(r"\w[\w-]*", name):
            hint = "letters, digits and _ alone: files are named after it; `title` is what the report shows"
            raise place.error(("dimensions", name), "no name for a dimension", hint=hint)
        seen = set()
        for number, tracked in enumerate(dimension.measures):
            line = (tracked.measure, protocol.of(tracked))
            if line in seen:
                hint = "`weight: 2` counts a measure twice"
                keys = ("dimensions", name, "measures", number)
                raise place.error(keys, f"{tracked.measure} stands twice for the same two actors", hint=hint)
            seen.add(line)


def _check_actors(protocol: Protocol, place: Place, registry: Registry | None) -> None:
    from detente.actors import registry as builtin

    known = registry or builtin()
    for own in protocol.actors:
        if own in known:
            raise place.error(("actors", own), f"{own} is {known[own].name} already", hint="choose another id")
    for keys, actor in _named_actors(protocol):
        if actor and actor not in known and actor not in protocol.actors:
            raise place.error(keys, f"no actor {actor!r}", hint=meant(actor, known))
    if protocol.dyad[0] == protocol.dyad[1]:
        raise place.error(("dyad",), f"both are {protocol.dyad[0]}", hint="name two different actors")


def meant(label: str, known: Registry) -> str:
    """A hint: the actor ids that an unknown one may stand for."""
    from detente.errors import UnknownLabel

    if label.upper() in known:
        return f"did you mean {label.upper()}?"
    try:
        guesses = [known.resolve(label).actor_id]
    except UnknownLabel:
        guesses = nearest(label, [one.actor_id for one in known if one.kind != "aggregate"])
    return f"did you mean {' or '.join(guesses)}?" if guesses else "use an actor id such as PAK"


def _named_actors(protocol: Protocol) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for number, actor in enumerate(protocol.dyad):
        yield ("dyad", number), actor
    for key in ("third_parties", "armed_groups", "donors"):
        for number, actor in enumerate(getattr(protocol, key)):
            yield (key, number), actor
    for name, dimension in protocol.dimensions.items():
        for number, tracked in enumerate(dimension.measures):
            for side in ("sender", "receiver"):
                yield ("dimensions", name, "measures", number, side), getattr(tracked, side)
    for label, actor in protocol.aliases.items():
        yield ("aliases", label), actor


WORDS = {
    "missing": "this key is missing",
    "extra_forbidden": "no such key",
    "model_type": "keys with values are needed (`key: value`)",
    "dict_type": "keys with values are needed (`key: value`)",
    "tuple_type": "a list is needed, such as [A, B]",
    "string_type": "text is needed; put it in quotes",
    "bool_parsing": "true or false is needed",
    "bool_type": "true or false is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "too_short": "at least one is needed",
    "too_long": "too many values",
    "date_from_datetime_parsing": "this is no date",
    "date_from_datetime_inexact": "a day is needed, without a time",
}
"""What the checker says, in the words of somebody who writes YAML."""


def found(problem: ErrorDetails) -> str:
    """What is wrong with a value, and what was found in its place."""
    words = WORDS.get(
        problem["type"], problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
    )
    if problem["type"] == "missing":
        return "a value is missing" if isinstance(problem["loc"][-1], int) else words
    if problem["type"] in ("extra_forbidden", "value_error"):
        return words
    return f"{words}, found {_shown(problem['input'])}"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "keys with values" if value else "no keys"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else repr(value)


def _located(error: ValidationError, place: Place) -> StudyError:
    # A misspelt key is reported as such, not as the key it was meant to be.
    problem = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    keys = [part for part in problem["loc"] if isinstance(part, (str, int))]
    return place.error(keys, found(problem), hint=_hint(problem, keys))


def _hint(problem: ErrorDetails, keys: list[str | int]) -> str:
    known = _fields(keys[:-1])
    if problem["type"] == "extra_forbidden" and keys:
        close = nearest(str(keys[-1]), known)
        return f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}"
    if problem["type"] == "missing" and keys and keys[-1] in known:
        return f"add `{keys[-1]}:`; known here: {', '.join(known)}"
    if problem["type"] == "literal_error":
        return nearest_word(problem)
    if "date" in problem["type"] or problem["type"] == "value_error":
        return "write dates as 2021-08-15, the earlier one first"
    return "see `detente schema` or the reference of study.yml"


def nearest_word(problem: ErrorDetails) -> str:
    """A hint: the allowed word nearest to a wrong one, and all that are allowed."""
    words = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
    close = nearest(str(problem["input"]), filter(None, words), most=1)
    guess = f"did you mean {close[0]}? " if close else ""
    return f"{guess}one of {problem['ctx']['expected']}"


def _fields(path: list[str | int]) -> list[str]:
    """The keys that are known at a path of the file."""
    inner: dict[str, type[Frozen]] = {
        "turning_point": Moment, "rivals": Moment, "shocks": Shock, "windows": Windows, "pre": Window, "post": Window,
        "around": Window,
        "dimensions": Dimension, "measures": Tracked, "sources": Pin, "actors": OwnActor,
    }  # fmt: skip
    words = [part for part in path if part in inner]
    model = inner[str(words[-1])] if words else Protocol
    return [field.alias or name for name, field in model.model_fields.items()]
