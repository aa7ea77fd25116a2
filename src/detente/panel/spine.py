"""Coverage to periods: where a missing row means nothing happened, and where nothing is known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from detente.records import Frequency

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from detente.panel.measures import Measure
    from detente.records import Dyad


def period_ends(starts: pd.Series, frequency: Frequency) -> pd.Series:
    """The last day of each period that starts on these days."""
    import pandas as pd

    if frequency == "fiscal_year":
        following = (starts.dt.year + 1).astype(str)
        autumn = pd.to_datetime(following + "-09-30")
        ends = pd.to_datetime(following + "-06-30").where(starts.dt.month == 7, autumn)
        # Years began on 1 July until 1976; the quarter from July to September 1976 stands alone.
        quarter: pd.Series = ends.mask(starts == pd.Timestamp("1976-07-01"), pd.Timestamp("1976-09-30"))
        return quarter
    months = {"month": 1, "quarter": 3, "year": 12}[frequency]
    last_days: pd.Series = starts + pd.offsets.DateOffset(months=months) - pd.Timedelta(days=1)
    return last_days


@lru_cache(maxsize=256)
def periods(first: pd.Timestamp, last: pd.Timestamp, frequency: Frequency) -> pd.DataFrame:
    """All periods of a frequency that touch the days from *first* to *last* (columns `period_start`, `period_end`).

    The frame is kept and shared, because all dyads of a measure ask for the same one: copy before changing it.
    """
    import pandas as pd

    if frequency == "fiscal_year":
        old = pd.date_range("1900-07-01", "1975-07-01", freq="YS-JUL")
        new = pd.date_range("1976-10-01", last + pd.DateOffset(years=1), freq="YS-OCT")
        starts = pd.Series(old.append(pd.DatetimeIndex(["1976-07-01"])).append(new))
    else:
        code = {"month": "MS", "quarter": "QS", "year": "YS"}[frequency]
        starts = pd.Series(pd.date_range(first - pd.DateOffset(years=1), last, freq=code))
    ends = period_ends(starts, frequency)
    touching = (ends >= first) & (starts <= last)
    return pd.DataFrame({"period_start": starts[touching], "period_end": ends[touching]}).reset_index(drop=True)


def spans(coverage: pd.DataFrame, measure: Measure, dyad: Dyad) -> list[pd.DataFrame]:
    """For each indicator the measure needs, the covered spans that apply to a dyad.

    Args:
        coverage: The coverage rows of the measure's source and version.
    """
    for_dyad = coverage[coverage["sender"].isin(["*", dyad.sender]) & coverage["receiver"].isin(["*", dyad.receiver])]
    return [
        for_dyad[for_dyad["indicator"].map(lambda kind, name=name: _applies(kind, name)).astype(bool)]
        for name in measure.covers
    ]


def _applies(kind: str, name: str) -> bool:
    return kind == name or kind.startswith(f"{name}:") or name.startswith(f"{kind}:")


def covered(wanted: pd.DataFrame, needed: list[pd.DataFrame]) -> tuple[pd.Series, pd.Series]:
    """Which periods lie wholly within the covered spans, and which at least touch them, for every indicator needed."""
    import pandas as pd

    whole = pd.Series(bool(needed), index=wanted.index)
    touched = whole.copy()
    for rows in needed:
        inside = pd.Series(False, index=wanted.index)
        touching = inside.copy()
        for start, end in _merged(rows):
            inside |= (wanted["period_start"] >= start) & (wanted["period_end"] <= end)
            touching |= (wanted["period_end"] >= start) & (wanted["period_start"] <= end)
        whole &= inside
        touched &= touching
    return whole, touched


def _merged(rows: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Spans in order, those that meet or overlap joined into one."""
    import pandas as pd

    joined: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for start, end in sorted(zip(rows["period_start"], rows["period_end"], strict=True)):
        if joined and start <= joined[-1][1] + pd.Timedelta(days=1):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def extent(cells: pd.DataFrame, needed: list[pd.DataFrame]) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """From the first day anything is known to the last; None where nothing is."""
    starts = [cells["period_start"], *(rows["period_start"] for rows in needed)]
    ends = [cells["period_end"], *(rows["period_end"] for rows in needed)]
    known = [(start.min(), end.max()) for start, end in zip(starts, ends, strict=True) if len(start)]
    if not known:
        return None
    return min(start for start, _ in known), max(end for _, end in known)


def alive(frame: pd.DataFrame, lives: list[tuple[date, date | None]]) -> pd.DataFrame:
    """The periods that touch the lifetime of every actor."""
    import pandas as pd

    keep = pd.Series(True, index=frame.index)
    for born, gone in lives:
        keep &= frame["period_end"] >= pd.Timestamp(born)
        if gone is not None:
            keep &= frame["period_start"] <= pd.Timestamp(gone)
    return frame[keep]
