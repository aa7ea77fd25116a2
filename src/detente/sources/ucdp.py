"""The sides of organised violence as the Uppsala Conflict Data Program numbers them, to actors.

A side that is a government carries a Gleditsch and Ward number; any other side has UCDP's own number. A group that the
actors know by that number gets its id there; any other keeps an honest one, `UCDP:` and the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.records import ANYONE

if TYPE_CHECKING:
    import pandas as pd

    from detente.sources.reading import Context

CIVILIANS = ("1", "9999")
"""The numbers of the victims of one-sided violence: they are no actor."""


def sides(groups: pd.Series, governments: pd.Series, on: pd.Series, context: Context) -> pd.Series:
    """Who each side is, one actor a row.

    Args:
        groups: UCDP's number of the side.
        governments: Gleditsch and Ward number; empty where the side is no government.
        on: The day on which it acts.

    Raises:
        UnknownLabel: A government that neither the actors nor the lookups know; a lookup without an actor leaves it its
            number of UCDP.
    """
    known = context.registry.resolve_all(dict.fromkeys(groups.unique(), 1), scheme="ucdp").actors
    actors = groups.map(known | dict.fromkeys(CIVILIANS, ANYONE)).fillna("UCDP:" + groups)
    states = governments.ne("")
    ids, _ = context.actors(governments[states].str.strip(), scheme="gw", on=on[states])
    return ids.reindex(actors.index).fillna(actors)


def yearly_sides(groups: pd.Series, governments: pd.Series, years: pd.Series, context: Context) -> pd.Series:
    """Who each side of a year is: who bore the number on its last day, or on its first if nobody did any more.

    Args:
        years: The first day of the year.

    Raises:
        UnknownLabel: As `sides`.
    """
    import pandas as pd

    codes = governments.str.strip()
    last = years + pd.DateOffset(months=12, days=-1)
    ended = pd.Series(False, index=years.index)
    for day in last.unique():
        of_day = last.eq(day) & codes.ne("")
        found = context.registry.resolve_all(dict.fromkeys(codes[of_day].unique(), 1), scheme="gw", on=day.date())
        ended |= of_day & codes.isin(list(found.unknown))
    return sides(groups, codes, last.mask(ended, years), context)
