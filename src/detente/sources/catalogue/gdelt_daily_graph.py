"""Daily ties in the news to observations: a table of 25 states with its zeros, or all ties that are not zero."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.files import read_csv, read_parquet
from detente.sources.reading import Context, Reading, days, numbers, tally

if TYPE_CHECKING:
    import pandas as pd


def read(path: Path, context: Context) -> Reading:
    """The ties of one file; a day without rows is unknown, not zero."""
    import pandas as pd

    frame = _frame(path, context)
    last = frame["date"].max().date()
    first, why_first = context.actors(frame["a"], scheme="iso3", on=last)
    second, why_second = context.actors(frame["b"], scheme="iso3", on=last)
    reasons = why_first.fillna(why_second).mask(first.eq(second), "a state with itself")
    kept = reasons.isna()
    first, second = first[kept], second[kept]
    in_order = first < second
    observations = pd.DataFrame(
        {
            "indicator": "gdelt_tie",
            "sender": first.where(in_order, second),
            "receiver": second.where(in_order, first),
            "period_start": frame.loc[kept, "date"],
            "period_end": frame.loc[kept, "date"],
            "value": frame.loc[kept, "edge"],
            "unit": "volume × intensity",
            "status": "final",
            "source_row": frame.loc[kept, "row"],
        }
    )
    coverage = None if path.suffix == ".parquet" else _coverage(observations)
    return Reading(len(frame), len(observations), tally(reasons), observations=observations, coverage=coverage)


def _frame(path: Path, context: Context) -> pd.DataFrame:
    if path.suffix == ".parquet":
        frame = read_parquet(path, context.spec.columns)
    else:
        frame = read_csv(path, context.spec.columns, encoding=context.spec.encoding)
        frame["date"] = days(frame["date"], "gdelt_daily_graph, date")
        frame["edge"] = numbers(frame["edge"], "gdelt_daily_graph, edge")
    frame = frame.rename(columns={"iso3_a": "a", "iso3_b": "b"})
    if not {"a", "b"} <= set(frame.columns):
        raise SourceError(f"{path.name}: no columns for the two states", hint="they are iso3_a and iso3_b, or a and b")
    return frame


def _coverage(observations: pd.DataFrame) -> pd.DataFrame:
    """For every dyad of the table, the runs of days that have rows."""
    import pandas as pd

    days_present = observations["period_start"].drop_duplicates().sort_values()
    run = days_present.diff().ne(pd.Timedelta(days=1)).cumsum()
    runs = days_present.groupby(run).agg(period_start="min", period_end="max")
    dyads = observations[["sender", "receiver"]].drop_duplicates()
    return dyads.merge(runs, how="cross").assign(indicator="gdelt_tie")
