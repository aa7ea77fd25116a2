"""Yearly UN ideal points to two attributes of a state: from final-passage votes, and from all votes.

States are known by their Correlates of War number, for the file's names are damaged and one of its letter codes stands
for two states.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import ANYONE
from detente.sources.files import read_stata
from detente.sources.reading import Context, Reading, tally
from detente.sources.table import periods

if TYPE_CHECKING:
    import pandas as pd

ESTIMATES = {
    "ideal_point_final": ("idealpointfp", "q5fp", "q95fp"),
    "ideal_point_all": ("idealpointall", "q5all", "q95all"),
}
"""Indicator → columns of the mean and of the 5 and 95 per cent quantiles of its posterior."""
OPENING = "-09-15"
"""A day in the week in which a regular session of the Assembly opens: it says which state a reused number means."""
REUSED = ("260", "345", "713")
"""Numbers that mean one state after the other; the lookups in the .yml have the dates."""


def read(path: Path, context: Context) -> Reading:
    """Two observations a row at most; an estimate that is not there for a year is left out."""
    import pandas as pd

    frame = read_stata(path, context.spec.columns)
    years = _years(frame["year"], context.spec.source_id)
    start, end = periods(years, "year", f"{context.spec.source_id}: year")
    codes = frame["ccode"].astype("int64").astype("str")
    opening = pd.to_datetime(years + OPENING).where(codes.isin(REUSED))
    state, reasons = context.actors(codes, scheme="cow", on=opening)
    known = [frame[mean].notna() for mean, _, _ in ESTIMATES.values()]
    reasons = reasons.mask(~(known[0] | known[1]) & reasons.isna(), "only the older estimate, which is not read")
    base = pd.DataFrame(
        {
            "sender": state,
            "receiver": ANYONE,
            "period_start": start,
            "period_end": end,
            "unit": "ideal-point units",
            "status": "final",
            "source_row": frame["row"],
        }
    )
    parts = [
        base.assign(indicator=name, value=frame[mean], low=frame[low], high=frame[high])[reasons.isna() & known[number]]
        for number, (name, (mean, low, high)) in enumerate(ESTIMATES.items())
    ]
    observations = pd.concat(parts, ignore_index=True)
    return Reading(rows=len(frame), read=int(reasons.isna().sum()), skipped=tally(reasons), observations=observations)


def _years(column: pd.Series, where: str) -> pd.Series:
    """Years as text; the file holds them as floats."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    wrong = numbers.isna() | (numbers % 1 != 0)
    if wrong.any():
        raise SourceError(f"{where}: {int(wrong.sum())} cells of year are not years, such as {column[wrong].iloc[0]!r}")
    return numbers.astype("int64").astype("str")
