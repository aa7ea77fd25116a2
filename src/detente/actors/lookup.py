"""A label to the one actor it means, or to the reason why it means none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from detente.actors.labels import key_of
from detente.actors.tables import SCHEMES, Entry, load
from detente.errors import StudyError, UnknownLabel, nearest, unknown_name
from detente.records import Actor

_WITH_NAMES = ("ucdp", "historian")
"""Schemes in which a label that is not their own is an ordinary name."""
_SHORTEST_NEAR = 4
"""Abbreviations are near to every word that contains them."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who the labels of a file are.

    Attributes:
        actors: label → actor id.
        aggregates: Labels of sets of states, and the rows that carry them.
        unknown: Labels that no actor answers to on the day asked for, and the rows that carry them.
        explain: What to say about an unknown label: who bore it when, or what is near.
    """

    actors: dict[str, str]
    aggregates: dict[str, int]
    unknown: dict[str, int]
    explain: Callable[[str], str] = field(default=str, repr=False, compare=False)

    def stop(self, where: str) -> None:
        """Refuse to go on while labels are unknown.

        Raises:
            UnknownLabel: Lists them with their counts, the most frequent first; the hint names what is near.
        """
        if not self.unknown:
            return
        ordered = sorted(self.unknown.items(), key=lambda item: (-item[1], item[0]))
        listed = ", ".join(f"{label!r} ({count:,})" for label, count in ordered[:12])
        more = f" and {len(ordered) - 12} more" if len(ordered) > 12 else ""
        noun = "label" if len(ordered) == 1 else "labels"
        raise UnknownLabel(
            f"{where}: {len(ordered)} {noun} of no known actor: {listed}{more}",
            hint="; ".join(f"{label!r}: {self.explain(label)}" for label, _ in ordered[:6]),
            labels=dict(ordered),
        )


class Registry:
    """States, territories, armed groups and organisations, and every label that means one of them.

    A registry never changes: `extended` gives a new one.
    """

    def __init__(
        self,
        actors: Iterable[Actor],
        entries: Iterable[Entry],
        *,
        codes: Mapping[tuple[str, str], str] | None = None,
        successors: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._actors = {actor.actor_id: actor for actor in actors}
        self._codes = dict(codes or {})
        self._successors = tuple(successors)
        self._index: dict[tuple[str, str], list[Entry]] = {}
        for entry in entries:
            self._index.setdefault((entry.scheme, key_of(entry.label, entry.scheme)), []).append(entry)

    def __getitem__(self, actor_id: str) -> Actor:
        try:
            return self._actors[actor_id]
        except KeyError:
            raise unknown_name("actor", actor_id, self._actors) from None

    def __contains__(self, actor_id: object) -> bool:
        return actor_id in self._actors

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._actors.values())

    def __len__(self) -> int:
        return len(self._actors)

    def extended(self, *, actors: Iterable[Actor] = (), aliases: Mapping[str, str] | None = None) -> Registry:
        """A registry that also knows a study's own actors and names.

        Args:
            actors: Further actors; their names are labels.
            aliases: label → actor id.

        Raises:
            StudyError: An id or a label is taken already by another actor.
            UnknownName: An alias of an actor that does not exist.
        """
        own = tuple(actors)
        if taken := [actor.actor_id for actor in own if actor.actor_id in self._actors]:
            raise StudyError(f"actors known already: {', '.join(taken)}", hint="leave them out, or give them other ids")
        labels = [(actor.name, actor.actor_id) for actor in own] + list((aliases or {}).items())
        extended = Registry(
            [*self, *own],
            [*self._entries(), *(Entry("name", label, actor_id) for label, actor_id in labels)],
            codes=self._codes,
            successors=self._successors,
        )
        for label, actor_id in labels:
            extended._check_new(label, extended[actor_id].actor_id)
        return extended

    def _check_new(self, label: str, actor_id: str) -> None:
        others = sorted({entry.actor_id for entry in self._found(label, "name")} - {actor_id})
        if others:
            raise StudyError(
                f"the label {label!r} cannot mean {actor_id}: it means {' and '.join(others)} already",
                hint="choose a label that means one actor only",
            )

    def code(self, actor_id: str, scheme: str, *, on: date | None = None) -> str | None:
        """What an actor is called in a scheme; None where the scheme does not have it.

        Args:
            on: The day, for schemes whose code changed (Germany in Correlates of War); None: the present or last code.
        """
        actor = self[actor_id]
        self._check_scheme(scheme)
        if scheme == "name":
            return actor.name
        if on is None:
            return self._codes.get((actor_id, scheme))
        found = (entry.label for entry in self._entries() if entry.scheme == scheme and entry.actor_id == actor_id)
        return next((code for code in found if self._meant(code, scheme, on) == [actor]), None)

    def resolve(self, label: str, *, scheme: str = "name", on: date | None = None) -> Actor:
        """The actor that a label means. Nothing is guessed: near names appear in the message only.

        Args:
            scheme: `name`, or a code: one of `SCHEMES`.
            on: The day on which the label is used; None: whenever, if only one actor ever bore it or the label is its
                present name.

        Raises:
            UnknownLabel: No actor has the label, none has it on that day, or several have.
        """
        self._check_scheme(scheme)
        actors = self._meant(label, scheme, on)
        if len(actors) == 1:
            return actors[0]
        day = f" on {on.isoformat()}" if on else ""
        problem = f"no actor has the {scheme} {label!r}{day}"
        if actors:
            problem = f"the {scheme} {label!r} means several actors{day}: {' and '.join(a.actor_id for a in actors)}"
        raise UnknownLabel(problem, hint=self._hint(label, scheme), labels={label: 1})

    def resolve_all(self, counts: Mapping[str, int], *, scheme: str = "name", on: date | None = None) -> Resolution:
        """The actors of many labels at once; unknown ones are collected, not raised.

        Args:
            counts: label → number of rows that carry it.
        """
        self._check_scheme(scheme)
        resolution = Resolution({}, {}, {}, lambda label: self._hint(label, scheme))
        for label, rows in counts.items():
            actors = self._meant(label, scheme, on)
            if len(actors) != 1:
                resolution.unknown[label] = rows
            elif actors[0].kind == "aggregate":
                resolution.aggregates[label] = rows
            else:
                resolution.actors[label] = actors[0].actor_id
        return resolution

    def successors(self, actor_id: str) -> tuple[str, ...]:
        """Who took over from an actor when it ended or split, or left it to stand alone."""
        return tuple(after for before, after in self._successors if before == self[actor_id].actor_id)

    def predecessors(self, actor_id: str) -> tuple[str, ...]:
        """Whom an actor took over from, or left to stand alone."""
        return tuple(before for before, after in self._successors if after == self[actor_id].actor_id)

    def _meant(self, label: str, scheme: str, on: date | None) -> list[Actor]:
        found = self._found(label, scheme)
        return self._on(found, on) if on else self._undated(found)

    def _entries(self) -> Iterator[Entry]:
        for entries in self._index.values():
            yield from entries

    def _found(self, label: str, scheme: str) -> list[Entry]:
        key = key_of(label, scheme)
        found = self._index.get((scheme, key), [])
        return found or self._index.get(("name", key), []) if scheme in _WITH_NAMES else found

    def _on(self, entries: Iterable[Entry], on: date) -> list[Actor]:
        ids = dict.fromkeys(entry.actor_id for entry in entries if entry.covers(on))
        return [self[actor_id] for actor_id in ids if self[actor_id].exists(on)]

    def _undated(self, entries: Iterable[Entry]) -> list[Actor]:
        every = {entry.actor_id: entry.undated for entry in sorted(entries, key=lambda entry: entry.undated)}
        chosen = [actor_id for actor_id, undated in every.items() if undated] or list(every)
        return [self[actor_id] for actor_id in chosen]

    def _hint(self, label: str, scheme: str) -> str:
        if found := self._found(label, scheme):
            return "; ".join(dict.fromkeys(self._life(entry) for entry in found))
        if scheme != "name":
            return f"is the scheme right? {label!r} is not a code of {scheme}"
        labels = {e.label: e.actor_id for e in self._entries() if e.scheme == "name" and len(e.label) >= _SHORTEST_NEAR}
        close: dict[str, str] = {}
        for near in nearest(label, labels, most=8):
            close.setdefault(labels[near], near)
        named = [f"{near} ({actor_id})" for actor_id, near in close.items()][:3]
        return f"near: {', '.join(named)}; if it is one of them, add an alias" if named else "nothing is near"

    def _life(self, entry: Entry) -> str:
        actor = self[entry.actor_id]
        start = max(entry.start or date.min, actor.valid_from)
        until = min(entry.until or date.max, actor.valid_to or date.max)
        return f"{actor.actor_id} from {start.isoformat()} to {'today' if until == date.max else until.isoformat()}"

    def _check_scheme(self, scheme: str) -> None:
        if scheme not in SCHEMES:
            raise unknown_name("scheme", scheme, SCHEMES)


@cache
def registry() -> Registry:
    """The built-in registry."""
    tables = load()
    return Registry(tables.actors, tables.entries, codes=tables.codes, successors=tables.successors)
