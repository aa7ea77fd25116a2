"""UCDP/PRIO Armed Conflict Dataset, one row a conflict and year, to observations: one a pair of opposed sides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, days, numbers, words
from detente.sources.ucdp import yearly_sides

if TYPE_CHECKING:
    import pandas as pd

OVER = {"1": "territory", "2": "government", "3": "territory and government"}
LEVELS = {"1": "minor", "2": "war"}


def read(path: Path, context: Context) -> Reading:
    """The conflicts of one file; where no row stands, no conflict of the year reached 25 battle deaths."""
    import pandas as pd

    frame = read_csv(path, context.spec.columns, encoding=context.spec.encoding)
    words(frame["intensity_level"], LEVELS, "ucdp_conflicts, intensity_level")
    start = days(frame["year"] + "-01-01", "ucdp_conflicts, year")
    pairs = _pairs(frame.assign(start=start, end=start + pd.DateOffset(months=12, days=-1)))
    territory = ": " + pairs["territory_name"]
    over = words(pairs["incompatibility"], OVER, "ucdp_conflicts, incompatibility")
    observations = pd.DataFrame(
        {
            "indicator": "conflict_intensity",
            "sender": yearly_sides(pairs["side_a_id"], pairs["gwno_a"], pairs["start"], context),
            "receiver": yearly_sides(pairs["side_b_id"], pairs["gwno_b"], pairs["start"], context),
            "period_start": pairs["start"],
            "period_end": pairs["end"],
            "value": numbers(pairs["intensity_level"], "ucdp_conflicts, intensity_level"),
            "unit": "level",
            "item": "conflict " + pairs["conflict_id"] + " over " + over + territory.where(territory.ne(": "), ""),
            "status": "final",
            "source_row": pairs["row"],
        }
    )
    versions = frame["version"].unique()
    span = {"period_start": start.min(), "period_end": observations["period_end"].max()}
    return Reading(
        rows=len(frame),
        read=len(frame),
        observations=observations,
        coverage=pd.DataFrame([{"indicator": "conflict_intensity", "sender": "*", "receiver": "*", **span}]),
        version=str(versions[0]) if len(versions) == 1 else "",
    )


def _pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """A row for each pair of opposed primary parties; the sides of a row are lists parted by commas."""
    for side in ("a", "b"):
        columns = [f"side_{side}_id", f"gwno_{side}"]
        parts = frame[columns].apply(lambda column: column.str.split(r",\s*", regex=True))
        # A side that is no government has one empty number, however many groups it joins.
        parts[columns[1]] = [
            numbers if len(numbers) == len(groups) else [""] * len(groups)
            for groups, numbers in zip(parts[columns[0]], parts[columns[1]], strict=True)
        ]
        frame = frame.assign(**{name: parts[name] for name in columns}).explode(columns, ignore_index=True)
    return frame
