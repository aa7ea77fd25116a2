"""Lines of a panel to calendar years: what a dimension's index is made of.

Nothing is filled in: a year that is not wholly known is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.panel.measures import measures, total
from detente.registry import pick

if TYPE_CHECKING:
    import pandas as pd

    from detente.panel.build import Panel
    from detente.records import Dyad, Frequency

RULE = (
    "Years are calendar years. Months and quarters give the mean of complete years; a fiscal year counts to the "
    "calendar year that holds most of its days; irregular figures count where their period is a whole year, shares "
    "(%) where it is at most a year. Partial periods are left out and nothing is interpolated."
)
"""How periods become calendar years; every index repeats it."""

PARTS = {"month": 12, "quarter": 4}
NORMAL_90 = 1.644854


def yearly(rows: pd.DataFrame, frequency: Frequency, unit: str) -> pd.Series:
    """The value of each calendar year that is wholly known (index `year`, sorted).

    Args:
        rows: Rows of one line of a panel.
        unit: Irregular figures in per cent are levels; all others are amounts of their period.
    """
    known = rows[rows["value"].notna() & (rows["status"] != "partial")]
    if frequency in PARTS:
        years = known.groupby(known["period_start"].dt.year)["value"].agg(["mean", "count"])
        return years.loc[years["count"] == PARTS[frequency], "mean"].rename_axis("year")
    days = (known["period_end"] - known["period_start"]).dt.days + 1
    level = frequency == "irregular" and unit.startswith("%")
    known = known[(days <= 370) & (level | (days >= 360))]
    return _mean_by_year(known["value"], known)


def _mean_by_year(values: pd.Series, rows: pd.DataFrame) -> pd.Series:
    years = values.groupby(year_of(rows)).mean()
    years.index.name = "year"
    return years


def year_of(rows: pd.DataFrame) -> pd.Series:
    """The calendar year that holds most days of each period (of two equal halves the first)."""
    import pandas as pd

    starts, ends = rows["period_start"], rows["period_end"]
    turn = pd.to_datetime(ends.dt.year.astype("str") + "-01-01")
    later = (ends - turn).dt.days + 1 > (turn - starts).dt.days
    years: pd.Series = ends.dt.year.where(later | (starts.dt.year == ends.dt.year), starts.dt.year)
    return years


def source_error(panel: Panel, dyad: Dyad, measure: str) -> pd.Series:
    """Standard error of each calendar year, from the low and high ends that the source itself gives (index `year`).

    The ends are taken as the 5 and 95 per cent quantiles, which those of ideal points are. Errors of the two records
    behind a difference are independent; those of the records of one year are not (a coding rule errs the same way each
    month), so that they do not cancel. Years without such ends are absent.
    """
    import pandas as pd

    chosen = pick("measure", measure, measures())
    members = panel.members(dyad, measure)
    ends = _ends(panel, members, deaths=chosen.unit == "deaths")
    if ends.empty:
        return pd.Series(dtype="float64").rename_axis("year")
    each = members["record"].str.split(" ").explode().map(ends)
    error = (each.pow(2).groupby(level=0).sum(min_count=1)).pow(0.5)
    rows = members.assign(error=error).dropna(subset="error")
    cells = rows.groupby(["period_start", "period_end"], as_index=False)[["error"]]
    per_cell = cells.sum() if chosen.expression is total else cells.mean()
    return _mean_by_year(per_cell["error"], per_cell)


def _ends(panel: Panel, members: pd.DataFrame, *, deaths: bool) -> pd.Series:
    """Record id → standard error, of those of the members whose source gives a low and a high end."""
    import narwhals as nw
    import pandas as pd

    ids = sorted({part for ids in members["record"] for part in ids.split(" ")})
    wanted = nw.from_native(panel.records.lift(pd.DataFrame({"record": pd.Series(ids, dtype="str")}))).lazy()
    tables = [(panel.records.observations, "observation_id", "low", "high")]
    if deaths:
        tables.append((panel.records.events, "event_id", "fatalities_low", "fatalities_high"))
    found = []
    for table, key, low, high in tables:
        rows = nw.from_native(table).lazy().select(nw.col(key).alias("record"), low, high)
        half = ((nw.col(high) - nw.col(low)) / (2 * NORMAL_90)).alias("error")
        joined = rows.join(wanted, on="record", how="inner").select("record", half)
        found.append(joined.collect("pandas").to_native().dropna())
    errors: pd.Series = pd.concat(found, ignore_index=True).set_index("record")["error"].astype("float64")
    return errors
