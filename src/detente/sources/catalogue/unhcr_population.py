"""UNHCR's yearly population figures to persons by origin and place of asylum.

Sender is the state of origin, receiver the state of asylum; for people displaced within their own state both are that
state.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods

if TYPE_CHECKING:
    import pandas as pd

    from detente.sources.spec import Covers

CROSSING = ("refugees", "asylum_seekers", "returned_refugees")
"""Columns whose zeros are kept: each row is a pair of states that these are about."""
OTHERS = {
    "idps": "idps",
    "returned_idps": "returned_idps",
    "ooc": "others_of_concern",
    "oip": "others_in_need_of_protection",
    "hst": "host_community",
}
"""Column → indicator for what few rows have a figure; only figures other than zero are kept."""


def read(path: Path, context: Context) -> Reading:
    """Three observations a row and more where it has figures of the rarer kinds."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    start, end = periods(frame["year"], "year", f"{where}: year")
    origin, no_origin = context.actors(frame["coo"], scheme="unhcr")
    asylum, no_asylum = context.actors(frame["coa"], scheme="unhcr")
    reasons = no_origin.fillna(no_asylum)
    base = pd.DataFrame(
        {
            "sender": origin,
            "receiver": asylum,
            "period_start": start,
            "period_end": end,
            "unit": "persons",
            "status": _status(start, context.spec.covers),
            "source_row": frame["row"],
        }
    )
    parts = []
    for column, name in {**{name: name for name in CROSSING}, **OTHERS}.items():
        value = numbers(frame[column], f"{where}: {column}")
        kept = reasons.isna() & value.notna() & ((value != 0) | (column in CROSSING))
        parts.append(base.assign(indicator=name, value=value)[kept])
    return Reading(
        rows=len(frame),
        read=int(reasons.isna().sum()),
        skipped=tally(reasons),
        observations=pd.concat(parts, ignore_index=True),
    )


def _status(start: pd.Series, covers: Covers) -> pd.Series:
    """Final, but partial for a year that the source ends within."""
    import pandas as pd

    unfinished = covers.end != date(covers.end.year, 12, 31)
    partial = (start.dt.year == covers.end.year) & unfinished
    return pd.Series("final", index=start.index).mask(partial, "partial")
