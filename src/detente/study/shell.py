"""A study folder to a report: the one shell around the stages, the only place that touches files.

import detente

study = detente.open("us-pakistan")
study.panel().frame
study.claims()
study.report()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import PanelError, unknown_name
from detente.protocol import Protocol, actors_of, parse
from detente.records import Dyad, Records, Series
from detente.study import folders
from detente.study.listing import listed, versions
from detente.study.readings import Surroundings, elsewhere, read, touching

if TYPE_CHECKING:
    import pandas as pd

    from detente.actors import Registry
    from detente.claims import Claim, Verdict
    from detente.panel import DimensionIndex, Line, Panel
    from detente.report import Findings, Reading
    from detente.sources import Catalogue, Ingested
    from detente.store import Added, Store

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def silent(_what: str, _done: int, _of: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Study:
    """A study folder, one method a stage."""

    folder: Path
    protocol: Protocol
    progress: Progress = silent

    @classmethod
    def open(cls, folder: str | Path, *, progress: Progress = silent) -> Study:
        """The study in a folder; see `detente.open`."""
        path = Path(folder)
        text = folders.text(path / "study.yml", hint=f"`detente new {path} --dyad USA PAK --at 2021-08-15` writes one")
        study = cls(path, parse(text), progress)
        study._check_names()
        return study

    def _repr_html_(self) -> str:
        """How a notebook shows it: what is asked."""
        import html

        point, dimensions = self.protocol.turning_point, self.protocol.dimensions.values()
        asked = f"{self.protocol.pair}: {point.name}, {point.date}"
        sides = ", ".join(dimension.title for dimension in dimensions)
        return f"<p><b>{html.escape(self.protocol.title)}</b></p><p>{html.escape(asked)}</p><p>{html.escape(sides)}</p>"

    @cached_property
    def actors(self) -> Registry:
        """The registry of actors, with those the study adds."""
        from detente.actors import registry

        return actors_of(self.protocol, registry())

    @cached_property
    def catalogue(self) -> Catalogue:
        """The sources the study can read: the built-in ones, and those in its folder `sources/`."""
        from detente.sources import Catalogue

        return Catalogue.of(self.folder / "sources")

    @cached_property
    def store(self) -> Store:
        """The record tables under `data/`."""
        from detente.store import Store

        return Store(self.folder / "data")

    @cached_property
    def records(self) -> Records:
        """The record tables, in memory where they are few."""
        return self.store.loaded()

    def sources(self) -> pd.DataFrame:
        """What can be read and what the study has: one row a source and version.

        Returns:
            Columns `source_id`, `title`, `version`, `held`, `files`, `records`, `covers_from`, `covers_to`, `licence`,
            `get_it_from`, `reads`, `citation`.
        """
        return listed(self.catalogue, self.store.files(), self.store.counts())

    def ingest(self, source_id: str, files: Sequence[str | Path], *, version: str = "") -> tuple[Ingested, Added]:
        """Read files of a source into the store: all of them or, if anything is wrong, none.

        Raises:
            UnknownName: No such source.
            SourceError: A file is not what the source says; UnknownLabel: it names somebody nobody knows.
            StoreError: The store cannot be written, or holds different content under the same version.
        """
        ingested = self.catalogue.ingest(source_id, [Path(file) for file in files], self.actors, version=version)
        added = self.store.add(ingested.tables)
        self.__dict__.pop("records", None)
        return ingested, added

    def lines(self) -> list[Line]:
        """What the study measures: its dimensions' lines, then those only its claims need."""
        from detente.claims import lines
        from detente.panel import Line, measures

        own = []
        for name, dimension in self.protocol.dimensions.items():
            for tracked in dimension.measures:
                dyad = self.protocol.of(tracked)
                directed = measures()[tracked.measure].directed
                own.append(Line(tracked.measure, Dyad(dyad.sender, dyad.receiver, directed), name))
        known = {(line.measure, line.dyad) for line in own}
        asked = lines(self.ledger(), self.protocol)
        return own + [replace(line, dimension="") for line in asked if (line.measure, line.dyad) not in known]

    @property
    def _pins(self) -> dict[str, str]:
        return {source: pin.version for source, pin in self.protocol.sources.items() if pin.version}

    def panel(self) -> Panel:
        """The panel of everything the study measures."""
        return self._panel

    @cached_property
    def _panel(self) -> Panel:
        from detente.panel import PanelSpec, build

        self.progress("panel", 0, 1)
        panel = build(self.records, PanelSpec(tuple(self.lines()), self._pins), self.actors)
        self.progress("panel", 1, 1)
        return panel

    def series(self, measure: str, sender: str = "", receiver: str = "") -> Series:
        """One measure of one dyad (the study's by default), within the study's windows."""
        dyad = Dyad(sender or self.protocol.dyad[0], receiver or self.protocol.dyad[1])
        windows = self.protocol.windows
        return touching(self.panel().series(dyad, measure), windows.pre.start, windows.post.end)

    def turning_points(self) -> tuple[Reading, ...]:
        """For each measure of the study's dimensions: when it changed, and whether at the claimed date or a rival's."""
        return self._readings

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        lines = [line for line in self.panel().lines() if line.dimension]
        around = Surroundings(self.panel(), self.protocol, self._elsewhere, self._untouched())
        readings = []
        for number, line in enumerate(lines):
            self.progress("turning points", number, len(lines))
            readings.append(read(line, around))
        self.progress("turning points", len(lines), len(lines))
        return tuple(readings)

    def _elsewhere(self, line: Line) -> list[Series]:
        """The measure of a line in the study's donors."""
        return self._built(elsewhere(line, self.protocol))

    def _untouched(self) -> list[Series]:
        """The measures that the turning point cannot have touched."""
        from detente.panel import Line, measures

        named = [(tracked.measure, self.protocol.of(tracked)) for tracked in self.protocol.untouched]
        return self._built(
            [Line(name, Dyad(dyad.sender, dyad.receiver, measures()[name].directed)) for name, dyad in named]
        )

    def _built(self, lines: list[Line]) -> list[Series]:
        """Lines beside those of the panel, as series; those without any record are left out."""
        from detente.panel import PanelSpec, build

        if not lines:
            return []
        panel = build(self.records, PanelSpec(tuple(lines), self._pins), self.actors)
        return [panel.series(line.dyad, line.measure) for line in panel.lines()]

    def index(self) -> tuple[DimensionIndex, ...]:
        """The index of each dimension, with its band and the range it takes under other choices."""
        return self._index

    @cached_property
    def _index(self) -> tuple[DimensionIndex, ...]:
        from detente.panel import index

        names = list(self.protocol.dimensions)
        done = []
        for number, name in enumerate(names):
            self.progress("dimensions", number, len(names))
            done.append(index(self.panel(), self.protocol, name, seed=self.protocol.seed))
        self.progress("dimensions", len(names), len(names))
        return tuple(done)

    def ledger(self) -> list[Claim]:
        """The claims as they are written in `claims.yml`; none where there is no such file."""
        return list(self._ledger)

    @cached_property
    def _ledger(self) -> tuple[Claim, ...]:
        from detente.claims import load

        path = self.folder / "claims.yml"
        return tuple(load(folders.text(path), name=path.name, protocol=self.protocol)) if path.exists() else ()

    def claims(self) -> list[Verdict]:
        """The verdict on each claim of the ledger."""
        return list(self._verdicts)

    @cached_property
    def _verdicts(self) -> tuple[Verdict, ...]:
        from detente.claims import run

        self.progress("claims", 0, 1)
        verdicts = run(self.ledger(), self.panel(), self.protocol)
        self.progress("claims", 1, 1)
        return tuple(verdicts)

    def lineage(self, record_ids: Sequence[str]) -> pd.DataFrame:
        """Records → source row → file → sha256 → citation; see `Store.lineage`."""
        return self.store.lineage(record_ids)

    def trace(self, measure: str, period_start: date, sender: str = "", receiver: str = "") -> pd.DataFrame:
        """The source rows behind one number of the panel."""
        from detente.panel import measures
        from detente.registry import pick

        directed = pick("measure", measure, measures()).directed
        dyad = Dyad(sender or self.protocol.dyad[0], receiver or self.protocol.dyad[1], directed)
        return self.lineage(self.panel().cell(dyad, measure, period_start))

    def revisions(self, measure: str, sender: str = "", receiver: str = "") -> pd.DataFrame:
        """The values of one line in every version of its source that the study holds: one column a version.

        Returns:
            Columns `period_start`, one per version in order, and `revised` (last known less first known value).
        """
        from detente.panel import Line, PanelSpec, build, measures
        from detente.registry import pick

        chosen = pick("measure", measure, measures())
        dyad = Dyad(sender or self.protocol.dyad[0], receiver or self.protocol.dyad[1], chosen.directed)
        files = self.store.files()
        versions = sorted(set(files.loc[files["source_id"] == chosen.source_id, "version"]))
        if not versions:
            raise PanelError(f"the study holds no {chosen.source_id}", hint=f"detente ingest … {chosen.source_id} FILE")
        columns = {}
        for version in versions:
            spec = PanelSpec((Line(measure, dyad),), {chosen.source_id: version})
            columns[version] = build(self.records, spec, self.actors).frame.set_index("period_start")["value"]
        import pandas as pd

        table = pd.DataFrame(columns)
        filled = table.bfill(axis=1).iloc[:, 0]
        revised = table.ffill(axis=1).iloc[:, -1] - filled
        return table.assign(revised=revised).reset_index()

    def findings(self) -> Findings:
        """Everything the report shows, as plain values."""
        from detente.report import Findings

        return Findings(
            protocol=self.protocol,
            panel=self.panel(),
            readings=self.turning_points(),
            index=self.index(),
            verdicts=tuple(self.claims()),
            files=self.store.files(),
            lineage=self._cells(),
            versions=versions(),
            made=date.today(),
        )

    def _cells(self) -> pd.DataFrame:
        """The records behind each number within the windows: the cell's key, then the columns of `lineage`."""
        import pandas as pd

        parts = []
        for line in self.panel().lines():
            rows = self.panel().members(line.dyad, line.measure)
            shown = (
                rows[rows["period_end"] >= pd.Timestamp(self.protocol.windows.pre.start)] if line.dimension else rows
            )
            parts.append(
                shown[["period_start", "record"]].assign(
                    measure=line.measure, sender=line.dyad.sender, receiver=line.dyad.receiver
                )
            )
        cells = pd.concat(parts, ignore_index=True)
        cells = cells.assign(record=cells["record"].str.split(" ")).explode("record").drop_duplicates()
        cells = cells.rename(
            columns={name: f"cell_{name}" for name in ("measure", "sender", "receiver", "period_start")}
        )
        return cells.merge(self.lineage(sorted(set(cells["record"]))), on="record", how="left")

    def report(self) -> Path:
        """The HTML page, with tables, figures and citations beside it, under `out/`; the page's path.

        Raises:
            StoreError: The folder cannot be written, or the disk is full; an earlier report stays as it was.
        """
        from detente.report import citations, figures, neutralised, render, tables

        findings = self.findings()
        self.progress("report", 0, 3)
        page = render(findings)
        self.progress("report", 1, 3)
        pictures = figures(findings)
        self.progress("report", 2, 3)
        out = self.folder / "out"
        with folders.replacing(out) as incoming:
            (incoming / "report.html").write_text(page, encoding="utf-8")
            (incoming / "citations.bib").write_text(citations(findings), encoding="utf-8")
            for name, picture in pictures.items():
                folders.write(incoming / "figures" / name, picture)
            for name, table in tables(findings).items():
                target = incoming / "tables" / name
                target.parent.mkdir(exist_ok=True)
                neutralised(table).to_csv(target.with_suffix(".csv"), index=False)
                table.to_parquet(target.with_suffix(".parquet"), index=False)
        self.progress("report", 3, 3)
        return out / "report.html"

    def _check_names(self) -> None:
        """Measures and sources that the protocol names must exist; the error says on which line they do not."""
        from detente.panel import measures

        for name, dimension in self.protocol.dimensions.items():
            for number, tracked in enumerate(dimension.measures):
                keys = ("dimensions", name, "measures", number, "measure")
                self._check(keys, "measure", tracked.measure, measures())
                source, colon, _ = tracked.measure.partition(":")
                if colon:
                    self._check(keys, "source", source, self.catalogue.paths)
        for number, tracked in enumerate(self.protocol.untouched):
            self._check(("untouched", number, "measure"), "measure", tracked.measure, measures())
        for source in self.protocol.sources:
            self._check(("sources", source), "source", source, self.catalogue.paths)

    def _check(self, keys: Sequence[str | int], kind: str, name: str, known: Mapping[str, object]) -> None:
        if name not in known:
            unknown = unknown_name(kind, name, known)
            raise self.protocol.place.error(keys, unknown.problem, hint=unknown.hint)
