"""US active-duty troops by country and quarter: a row without a source is a gap, not a zero.

The file puts a yearly compilation into the quarter of June; its figures become yearly observations of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods

if TYPE_CHECKING:
    import pandas as pd

YEARLY = "Kane 2006"
QUARTER_OF = {"March": "1", "June": "2", "September": "3", "December": "4"}
CHANGED = ("Serbia", "Yugoslavia")
"""Labels whose meaning depends on the day; the lookups in the .yml have the dates."""
DOUBLED = range(2014, 2022)
"""Years whose June figure is the June report and the yearly figure added together."""


def read(path: Path, context: Context) -> Reading:
    """One observation a row that has a source, unless the figure is known to be wrong."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    _check_months(frame, where)
    yearly = frame["source"] == YEARLY
    start, end = periods(frame["year"] + "-Q" + frame["quarter"], "quarter", f"{where}: year, quarter")
    new_year, new_years_eve = periods(frame["year"], "year", f"{where}: year")
    start, end = start.mask(yearly, new_year), end.mask(yearly, new_years_eve)
    host, nobody = context.actors(frame["countryname"], on=end.where(frame["countryname"].isin(CHANGED)))
    reasons = _gaps(frame).fillna(nobody)
    reasons = reasons.mask(reasons.isna() & ~_existing(host, end, context), "host did not exist then")
    observations = pd.DataFrame(
        {
            "indicator": pd.Series("troops_active", index=frame.index).mask(yearly, "troops_active_yearly"),
            "sender": "USA",
            "receiver": host,
            "period_start": start,
            "period_end": end,
            "value": numbers(frame["troops_ad"], f"{where}: troops_ad"),
            "unit": "persons",
            "status": pd.Series("final", index=frame.index).mask(yearly, "approximate"),
            "source_row": frame["row"],
        }
    )[reasons.isna()]
    return Reading(rows=len(frame), read=len(observations), skipped=tally(reasons), observations=observations)


def _gaps(frame: pd.DataFrame) -> pd.Series:
    """Why a row's figure is none, null where it is one."""
    import pandas as pd

    reasons = pd.Series(None, index=frame.index, dtype="str")
    doubled = (frame["month"] == "June") & frame["year"].isin([str(year) for year in DOUBLED])
    reasons = reasons.mask(doubled, "June figure counted twice at the source")
    return reasons.mask(frame["source"] == "", "no source: a gap, not a zero")


def _existing(host: pd.Series, end: pd.Series, context: Context) -> pd.Series:
    """Whether the host existed at the end of the period; true where there is no host to ask about."""
    import pandas as pd

    actors = {actor_id: context.registry[actor_id] for actor_id in host.dropna().unique()}
    first = pd.to_datetime(host.map({actor_id: actor.valid_from for actor_id, actor in actors.items()}))
    last = pd.to_datetime(host.map({actor_id: actor.valid_to for actor_id, actor in actors.items()}))
    return host.isna() | ((first <= end) & (last.isna() | (end <= last)))


def _check_months(frame: pd.DataFrame, where: str) -> None:
    wrong = frame["month"].map(QUARTER_OF) != frame["quarter"]
    if wrong.any():
        row = frame[wrong].iloc[0]
        raise SourceError(f"{where}: {row['month']} is not the last month of quarter {row['quarter']!r} ({row['row']})")
