"""A source's files to record tables: strict once for all sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, Table
from detente.sources import files
from detente.sources.reading import Context, Reader, Reading
from detente.sources.spec import SourceSpec

if TYPE_CHECKING:
    import pandas as pd

    from detente.actors import Registry


@dataclass(frozen=True, slots=True)
class Ingested:
    """The records of one call: complete tables of `detente.records`, without their ids (the store gives those).

    Attributes:
        notes: What a reader of the numbers should know: lookups that matched nothing, an extract instead of the whole.
    """

    spec: SourceSpec
    tables: Mapping[str, pd.DataFrame]
    rows: int
    read: int
    skipped: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        """Events and observations together."""
        return len(self.tables["events"]) + len(self.tables["observations"])


def ingest(
    spec: SourceSpec, reader: Reader, paths: Sequence[Path], registry: Registry, *, version: str = ""
) -> Ingested:
    """Read files of one source and check what comes out.

    Args:
        version: Overrides the version in the description and in the file.

    Raises:
        SourceError: A file is not what the description says; a row is unaccounted for; an assertion fails.
        UnknownLabel: A label no actor answers to.
    """
    if not paths:
        raise SourceError(f"{spec.source_id}: no file given", hint=f"it reads {', '.join(spec.files)} from {spec.url}")
    context = Context(spec, registry)
    parts = [_one(path, reader, context, version) for path in paths]
    tables = {table.name: _joined(table, parts) for table in (EVENTS, OBSERVATIONS, COVERAGE, FILES)}
    rows = sum(part.reading.rows for part in parts)
    skipped: dict[str, int] = {}
    for part in parts:
        for reason, count in part.reading.skipped.items():
            skipped[reason] = skipped.get(reason, 0) + count
    notes = tuple(_notes(spec, context, parts))
    return Ingested(spec, tables, rows, sum(part.reading.read for part in parts), skipped, notes)


@dataclass(frozen=True, slots=True)
class _Part:
    reading: Reading
    tables: Mapping[str, pd.DataFrame]

    @property
    def records(self) -> int:
        return len(self.tables["events"]) + len(self.tables["observations"])


def _one(path: Path, reader: Reader, context: Context, version: str) -> _Part:
    files.present(path)
    digest = files.sha256(path)
    reading = reader(path, context)
    if reading.rows != reading.read + sum(reading.skipped.values()):
        raise SourceError(
            f"{context.spec.source_id}: {reading.rows} rows in {path.name}, but {reading.read} read and "
            f"{sum(reading.skipped.values())} skipped",
            hint="the reader loses rows; this is a defect of the reader, not of the file",
        )
    stamp = {
        "source_id": context.spec.source_id,
        "version": version or reading.version or context.spec.version,
        "file": digest,
    }
    return _Part(reading, dict(_tables(path, reading, context.spec, stamp)))


def _tables(
    path: Path, reading: Reading, spec: SourceSpec, stamp: dict[str, str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    import pandas as pd

    counts = 0
    for table in (EVENTS, OBSERVATIONS, COVERAGE):
        frame: pd.DataFrame | None = getattr(reading, table.name)
        complete = complete_table(table, pd.DataFrame() if frame is None else frame, stamp)
        nobody = complete["sender"].isna() | complete["receiver"].isna()
        if nobody.any():
            raise SourceError(
                f"{spec.source_id}: {int(nobody.sum())} rows of {table.name} name no sender or no receiver",
                hint="the reader keeps rows that it should skip; this is a defect of the reader, not of the file",
            )
        counts += len(complete) if table is not COVERAGE else 0
        yield table.name, complete
    source = spec.source
    about = {
        **stamp,
        "name": path.name,
        "bytes": path.stat().st_size,
        "rows": reading.rows,
        "records": counts,
        "skipped": json.dumps(dict(sorted(reading.skipped.items())), ensure_ascii=False),
        "title": source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "citation": source.citation,
        "covers_from": source.covers_from,
        "covers_to": source.covers_to,
    }
    yield "files", pd.DataFrame({name: _typed(pd.Series([about[name]]), kind) for name, kind in FILES.columns.items()})


def complete_table(table: Table, frame: pd.DataFrame, stamp: Mapping[str, str]) -> pd.DataFrame:
    """A reader's frame with every column of its table, in order and typed; the id column is left null.

    Raises:
        SourceError: The reader gave a column that the table does not have.
    """
    import pandas as pd

    extra = set(frame.columns) - set(table.columns)
    if extra:
        raise SourceError(f"the reader of {stamp['source_id']} gives unknown columns: {', '.join(sorted(extra))}")
    columns: dict[str, pd.Series] = {}
    for name, kind in table.columns.items():
        column = pd.Series(stamp[name], index=frame.index) if name in stamp else frame.get(name)
        if column is None:
            column = pd.Series(None, index=frame.index, dtype="object")
        columns[name] = _typed(column, kind)
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _typed(column: pd.Series, kind: str) -> pd.Series:
    import pandas as pd

    if kind == "DATE":
        return pd.to_datetime(column).astype("datetime64[us]")
    if kind == "DOUBLE":
        return column.astype("float64")
    if kind == "BIGINT":
        return column.astype("int64")
    return column.astype("str")


def _joined(table: Table, parts: Sequence[_Part]) -> pd.DataFrame:
    import pandas as pd

    frames = [part.tables[table.name] for part in parts if len(part.tables[table.name])]
    if not frames:
        return parts[0].tables[table.name]
    whole = pd.concat(frames, ignore_index=True)
    return whole.drop_duplicates(list(table.key), ignore_index=True) if table is COVERAGE else whole


def _notes(spec: SourceSpec, context: Context, parts: Sequence[_Part]) -> Iterator[str]:
    unused = [lookup.label for lookup in spec.lookups if lookup.label not in context.used_lookups]
    if unused:
        yield f"{len(unused)} lookups matched nothing: {', '.join(dict.fromkeys(unused[:6]))}"
    described = [part for part in parts if part.reading.version in ("", spec.version)]
    whole, rows = spec.assertions.rows, sum(part.reading.rows for part in described)
    if described and whole is not None and rows != whole:
        yield f"the whole file has {whole:,} rows in version {spec.version}; this one has {rows:,}"
    elif described and whole is not None:
        _check_records(spec, sum(part.records for part in described))


def _check_records(spec: SourceSpec, records: int) -> None:
    expected = spec.assertions.records
    if expected is not None and records != expected:
        raise SourceError(
            f"{spec.source_id}: the whole of {spec.version} gives {expected:,} records, this file {records:,}",
            hint="the publisher changed the file without a new version; compare, then set `assertions` in the .yml",
        )
