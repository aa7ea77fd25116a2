"""UCDP Battle-Related Deaths, one row a dyad and year, to observations."""

from __future__ import annotations

from pathlib import Path

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, days, numbers, tally
from detente.sources.ucdp import yearly_sides


def read(path: Path, context: Context) -> Reading:
    """The deaths of one file; a missing dyad-year had fewer than 25 deaths, which is not zero: no coverage."""
    import pandas as pd

    frame = read_csv(path, context.spec.columns, encoding=context.spec.encoding)
    coalition = frame["gwno_a"].str.contains(",") | frame["gwno_b"].str.contains(",")
    reasons = pd.Series("several states on one side, deaths not divided", index=frame.index).where(coalition)
    rows = frame[~coalition]
    start = days(rows["year"] + "-01-01", "ucdp_battle_deaths, year")
    observations = pd.DataFrame(
        {
            "indicator": "battle_deaths",
            "sender": yearly_sides(rows["side_a_id"], rows["gwno_a"], start, context),
            "receiver": yearly_sides(rows["side_b_id"], rows["gwno_b"], start, context),
            "period_start": start,
            "period_end": start + pd.DateOffset(months=12, days=-1),
            "value": numbers(rows["bd_best"], "ucdp_battle_deaths, bd_best"),
            "low": numbers(rows["bd_low"], "ucdp_battle_deaths, bd_low"),
            "high": numbers(rows["bd_high"], "ucdp_battle_deaths, bd_high"),
            "unit": "deaths",
            "item": rows["side_a"] + " - " + rows["side_b"] + " @ " + rows["battle_location"],
            "status": "final",
            "source_row": rows["row"],
        }
    )
    versions = frame["version"].unique()
    return Reading(
        rows=len(frame),
        read=len(rows),
        skipped=tally(reasons),
        observations=observations,
        version=str(versions[0]) if len(versions) == 1 else "",
    )
