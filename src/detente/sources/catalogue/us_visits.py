"""Visits of foreign heads of state and government to the United States to one event a visit.

Each file is one decade's, and covers it: in that time, no visit in the list means no visit of the kind it lists.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.catalogue.us_travels import Span, complete_until, elements, first_words, stays
from detente.sources.reading import Context, Reading, tally

if TYPE_CHECKING:
    import pandas as pd

KIND = "visit:leader"


def read(path: Path, context: Context) -> Reading:
    """One event a visit, from the visitor's state on the first day to the United States."""
    import pandas as pd

    where = context.spec.source_id
    visits = elements(path, context, "visit")
    start, end = stays(visits, where)
    home, reasons = context.actors(visits["from"], on=start)
    events = pd.DataFrame(
        {
            "date": start,
            "date_end": end,
            "sender": home,
            "receiver": "USA",
            "kind": KIND,
            "location": "USA",
            "item": visits["visitor"],
            "text": visits["visitor"] + ", " + visits["from"] + ": " + first_words(visits["description"]),
            "status": "final",
            "source_row": "id " + visits["id"],
        }
    )[reasons.isna()]
    coverage = pd.DataFrame(
        [{"indicator": KIND, "sender": "*", "receiver": "USA", **_covered(visits, start, end, where)}]
    )
    return Reading(rows=len(visits), read=len(events), skipped=tally(reasons), events=events, coverage=coverage)


def _covered(visits: pd.DataFrame, start: pd.Series, end: pd.Series, where: str) -> dict[str, date]:
    """The decade, as far as the list for it is complete."""
    decades = sorted(set(start.dt.year // 10 * 10))
    if len(decades) > 1:
        raise SourceError(
            f"{where}: one file holds visits of the decades {', '.join(map(str, decades))}",
            hint="the publisher has a file for each decade, and what a file covers is told by it",
        )
    decade = Span(date(decades[0], 1, 1), date(decades[0] + 9, 12, 31))
    return {"period_start": decade.start, "period_end": complete_until(decade, visits, end.max().date())}
