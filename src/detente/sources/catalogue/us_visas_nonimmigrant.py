"""Monthly issuances of US non-immigrant visas to counts by nationality and class.

A nationality missing in a month is unknown, for lines that could not be parsed are missing too; so is a missing month.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods

if TYPE_CHECKING:
    import pandas as pd

CLASSES = ("exchange_J", "official_A_G", "other", "student_F", "visitor_B", "work_H_L")
COLUMNS = {**{name: ("visas_nonimmigrant", name) for name in CLASSES}, "total": ("visas_nonimmigrant_total", "")}
"""Column → indicator, item."""


def read(path: Path, context: Context) -> Reading:
    """Seven observations a row: one for each class of visas, and the total."""
    return issuances(path, context, COLUMNS)


def issuances(path: Path, context: Context, columns: dict[str, tuple[str, str]]) -> Reading:
    """Visas issued to a nationality in a month, one observation for each of *columns*.

    Args:
        columns: Column of the file → indicator and item.
    """
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    start, end = periods(frame["month"], "month", f"{where}: month")
    nationality, reasons = context.actors(_names(frame["country"]))
    base = pd.DataFrame(
        {
            "sender": "USA",
            "receiver": nationality,
            "period_start": start,
            "period_end": end,
            "unit": "visas",
            "status": "final",
            "source_row": frame["row"],
        }
    )
    parts = [
        base.assign(indicator=name, item=item or None, value=numbers(frame[column], f"{where}: {column}"))
        for column, (name, item) in columns.items()
    ]
    observations = _one_a_cell(pd.concat([part[reasons.isna()] for part in parts], ignore_index=True))
    return Reading(rows=len(frame), read=int(reasons.isna().sum()), skipped=tally(reasons), observations=observations)


def _one_a_cell(observations: pd.DataFrame) -> pd.DataFrame:
    """Rows of one nationality and month under two spellings as their sum: each holds a part of the visa classes."""
    import pandas as pd

    cell = ["indicator", "item", "receiver", "period_start"]
    parted = observations.duplicated(cell, keep=False)
    if not parted.any():
        return observations
    groups = observations[parted].groupby(cell, dropna=False, sort=False)
    whole = groups.first().assign(
        value=groups["value"].sum(), source_row=groups["source_row"].agg(" + ".join), status="derived"
    )
    return pd.concat([observations[~parted], whole.reset_index()], ignore_index=True)


def _names(labels: pd.Series) -> pd.Series:
    """Labels without the asterisks that lead to the publication's footnotes."""
    return labels.str.strip("* ")
