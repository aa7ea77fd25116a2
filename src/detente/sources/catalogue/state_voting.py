"""The State Department's voting coincidence with the United States to two indicators, one for each basis.

The basis changes in 2018, and with it the meaning: the two are never one series.
"""

from __future__ import annotations

from pathlib import Path

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods, translated

BASES = {
    "important votes only": "voting_coincidence_important",
    "all recorded plenary votes": "voting_coincidence_all",
}
UNKNOWN = ("", "No Votes")
"""How the column says that a state took part in no vote."""


def read(path: Path, context: Context) -> Reading:
    """One observation a row: the share, 0 to 1, in which a state's votes coincide with those of the United States."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    start, end = periods(frame["year"], "year", f"{where}: year")
    state, reasons = context.actors(frame["country"].str.split().str.join(" "))
    observations = pd.DataFrame(
        {
            "indicator": translated(frame["basis"], BASES, f"{where}: basis"),
            "sender": state,
            "receiver": "USA",
            "period_start": start,
            "period_end": end,
            "value": numbers(frame["coincidence"], f"{where}: coincidence", unknown=UNKNOWN),
            "unit": "share",
            "status": "final",
            "source_row": frame["row"],
        }
    )[reasons.isna()]
    return Reading(rows=len(frame), read=len(observations), skipped=tally(reasons), observations=observations)
