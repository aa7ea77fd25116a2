"""Deaths by country and month (a wide table) to observations; the date in the file's name is the version."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import ANYONE
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, days, numbers, tally

if TYPE_CHECKING:
    import pandas as pd

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAMELESS = "Unnamed: "
"""What the first column, the months, and columns without a country get for a name."""


def read(path: Path, context: Context) -> Reading:
    """The deaths of one file; a row of data is a cell of the table, that is a country and a month."""
    import pandas as pd

    cells = _cells(read_csv(path, context.spec.columns, encoding=context.spec.encoding))
    vintage = _vintage(path.name, cells["month"].max().date(), context)
    reasons = pd.Series("column without a country", index=cells.index).where(cells["country"].str.startswith(NAMELESS))
    named = cells[reasons.isna()]
    early = _before_independence(named, context)
    reasons[named.index[early]] = "no deaths, and the state did not exist yet"
    kept = named[~early]
    states, whys = context.actors(kept["country"], on=kept["month"])
    reasons[kept.index] = whys
    kept, states = kept[whys.isna()], states[whys.isna()]
    observations = _observations(kept, states).assign(
        status=kept["month"].dt.date.le(_final_to(vintage)).map({True: "final", False: "provisional"})
    )
    return Reading(
        rows=len(cells),
        read=len(kept),
        skipped=tally(reasons),
        observations=observations,
        coverage=_coverage(observations),
        version=vintage.isoformat(),
    )


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    months = days(frame[f"{NAMELESS}0"], "ucdp_country_month, month")
    wide = frame.drop(columns=f"{NAMELESS}0").assign(month=months)
    cells = wide.melt(id_vars=["month", "row"], var_name="country", value_name="deaths")
    return cells.assign(deaths=numbers(cells["deaths"], "ucdp_country_month, deaths"))


def _vintage(name: str, last: date, context: Context) -> date:
    """The day of the snapshot: in the file's name, or the described one if its last month is the described one's."""
    if found := DAY.search(name):
        return date.fromisoformat(found[0])
    if last == context.spec.covers.end:
        return date.fromisoformat(context.spec.version)
    raise SourceError(
        f"{name} ends in {last:%Y-%m} and does not say of which day it is",
        hint="put the day of the download into its name, as in Conf_2025-09-25.csv",
    )


def _final_to(vintage: date) -> date:
    """The last day of final data: the yearly release of June ends with the year before."""
    return date(vintage.year - (1 if vintage.month >= 7 else 2), 12, 31)


def _before_independence(cells: pd.DataFrame, context: Context) -> pd.Series:
    """Cells of zero deaths in months that ended before the state began: the table is a rectangle, history is not."""
    import pandas as pd

    last = cells["month"].max()
    labels = pd.Series(cells["country"].unique())
    states, _ = context.actors(labels, on=last)
    dated = {lookup.label for lookup in context.spec.lookups if lookup.start or lookup.until}
    born = {
        label: pd.Timestamp(context.registry[state].valid_from)
        for label, state in zip(labels, states, strict=True)
        if label not in dated and not pd.isna(state)
    }
    return cells["deaths"].eq(0) & cells["month"].lt(pd.to_datetime(cells["country"].map(born)))


def _observations(cells: pd.DataFrame, states: pd.Series) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "indicator": "fatalities",
            "sender": ANYONE,
            "receiver": states,
            "period_start": cells["month"].dt.to_period("M").dt.start_time,
            "period_end": cells["month"],
            "value": cells["deaths"],
            "unit": "deaths",
            "source_row": cells["row"] + ", " + cells["country"],
        }
    )


def _coverage(observations: pd.DataFrame) -> pd.DataFrame:
    spans = observations.groupby("receiver", as_index=False).agg(
        period_start=("period_start", "min"), period_end=("period_end", "max")
    )
    return spans.assign(indicator="fatalities", sender=ANYONE)
