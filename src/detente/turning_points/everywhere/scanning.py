"""A panel to its turning points, ranked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.errors import SeriesError
from detente.results import Check, Provenance, Result
from detente.turning_points.effects.designs import LEAST_AFTER, LEAST_BEFORE
from detente.turning_points.everywhere import kept
from detente.turning_points.everywhere.discoveries import by_evidence, by_p
from detente.turning_points.everywhere.looks import Moment, rows
from detente.turning_points.everywhere.tables import Sheet, sheets
from detente.turning_points.noise import Array
from detente.turning_points.plain import as_day
from detente.turning_points.timeline import Timeline, observed, opens_with

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

LEAST = 10
"""Fewest known values: below that hardly any change can be told from noise."""
BLOCK = 64
"""Series that are looked at together; more would take memory and bring no speed."""
REFUSED = {
    "short": f"with fewer than {LEAST} known values",
    "constant": "that never vary",
    "infinite": "with infinite values",
    "mostly one": "of which more than half the values are the same",
    "outside": "with too few values before or after the event",
}
SHOWN = (
    "rank", "unit", "found", "period", "lower", "upper", "probability", "p_no_break", "log10_evidence",
    "average", "effect_lower", "effect_upper", "p", "breaks", "scale", "n", "status",
)  # fmt: skip

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Block:
    """Series of a sheet that are known in the same periods, counted from `start`, the first of them on the spine."""

    sheet: Sheet
    numbers: tuple[int, ...]
    start: int
    timeline: Timeline

    @property
    def values(self) -> Array:
        """Known values, one series a column."""
        where = self.start + np.asarray(self.timeline.positions)
        values: Array = self.sheet.values[np.ix_(where, np.array(self.numbers))]
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Result):
    """The turning points of a panel.

    Attributes:
        table: A row a series, those found first, by the strength of the evidence; see `to_frame`.
        judged: How many series could be judged; `found` how many have a turning point.
        share: The false discovery rate that holds among those found.
        at: The event that was asked about; None where each series had its own date.
    """

    table: pd.DataFrame
    judged: int
    found: int
    share: float
    at: date | None

    def to_frame(self) -> pd.DataFrame:
        """A row a series.

        Columns: `rank`, `unit`, `found`, `period` (first of the new level), `lower`, `upper` (its interval),
        `probability` (of a change within it), `p_no_break`, `log10_evidence`,
        `average`, `effect_lower`, `effect_upper`, `p` (the effect at the date; where the date was chosen from the same
        series, interval and p look surer than they are), `breaks` (what `when` says of it, as JSON), `scale`, `n`,
        `status` (why a series could not be judged).
        """
        return self.table.copy()

    def summary(self) -> str:
        """How many changed, and which changed most."""
        what = f"at {self.at}" if self.at else "at some date"
        first = ", ".join(f"{row.unit} ({row.period})" for row in self.table.head(3).itertuples() if row.found)
        led = f"; the clearest: {first}" if first else ""
        refused = len(self.table) - self.judged
        left = f" {refused} could not be judged." if refused else ""
        return (
            f"{self.found} of {self.judged} series changed {what}, with at most {self.share:.0%} false ones expected "
            f"among them{led}.{left}"
        )

    def plot(self) -> alt.LayerChart:
        """When the changes found fall, and how clear each is."""
        from detente.turning_points import plots

        return plots.found(self.table[self.table["found"]], title=f"{self.found} turning points")


def scan(  # noqa: PLR0913 (three of them name columns)
    panel: Any,
    *,
    unit: str = "unit",
    time: str = "time",
    value: str = "value",
    at: Any = None,
    counts: bool = False,
    share: float = 0.05,
    confidence: float = 0.95,
    resume: Path | str | None = None,
    progress: Progress | None = None,
) -> Scan:
    """Look for a turning point in every series of a panel and rank them.

    Question: which of many series changed, when, and by how much, if at most *share* of those named may be false?
    Assumptions of each series as in `compare_dates` and `intervention`; of how series hang together, none: the false
    discovery rate is controlled by Bayes factors (e-BH) or, for a known event, by p-values under any dependence.
    The answer for a series is that which it gets alone.

    Args:
        panel: A table (pandas, polars, Arrow) with a row a unit and period, a panel of détente, or named series.
        unit: Column of the units; `time` of the periods, `value` of the values.
        time: See `unit`.
        value: See `unit`.
        at: Day of an event; where it is given, what changed then is asked of each series.
        counts: Whether the values count things; a panel of détente knows by itself.
        share: The false discovery rate.
        confidence: Of the intervals.
        resume: A folder for what is done: a scan that was stopped goes on where it was.
        progress: Told what is done of how much.

    Raises:
        SeriesError: Columns that are not there, double rows, or an event outside the panel.

    References:
        Wang and Ramdas (2022), Journal of the Royal Statistical Society B 84(3); Benjamini and Yekutieli (2001), Annals
        of Statistics 29(4).
    """
    given = sheets(panel, unit=unit, time=time, value=value, counts=counts)
    if not sum(len(sheet.names) for sheet in given):
        raise SeriesError("a panel without series", hint="give a row a unit and period")
    days = [None if at is None else as_day(at, sheet.spine) for sheet in given]
    moments = [None if day is None else _moment(sheet, day) for sheet, day in zip(given, days, strict=True)]
    jobs = [job for sheet, moment in zip(given, moments, strict=True) for job in _blocks(sheet, moment)]
    done = _run(jobs, confidence, Path(resume) if resume else None, progress or _silent)
    table = _ranked(given, done, moments, share)
    judged = int((table["status"] == "").sum())
    params = {"at": None if at is None else str(at), "share": share, "confidence": confidence}
    return Scan(
        provenance=Provenance("scan", params, citation="Wang and Ramdas (2022), JRSS B 84(3), 822–852."),
        checks=_checks(table, judged, known=at is not None),
        table=table,
        judged=judged,
        found=int(table["found"].sum()),
        share=share,
        at=next((day for day in days if day), None),
    )


def _silent(_what: str, _done: int, _of: int) -> None:
    pass


Job = tuple[Block, Moment | None]


def _blocks(sheet: Sheet, at: Moment | None) -> Iterator[Job]:
    """Series that can be judged, in blocks of the same known periods."""
    groups: dict[bytes, list[int]] = {}
    known = ~np.isnan(sheet.values)
    for number in np.flatnonzero(_status(sheet.values, at) == ""):
        groups.setdefault(known[:, number].tobytes(), []).append(int(number))
    for numbers in groups.values():
        start, timeline = int(known[:, numbers[0]].argmax()), observed(sheet.series(numbers[0]), least=LEAST)
        for first in range(0, len(numbers), BLOCK):
            yield Block(sheet, tuple(numbers[first : first + BLOCK]), start, timeline), at


def _moment(sheet: Sheet, day: date) -> Moment:
    """The period of the spine that contains a day, and whether the day opens it."""
    import pandas as pd

    frame, stamp = sheet.spine.frame, pd.Timestamp(day)
    inside = np.flatnonzero((frame["period_start"] <= stamp) & (stamp <= frame["period_end"]))
    if not len(inside):
        first, last = frame["period_start"].iloc[0].date(), frame["period_end"].iloc[-1].date()
        raise SeriesError(f"{day} is outside the panel", hint=f"choose a date from {first} to {last}")
    start, end = (frame[name].iloc[int(inside[0])].date() for name in ("period_start", "period_end"))
    return Moment(int(inside[0]), opens_with(day, start, end))


def _status(values: Any, at: Moment | None) -> Any:
    """Why each series cannot be judged; empty where it can."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        spread = np.where(known, values, -np.inf).max(axis=0) - np.where(known, values, np.inf).min(axis=0)
        size = np.where(known, np.abs(values), 0.0).max(axis=0)
        flat = spread <= 1e-12 * np.maximum(size, 1e-300)
    status = np.where(_mostly_one(values), "mostly one", "").astype(object)
    status[flat] = "constant"
    if at is not None:
        after = at.period + (not at.opens)
        few = (known[: at.period].sum(axis=0) < LEAST_BEFORE) | (known[after:].sum(axis=0) < LEAST_AFTER)
        status[few & (status == "")] = "outside"
    status[np.isinf(values).any(axis=0)] = "infinite"
    status[known.sum(axis=0) < LEAST] = "short"
    return status


def _mostly_one(values: Array) -> NDArray[np.bool_]:
    """Which columns hold one value in more than half of their known periods: no noise can be learnt from them."""
    inside = np.sort(values, axis=0)
    half = (~np.isnan(inside)).sum(axis=0) // 2
    here = np.arange(len(inside))[:, None] + half
    later = np.take_along_axis(inside, np.minimum(here, len(inside) - 1), axis=0)
    return np.asarray(((inside == later) & (here < len(inside))).any(axis=0))


def _run(jobs: list[Job], confidence: float, folder: Path | None, progress: Progress) -> list[pd.DataFrame]:
    """All blocks, on all processors; numpy lets the threads run side by side."""
    total = sum(len(block.numbers) for block, _ in jobs)
    done: list[pd.DataFrame] = []
    finished = 0
    progress("scan", 0, total)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting = {pool.submit(_one, job, confidence, folder): len(job[0].numbers) for job in jobs}
        for job in as_completed(waiting):
            done.append(job.result())
            finished += waiting[job]
            progress("scan", finished, total)
    return done


def _one(job: Job, confidence: float, folder: Path | None) -> pd.DataFrame:
    block, at = job
    name = f"{block.sheet.fingerprint(block.numbers)}-{at}-{confidence}-{block.sheet.counts}"
    return kept.or_made(folder, name, lambda: _looked(block, at, confidence))


def _looked(block: Block, at: Moment | None, confidence: float) -> pd.DataFrame:
    import pandas as pd

    sheet, since = block.sheet, None if at is None else at.since(block.start)
    found = pd.DataFrame(rows(block.timeline, block.values, since, confidence=confidence, counts=sheet.counts))
    names = sheet.period_names
    for column in ("period", "lower", "upper"):
        found[column] = names[block.start + found[column].to_numpy()]
    named = [sheet.names[one] for one in block.numbers]
    return found.assign(unit=named, status="", scale=[sheet.scale(one) for one in block.numbers])


def _ranked(given: list[Sheet], done: list[pd.DataFrame], at: list[Moment | None], share: float) -> pd.DataFrame:
    """Those found first, then by evidence; at the end what could not be judged."""
    import pandas as pd

    table = pd.concat([*done, *_refused(given, at)], ignore_index=True).reindex(columns=[*SHOWN, "log_evidence"])
    known = any(one is not None for one in at)
    weight = table["p"].to_numpy(dtype=float) if known else -table["log_evidence"].to_numpy(dtype=float)
    table["found"] = by_p(weight, share) if known else by_evidence(-weight, share)
    table["log10_evidence"] = table["log_evidence"].astype(float) / np.log(10)
    table = table.assign(weight=weight).sort_values(["found", "weight", "unit"], ascending=[False, True, True])
    table["rank"] = np.arange(1, len(table) + 1)
    return table[list(SHOWN)].reset_index(drop=True)


def _refused(given: list[Sheet], at: list[Moment | None]) -> Iterator[pd.DataFrame]:
    import pandas as pd

    for sheet, moment in zip(given, at, strict=True):
        status = _status(sheet.values, moment)
        names = np.asarray(sheet.names, dtype=object)[status != ""]
        count = (~np.isnan(sheet.values)).sum(axis=0)[status != ""]
        yield pd.DataFrame({"unit": names, "n": count, "status": status[status != ""]})


def _checks(table: pd.DataFrame, judged: int, *, known: bool) -> tuple[Check, ...]:
    refused = table["status"].value_counts().drop("", errors="ignore")
    said = "; ".join(f"{count} {REFUSED[str(name)]}" for name, count in refused.items())
    chosen = "each date was chosen from the same series: read sizes as descriptions, their intervals as too short"
    return (
        Check("series judged", judged == len(table), said or "all"),
        Check("dates named beforehand", known, "the event was named beforehand" if known else chosen),
    )
