"""The store of a study: one folder of Parquet for each set of files that was ingested.

Adding is atomic: the tables are written beside the store and renamed into it, so a process that dies in the middle
leaves the store as it was. Adding is idempotent: what is already there is left out.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import StoreError
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, TABLES, Records, Table
from detente.store import sql

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

INCOMING = ".incoming-"
LOADED = 1_000_000
"""Records up to which a study is worked on in memory."""
STALE = 3600.0
"""Seconds without a change after which a folder of incoming tables is nobody's any more."""


@dataclass(frozen=True, slots=True)
class Added:
    """What adding changed: records that are new, and records that were there already."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Store:
    """The record tables of a study, in a folder that is made when something is added."""

    folder: Path

    def add(self, tables: Mapping[str, pd.DataFrame]) -> Added:
        """Add the tables of one ingest, all or nothing.

        Args:
            tables: The complete tables of `detente.records`, ids left null.

        Raises:
            StoreError: A source's own row has two different contents, here or against what is stored; the folder
                cannot be written; the disk is full.
        """
        with self._connection() as connection, self._readable():
            fresh = {table.name: self._fresh(connection, table, tables[table.name]) for table in (EVENTS, OBSERVATIONS)}
            coverage = sql.with_ids(connection, COVERAGE, tables[COVERAGE.name])
            for table, frame in ((COVERAGE, coverage), (FILES, tables[FILES.name])):
                fresh[table.name] = sql.absent(connection, table, frame, self._relation(connection, table))
            fresh = {name: frame for name, frame in fresh.items() if len(frame)}
            if fresh:
                self._write(connection, fresh, tables[FILES.name])
        given = len(tables[EVENTS.name]) + len(tables[OBSERVATIONS.name])
        new = sum(len(fresh[table.name]) for table in (EVENTS, OBSERVATIONS) if table.name in fresh)
        return Added(new, given - new)

    def records(self) -> Records:
        """All record tables; events and observations stay on disk until they are asked for."""
        connection = sql.connect()
        with self._readable():
            events, observations = (self._relation(connection, table) for table in (EVENTS, OBSERVATIONS))
            coverage, files = (_dates(self._relation(connection, table).df(), table) for table in (COVERAGE, FILES))
        return Records(events, observations, coverage, files, lift=lambda frame: sql.lifted(connection, frame))

    def loaded(self, *, at_most: int = LOADED) -> Records:
        """All record tables, events and observations in memory where they are few: planning costs more than it saves.

        Args:
            at_most: Records that are few; above it the tables stay on disk, as in `records`.
        """
        held = self.records()
        if len(held.events) + len(held.observations) > at_most:
            return held
        with self._readable():
            events, observations = _dates(held.events.df(), EVENTS), _dates(held.observations.df(), OBSERVATIONS)
        return Records(events, observations, held.coverage, held.files)

    def files(self) -> pd.DataFrame:
        """The files that were ingested, with their sources and licences (columns: `records.FILES`)."""
        with self._connection() as connection, self._readable():
            return _dates(self._relation(connection, FILES).df(), FILES)

    def counts(self) -> dict[tuple[str, str], int]:
        """Source and version → records held."""
        with self._connection() as connection, self._readable():
            return sql.counts(*(self._relation(connection, table) for table in (EVENTS, OBSERVATIONS)))

    def lineage(self, record_ids: Sequence[str]) -> pd.DataFrame:
        """Records → source row → file → sha256 → citation: one row a record.

        Returns:
            Columns `record`, `what`, `sender`, `receiver`, `period_start`, `period_end`, `value`, `unit`, `item`,
            `status`, `source_row`, `file`, `name`, `source_id`, `version`, `title`, `licence`, `url`, `citation`.
        """
        import pandas as pd

        with self._connection() as connection, self._readable():
            asked = pd.DataFrame({"record": pd.Series(list(record_ids), dtype="str")})
            return sql.lineage(
                connection, asked, *(self._relation(connection, table) for table in (EVENTS, OBSERVATIONS, FILES))
            )

    def parquet(self, table: Table) -> list[Path]:
        """The Parquet files that hold a table."""
        return sorted(self.folder.glob(f"[!.]*/*/{table.name}.parquet"))

    def _relation(self, connection: duckdb.DuckDBPyConnection, table: Table) -> duckdb.DuckDBPyRelation:
        return sql.relation(connection, table, self.parquet(table))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except sql.Broken as error:
            raise StoreError(
                f"the store in {self.folder.name} cannot be read: {error}",
                hint=f"delete the folder {self.folder.name}/ and ingest again: all it holds comes from the files",
            ) from error

    def _fresh(self, connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows that the store does not hold yet, with their ids."""
        if frame.empty:
            return frame
        stamped = sql.with_ids(connection, table, frame)
        held = self._relation(connection, table)
        twice = sql.conflicts(connection, table, stamped, held)
        if twice:
            raise StoreError(
                f"{len(twice)} rows contradict what is there under the same source and version, such as {twice[0]}",
                hint="a new edition of a file needs its own version: detente ingest … --version NAME",
            )
        return sql.unknown(connection, table, stamped, held)

    def _write(
        self, connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pd.DataFrame], files: pd.DataFrame
    ) -> None:
        incoming = self.folder / f"{INCOMING}{uuid.uuid4().hex}"
        digest = hashlib.sha256("".join(sorted(files["file"])).encode()).hexdigest()[:12]
        version = re.sub(r"[^A-Za-z0-9.-]+", "_", str(files["version"].iloc[0]))
        target = self.folder / str(files["source_id"].iloc[0]) / f"{version}-{digest}"
        try:
            _sweep(self.folder)
            incoming.mkdir(parents=True)
            for name, frame in tables.items():
                sql.write(connection, TABLES[name], frame, incoming / f"{name}.parquet")
            target.parent.mkdir(exist_ok=True)
            _settle(incoming, target)
        except (OSError, sql.Broken) as error:
            raise _unwritable(self.folder, error) from error
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    @contextmanager
    def _connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = sql.connect()
        try:
            yield connection
        finally:
            connection.close()


def _sweep(folder: Path) -> None:
    """Remove what a process left that died while it wrote; one that still writes has touched its folder lately."""
    for left in folder.glob(f"{INCOMING}*"):
        touched = max((path.stat().st_mtime for path in (left, *left.iterdir())), default=0.0)
        if time.time() - touched > STALE:
            shutil.rmtree(left, ignore_errors=True)


def _settle(incoming: Path, target: Path) -> None:
    """Make the new folder part of the store: everything is on disk before the one rename that shows it."""
    for path in incoming.iterdir():
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    if target.exists():
        # The same files again, with rows the store lacked: they join as a folder of their own.
        target = target.with_name(f"{target.name}-{uuid.uuid4().hex[:6]}")
    incoming.rename(target)


def _unwritable(folder: Path, error: Exception) -> StoreError:
    full = (isinstance(error, OSError) and error.errno == errno.ENOSPC) or "No space left" in str(error)
    if full:
        return StoreError("the disk is full; the store is as it was before", hint="free some space and try again")
    return StoreError(
        f"{folder.name} cannot be written ({error}); the store is as it was before",
        hint="check that the study's folder is yours and not read-only",
    )


def _dates(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    import pandas as pd

    days = [name for name, kind in table.columns.items() if kind == "DATE"]
    words = [name for name, kind in table.columns.items() if kind == "VARCHAR"]
    typed = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in days}
    return frame.assign(**typed, **{name: frame[name].astype("str") for name in words})
