"""A protocol to a `claims.yml` that runs: a few claims that make sense for any dyad."""

from __future__ import annotations

import json

from detente.protocol import Protocol, Tracked

HEAD = """\
# What is claimed about the relationship, and the test that could refute each claim. The data decide: nothing here is a
# verdict. `detente claims` runs the tests; the reference of claims.yml lists the tests and their parameters.
references:
  own: The author of this study

claims:
"""


def template(protocol: Protocol) -> str:
    """The text of a first `claims.yml` for a study, built from the measures its dimensions track."""
    tracked = [(name, one) for name, dimension in protocol.dimensions.items() for one in dimension.measures]
    chosen = list(dict.fromkeys((name, _key(protocol, one)) for name, one in tracked if one.closer != "none"))[:3]
    claims = [_changed(number, name, key, protocol) for number, (name, key) in enumerate(chosen, start=1)]
    claims += [_earlier(len(claims) + 1, *chosen[0], protocol)] if chosen else []
    return HEAD + "\n".join([*claims, _untested(len(claims) + 1)])


def _key(protocol: Protocol, tracked: Tracked) -> tuple[str, str, str]:
    dyad = protocol.of(tracked)
    return tracked.measure, dyad.sender, dyad.receiver


def _named(key: tuple[str, str, str]) -> str:
    """Title of a measure and the names of its two sides."""
    from detente.actors import registry
    from detente.panel import measures
    from detente.registry import pick

    known = registry()
    sides = [known[actor].name if actor in known else actor for actor in key[1:]]
    return f"{pick('measure', key[0], measures()).title}, {' → '.join(sides)}"


def _changed(number: int, dimension: str, key: tuple[str, str, str], protocol: Protocol) -> str:
    measure, sender, receiver = key
    point = protocol.turning_point
    statement = json.dumps(f"{_named(key)}: lower after than before ({point.name})")
    return f"""\
  - id: T{number}
    statement: {statement}
    asserted_by: {{reference: own}}
    dimension: {dimension}
    quantity: {{measure: {measure}, sender: {sender}, receiver: {receiver}}}
    direction: down            # or up; either
    test: level_change         # average after the date against before, autocorrelation and rival dates considered
    params: {{}}                 # {{at: {point.date}, scale: log, least_after: 3}}
"""


def _earlier(number: int, dimension: str, key: tuple[str, str, str], protocol: Protocol) -> str:
    measure, sender, receiver = key
    statement = json.dumps(f"{_named(key)}: changed before the claimed date ({protocol.turning_point.name})")
    return f"""\
  - id: T{number}
    statement: {statement}
    asserted_by: {{reference: own}}
    dimension: {dimension}
    quantity: {{measure: {measure}, sender: {sender}, receiver: {receiver}}}
    direction: either
    test: change_timing        # when did the level change: before, at, or after the date?
    params: {{when: before}}
"""


def _untested(number: int) -> str:
    return f"""\
  - id: T{number}
    statement: Trust between the two governments has fallen
    asserted_by: {{reference: own}}
    dimension: other
    needs: statements of both governments, coded by people for trust and distrust   # no test: say what would test it
"""
