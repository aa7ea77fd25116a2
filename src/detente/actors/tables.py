"""The tables of this folder to entries: which label of which scheme names which actor, from when to when.

`states.csv` holds present and past states and territories with their present codes, `spells.csv` the membership of the
two state systems with the code held at the time, `groups.csv` armed groups and organisations, `aggregates.csv` sets of
states that sources list beside states, `aliases.csv` further labels, `successors.csv` who followed whom.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from detente.records import Actor, ActorKind

SCHEMES = (
    "name",
    "iso3",
    "iso2",
    "ison",
    "cow",
    "cowabb",
    "gw",
    "gwabb",
    "fips",
    "cameo",
    "unhcr",
    "imf",
    "wb",
    "ucdp",
    "historian",
)
"""The ways to name an actor: names, codes, the actor names and numbers of UCDP, the country ids of the US Office of the
Historian."""

COUNTED_TWICE = "GFR"
"""The id that stands for West Germany beside DEU in the universe of 1990; no label means it."""

_STATE_CODES = ("iso3", "iso2", "ison", "fips", "cameo", "unhcr", "imf", "wb")


class Entry(NamedTuple):
    """A label of an actor.

    Attributes:
        start: First day on which the label means the actor; None: all its life.
        until: Last such day.
        undated: Whether the label means this actor where no date is asked for and others have borne the label too.
    """

    scheme: str
    label: str
    actor_id: str
    start: date | None = None
    until: date | None = None
    undated: bool = False

    def covers(self, on: date) -> bool:
        """Whether the label means the actor on a day."""
        return (self.start or date.min) <= on <= (self.until or date.max)


class Spell(NamedTuple):
    """A span in which a state belongs to a state system, under one code."""

    system: str
    code: str
    letters: str
    actor_id: str
    start: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Tables:
    """The content of this folder's tables."""

    actors: tuple[Actor, ...]
    entries: tuple[Entry, ...]
    codes: dict[tuple[str, str], str]
    spells: tuple[Spell, ...]
    territories: frozenset[str]
    successors: tuple[tuple[str, str], ...]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one table of this folder."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def load() -> Tables:
    """All tables, read once."""
    states = rows("states.csv")
    spells = tuple(_spells())
    actors = [*_actors(states, "state"), *_actors(rows("groups.csv")), *_actors(rows("aggregates.csv"), "aggregate")]
    entries = [
        *(Entry("name", actor.name, actor.actor_id, undated=True) for actor in actors),
        *_code_entries(states),
        *_system_entries(spells),
        *(aliases := tuple(_aliases())),
    ]
    codes = {(alias.actor_id, alias.scheme): alias.label for alias in aliases if alias.scheme in _STATE_CODES}
    codes |= {(row["actor_id"], scheme): row[scheme] for row in states for scheme in _STATE_CODES if row[scheme]}
    for spell, scheme, code in _system_codes(sorted(spells, key=lambda spell: spell.until or date.max)):
        codes[spell.actor_id, scheme] = code
    return Tables(
        actors=tuple(actors),
        entries=tuple(entries),
        codes=codes,
        spells=spells,
        territories=frozenset(row["actor_id"] for row in states if row["territory"]),
        successors=tuple((row["predecessor"], row["successor"]) for row in rows("successors.csv")),
    )


def _actors(table: list[dict[str, str]], kind: ActorKind | None = None) -> Iterator[Actor]:
    for row in table:
        start = _day(row.get("valid_from", "")) or date(1816, 1, 1)
        yield Actor(row["actor_id"], row["name"], kind or _kind(row["kind"]), start, _day(row.get("valid_to", "")))


def _kind(word: str) -> ActorKind:
    return "armed group" if word == "armed group" else "organisation"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _spells() -> Iterator[Spell]:
    for row in rows("spells.csv"):
        start = date.fromisoformat(row["from"])
        yield Spell(row["system"], row["code"], row["letters"], row["actor_id"], start, _day(row["to"]))


def _code_entries(states: list[dict[str, str]]) -> Iterator[Entry]:
    for row in states:
        for scheme in _STATE_CODES:
            if row[scheme]:
                yield Entry(scheme, row[scheme], row["actor_id"])


def _system_codes(spells: Iterable[Spell]) -> Iterator[tuple[Spell, str, str]]:
    for spell in spells:
        yield spell, spell.system, spell.code
        yield spell, f"{spell.system}abb", spell.letters


def _system_entries(spells: Iterable[Spell]) -> Iterator[Entry]:
    for spell, scheme, code in _system_codes(spells):
        if spell.actor_id != COUNTED_TWICE:
            yield Entry(scheme, code, spell.actor_id, spell.start, spell.until)


def _aliases() -> Iterator[Entry]:
    for row in rows("aliases.csv"):
        start, until = _day(row["from"]), _day(row["to"])
        yield Entry(row["scheme"], row["label"], row["actor_id"], start, until, undated=bool(row["undated"]))
