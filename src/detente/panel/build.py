"""Records to a panel: one row per measure, dyad and period."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from detente.errors import PanelError
from detente.panel import spine
from detente.panel.measures import Measure, measures
from detente.records import ANYONE, Dyad, Records, Series
from detente.registry import pick

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from detente.actors import Registry

COLUMNS = (
    "measure", "dimension", "sender", "receiver", "period_start", "period_end", "value", "unit", "records", "status",
    "source_id", "version",
)  # fmt: skip
"""`status`: final, provisional, partial, approximate; `none` for a covered period without records; `unknown` (null)."""


CELL = ("period_start", "period_end", "value", "records", "status")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a panel: a measure of a dyad, and the dimension it belongs to."""

    measure: str
    dyad: Dyad
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """What a panel is asked for.

    Attributes:
        versions: Source id → version; a source that is not named is taken in its latest version.
        first: Periods that end before this day are left out; `last` likewise.
    """

    lines: tuple[Line, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel, and what it was made of.

    Attributes:
        frame: Columns `COLUMNS`, sorted by measure, sender, receiver, period.
        fingerprint: sha256 of the frame, equal on every engine (values to nine significant digits).
    """

    spec: PanelSpec
    frame: pd.DataFrame = field(repr=False)
    fingerprint: str
    records: Records = field(repr=False, compare=False)

    def series(self, dyad: Dyad, measure: str) -> Series:
        """One measure of one dyad, gaps as NaN.

        Raises:
            PanelError: The panel has no such line, or no data for it.
        """
        found = pick("measure", measure, measures())
        dyad = _ordered(dyad, found)
        rows = self._line(dyad, measure)
        if rows.empty:
            raise PanelError(
                f"the panel has no data for {measure} {dyad}",
                hint=f"ingest {found.source_id}, or add the measure to a dimension of study.yml",
            )
        unfinished = rows.loc[rows["status"] == "partial", "period_start"]
        frame = rows[["period_start", "period_end", "value"]].reset_index(drop=True)
        partial = tuple(start.date() for start in unfinished)
        return Series(
            measure, dyad, str(rows["unit"].iloc[0]), found.frequency, frame, f"{found.title}, {dyad}", partial
        )

    def lines(self) -> list[Line]:
        """The lines that have data, in the order of the panel."""
        keys = self.frame[["measure", "sender", "receiver", "dimension"]].drop_duplicates().astype("str")
        return [
            Line(measure, Dyad(sender, receiver, pick("measure", measure, measures()).directed), dimension)
            for measure, sender, receiver, dimension in keys.itertuples(index=False, name=None)
        ]

    def cell(self, dyad: Dyad, measure: str, period_start: date) -> tuple[str, ...]:
        """The ids of the records behind one number; empty for a covered period without records.

        Raises:
            PanelError: The panel has no such cell.
        """
        import pandas as pd

        rows = self._line(_ordered(dyad, pick("measure", measure, measures())), measure)
        if rows[rows["period_start"] == pd.Timestamp(period_start)].empty:
            raise PanelError(f"the panel has no cell {measure} {dyad} {period_start}", hint="see Panel.frame")
        found = self.members(dyad, measure)
        mine = found[found["period_start"] == pd.Timestamp(period_start)]
        return tuple(sorted({part for ids in mine["record"] for part in ids.split(" ")}))

    def members(self, dyad: Dyad, measure: str) -> pd.DataFrame:
        """All rows behind a line: `period_start` of the cell, `value` and `record` (ids parted by a space)."""
        chosen = pick("measure", measure, measures())
        rows = _rows(self.records, chosen, [_ordered(dyad, chosen)], self.spec.versions)
        frame = rows.collect("pandas").to_native()
        return _dated(frame, chosen)

    def _repr_html_(self) -> str:
        """How a notebook shows it: a row for each line, from when to when it is known."""
        known = self.frame[self.frame["value"].notna()]
        lines = known.groupby(["measure", "sender", "receiver", "unit"], sort=False)
        spans = lines.agg(first=("period_start", "min"), last=("period_end", "max"), values=("value", "size"))
        return spans.reset_index().to_html(index=False)

    def _line(self, dyad: Dyad, measure: str) -> pd.DataFrame:
        frame = self.frame
        chosen = (frame["measure"] == measure) & (frame["sender"] == dyad.sender) & (frame["receiver"] == dyad.receiver)
        return frame[chosen]


def build(records: Records, spec: PanelSpec, actors: Registry) -> Panel:
    """The panel a specification asks for.

    Raises:
        UnknownName: A measure that does not exist.
        PanelError: Nothing asked for has data.
    """
    import pandas as pd

    parts: list[pd.DataFrame] = []
    for name in dict.fromkeys(line.measure for line in spec.lines):
        measure = pick("measure", name, measures())
        lines = [replace(line, dyad=_ordered(line.dyad, measure)) for line in spec.lines if line.measure == name]
        parts.extend(_measured(records, measure, lines, spec, actors))
    if not parts:
        raise PanelError("none of the measures has data", hint="run `detente sources` to see what the study holds")
    order = ["measure", "sender", "receiver", "dimension", "period_start", "period_end"]
    frame: pd.DataFrame = pd.concat(parts, ignore_index=True).sort_values(order, kind="stable", ignore_index=True)
    return Panel(spec, frame, fingerprint(frame), records)


def _ordered(dyad: Dyad, measure: Measure) -> Dyad:
    """The dyad as the measure's lines are kept: in the order of ids where the measure has no direction."""
    return Dyad(dyad.sender, dyad.receiver, measure.directed)


def version_of(records: Records, source_id: str, versions: Mapping[str, str]) -> str | None:
    """The version of a source that is used: the one pinned, else the latest held; None where there is none."""
    of_source = records.files.loc[records.files["source_id"] == source_id, "version"]
    held = sorted(set(of_source.astype("str")), key=_age)
    wanted = versions.get(source_id)
    if wanted and held and wanted not in held:
        raise PanelError(
            f"the study pins {source_id} to version {wanted}, which is not in its store",
            hint=f"held: {', '.join(held)}",
        )
    return wanted or (held[-1] if held else None)


def _age(version: str) -> list[tuple[int, str]]:
    """Versions in order: numbers within them count as numbers, so that 24.0.10 follows 24.0.9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", version)]


def _measured(
    records: Records, measure: Measure, lines: list[Line], spec: PanelSpec, actors: Registry
) -> Iterable[pd.DataFrame]:
    version = version_of(records, measure.source_id, spec.versions)
    if version is None:
        return
    cells = _cells(records, measure, [line.dyad for line in lines], spec.versions)
    of_source = (records.coverage["source_id"] == measure.source_id) & (records.coverage["version"] == version)
    coverage = records.coverage[of_source]
    for line in lines:
        mine = (cells["sender"] == line.dyad.sender) & (cells["receiver"] == line.dyad.receiver)
        filled = _filled(cells[mine].reset_index(drop=True), measure, line.dyad, coverage)
        filled = _clipped(filled, spec, _lives(line.dyad, actors))
        if filled["value"].notna().any():
            yield _labelled(filled, measure, line, version, measure.unit or _unit(records, measure, version))


def _rows(records: Records, measure: Measure, dyads: list[Dyad], versions: Mapping[str, str]) -> nw.LazyFrame[Any]:
    import narwhals as nw
    import pandas as pd

    version = version_of(records, measure.source_id, versions)
    chosen = (nw.col("source_id") == measure.source_id, nw.col("version") == (version or ""))
    held = replace(
        records,
        events=nw.from_native(records.events).lazy().filter(*chosen),
        observations=nw.from_native(records.observations).lazy().filter(*chosen),
    )
    asked = pd.DataFrame(
        sorted({(dyad.sender, dyad.receiver) for dyad in dyads}), columns=["sender", "receiver"], dtype="str"
    )
    rows = measure.rows(held, nw.from_native(records.lift(asked)).lazy())
    if measure.bucket:
        rows = rows.with_columns(nw.col("period_start").dt.truncate(measure.bucket).alias("period_start"))
    return rows


def _cells(records: Records, measure: Measure, dyads: list[Dyad], versions: Mapping[str, str]) -> pd.DataFrame:
    import narwhals as nw

    # The marks are made before grouping: an expression inside a group is slow on pandas.
    marked = _rows(records, measure, dyads, versions).with_columns(
        (nw.col("status") == name).cast(nw.Int64).alias(name) for name in _MARKS
    )
    # Figures that start on the same day may end on different ones, and are then different cells.
    ends = [nw.col("period_end").max()] if measure.frequency != "irregular" else []
    key = ["sender", "receiver", "period_start", *(["period_end"] if not ends else [])]
    cells: pd.DataFrame = (
        marked.group_by(*key)
        .agg(
            measure.expression().alias("value"),
            nw.col("value").count().alias("records"),
            *ends,
            *(nw.col(name).sum() for name in _MARKS),
        )
        .collect("pandas")
        .to_native()
    )
    # Records that do not know their value sum to nothing known, not to zero.
    cells["value"] = cells["value"].astype("float64").where(cells["records"] > 0)
    return _dated(cells, measure)


_MARKS = ("partial", "provisional", "approximate", "derived")


def _dated(frame: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    import pandas as pd

    starts = pd.to_datetime(frame["period_start"]).astype("datetime64[us]")
    ends = (
        spine.period_ends(starts, measure.frequency) if measure.bucket else pd.to_datetime(frame["period_end"])
    ).astype("datetime64[us]")
    return frame.assign(period_start=starts, period_end=ends)


def _filled(cells: pd.DataFrame, measure: Measure, dyad: Dyad, coverage: pd.DataFrame) -> pd.DataFrame:
    """The cells of one dyad on its whole spine, each with the status that says what it is."""
    needed = spine.spans(coverage, measure, dyad) if measure.zero_means else []
    extent = spine.extent(cells, needed)
    if measure.frequency == "irregular" or extent is None:
        return cells.assign(status=_status(cells))[list(CELL)].sort_values(["period_start", "period_end"])
    rows = _on_spine(cells, spine.periods(*extent, measure.frequency))
    absent = rows["records"].isna()
    status = _status(rows).mask(absent | rows["value"].isna(), "unknown")
    if measure.zero_means:
        whole, touched = spine.covered(rows, needed)
        rows.loc[absent & whole, "value"] = 0.0
        status = status.mask(absent & whole, "none").mask(~absent & touched & ~whole, "partial")
    return rows.assign(
        status=status, records=rows["records"].fillna(0).astype("int64"), value=rows["value"].astype("float64")
    )[list(CELL)]


def _on_spine(cells: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """The cells and the periods between them; a period that a longer cell contains is not one of its own."""
    merged = wanted.merge(
        cells.drop(columns=["sender", "receiver"]), on="period_start", how="outer", suffixes=("_spine", "")
    )
    merged["period_end"] = merged["period_end"].fillna(merged["period_end_spine"])
    present = merged["records"].notna()
    reached = merged["period_end"].where(present).cummax().shift()
    return merged[present | ~(merged["period_start"] <= reached)].reset_index(drop=True)


def _status(cells: pd.DataFrame) -> pd.Series:
    import numpy as np
    import pandas as pd

    marked = [cells[mark].fillna(0).to_numpy() > 0 for mark in _MARKS]
    return pd.Series(np.select(marked, _MARKS, "final"), index=cells.index, dtype="str")


def _lives(dyad: Dyad, actors: Registry) -> list[tuple[date, date | None]]:
    known = [actors[actor] for actor in (dyad.sender, dyad.receiver) if actor != ANYONE and actor in actors]
    return [(actor.valid_from, actor.valid_to) for actor in known]


def _clipped(frame: pd.DataFrame, spec: PanelSpec, lives: list[tuple[date, date | None]]) -> pd.DataFrame:
    import pandas as pd

    if frame.empty:
        return frame
    kept = spine.alive(frame, lives)
    if spec.first:
        kept = kept[kept["period_end"] >= pd.Timestamp(spec.first)]
    if spec.last:
        kept = kept[kept["period_start"] <= pd.Timestamp(spec.last)]
    return kept


def _unit(records: Records, measure: Measure, version: str) -> str:
    """The unit that the records of a measure carry: one, or the measure would add what cannot be added."""
    import narwhals as nw

    chosen = (nw.col("source_id") == measure.source_id, nw.col("version") == version)
    held = nw.from_native(records.observations).lazy().filter(*chosen)
    indicator = measure.name.split(":")[-1].split("@")[0]
    units = held.filter(nw.col("indicator") == indicator).select("unit").unique().collect("pandas").to_native()["unit"]
    if len(units) > 1:
        raise PanelError(
            f"{measure.name} is recorded in several units: {', '.join(sorted(units.astype(str)))}",
            hint="give each unit an indicator of its own",
        )
    return str(units.iloc[0])


def _labelled(frame: pd.DataFrame, measure: Measure, line: Line, version: str, unit: str) -> pd.DataFrame:
    labels = {
        "measure": measure.name,
        "dimension": line.dimension,
        "sender": line.dyad.sender,
        "receiver": line.dyad.receiver,
        "unit": unit,
        "source_id": measure.source_id,
        "version": version,
    }
    return frame.assign(**labels)[list(COLUMNS)]


def fingerprint(frame: pd.DataFrame) -> str:
    """sha256 of a frame's rows; floats to nine significant digits, since engines add in different orders."""
    plain = frame.copy()
    for column in plain.select_dtypes("float"):
        plain[column] = plain[column].map(lambda value: "" if math.isnan(value) else f"{value:.9g}")
    for column in plain.select_dtypes("datetime"):
        plain[column] = plain[column].dt.strftime("%Y-%m-%d")
    return hashlib.sha256(plain.to_csv(index=False).encode()).hexdigest()
