"""A state system and a span of years to its dyads, year by year.

A state belongs to a year when it was a member on at least one day of it; two states form a dyad when they were members
on the same day (in 1860 China entered after Tuscany had gone). The lists run to the present: who was a member when the
published list ends (Correlates of War: 2016; Gleditsch and Ward: 2017) is one still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Literal

from detente.actors.tables import Spell, load
from detente.errors import StudyError, unknown_name

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

System = Literal["cow", "gw"]
FIRST_YEAR = 1816


@dataclass(frozen=True, slots=True)
class _Member:
    """A member in one year: its first and last day in the system within it, counted from 1 January."""

    actor_id: str
    first_day: int
    last_day: int


def members(year: int, *, system: System = "cow") -> tuple[str, ...]:
    """The actors that belong to a state system in a year, in order of their ids.

    Where a code passed from one state to its heir within the year (Yugoslavia, 2006), the heir stands for it.
    """
    return tuple(member.actor_id for member in _members(year, _spells(system)))


def dyads(first: int, last: int, *, system: System = "cow", directed: bool = True) -> pd.DataFrame:
    """Every pair of members of a state system, once a year in which both belong to it on the same day.

    Args:
        first: First year, 1816 at the earliest.
        last: Last year, included.
        system: `cow` (Correlates of War) or `gw` (Gleditsch and Ward, with microstates).
        directed: Whether each pair appears in both orders; undirected, the smaller id is the sender.

    Returns:
        Columns `sender`, `receiver` (categories of actor ids) and `year`, sorted by year, sender, receiver.

    Raises:
        StudyError: The span is empty or begins before 1816.
    """
    import numpy as np
    import pandas as pd

    if not FIRST_YEAR <= first <= last:
        raise StudyError(f"no dyads from {first} to {last}", hint=f"years run upwards from {FIRST_YEAR}")
    yearly = [_members(year, _spells(system)) for year in range(first, last + 1)]
    ids = pd.Index(sorted({member.actor_id for present in yearly for member in present}))
    place = {actor_id: number for number, actor_id in enumerate(ids)}
    pairs = [_pairs(present, place, directed) for present in yearly]
    return pd.DataFrame(
        {
            "sender": pd.Categorical.from_codes(np.concatenate([sender for sender, _ in pairs]), categories=ids),
            "receiver": pd.Categorical.from_codes(np.concatenate([receiver for _, receiver in pairs]), categories=ids),
            "year": np.repeat(np.arange(first, last + 1, dtype=np.int16), [len(sender) for sender, _ in pairs]),
        }
    )


def _pairs(
    present: tuple[_Member, ...], place: dict[str, int], directed: bool
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    import numpy as np

    codes = np.array([place[member.actor_id] for member in present], dtype=np.int16)
    first = np.array([member.first_day for member in present])
    last = np.array([member.last_day for member in present])
    met = (first[:, None] <= last) & (first <= last[:, None])
    met &= (codes[:, None] != codes) if directed else (codes[:, None] < codes)
    sender, receiver = np.nonzero(met)
    return codes[sender], codes[receiver]


@cache
def _spells(system: str) -> tuple[Spell, ...]:
    if system not in ("cow", "gw"):
        raise unknown_name("state system", system, ("cow", "gw"))
    return tuple(sorted((spell for spell in load().spells if spell.system == system), key=lambda spell: spell.start))


def _members(year: int, spells: tuple[Spell, ...]) -> tuple[_Member, ...]:
    new_year, new_years_eve = date(year, 1, 1), date(year, 12, 31)
    present: dict[str, _Member] = {}
    for spell in spells:
        if spell.start <= new_years_eve and (spell.until is None or spell.until >= new_year):
            earlier = present.get(spell.code)
            first_day = earlier.first_day if earlier else (max(spell.start, new_year) - new_year).days
            last_day = (min(spell.until or new_years_eve, new_years_eve) - new_year).days
            present[spell.code] = _Member(spell.actor_id, first_day, last_day)
    return tuple(sorted(present.values(), key=lambda member: member.actor_id))
