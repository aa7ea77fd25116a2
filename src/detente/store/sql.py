"""All SQL of the project: small statements over tables whose columns `detente.records` defines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from detente.records import OBSERVATIONS, Table

if TYPE_CHECKING:
    import pandas as pd

Broken = duckdb.Error


def connect() -> duckdb.DuckDBPyConnection:
    """A private database in memory, bounded so that a study fits a laptop."""
    return duckdb.connect(config={"memory_limit": "600MB", "threads": 2, "preserve_insertion_order": True})


def relation(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path]) -> duckdb.DuckDBPyRelation:
    """A table in Parquet files; empty, but with its columns, where there are none."""
    if paths:
        return connection.read_parquet([str(path) for path in paths]).select(*table.columns)
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in table.columns.items())
    return connection.sql(f"SELECT {columns} LIMIT 0")


def lifted(connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame) -> duckdb.DuckDBPyRelation:
    """A small pandas frame as a relation of the same database."""
    return connection.from_df(frame)


def with_ids(connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its ids: a hash of the content without the file, so that a row in two files is one record."""
    content = [name for name in table.columns if name not in (table.id_column, "file")]
    parts = ", ".join(f"coalesce(CAST({_typed(table, name)} AS VARCHAR), '␀')" for name in content)
    others = ", ".join(f"{_typed(table, name)} AS {name}" for name in table.columns if name != table.id_column)
    identifier = f"substr(md5(concat_ws('␟', {parts})), 1, 16) AS {table.id_column}"
    _name(connection, given=frame)
    return _frame(connection, f"SELECT {identifier}, {others} FROM given")


def _typed(table: Table, name: str) -> str:
    return f"CAST({name} AS {table.columns[name]})"


CELL = "source_id, version, indicator, sender, receiver, period_start, period_end, item"
OWN_ID = "source_id, version, kind, sender, receiver, CASE WHEN source_row LIKE 'row %' THEN file END, source_row"


def _identity(table: Table) -> list[str]:
    """What makes two records in different files the same: the source's own id, or the cell they fill."""
    return (CELL if table is OBSERVATIONS else OWN_ID).split(", ")


def _content(table: Table) -> str:
    """What must agree between two records that are the same; a sum of hashes, for the order of rows means nothing."""
    if table is OBSERVATIONS:
        return "(count(*), sum(hash(value, low, high, unit, status)))"
    return f"(count(DISTINCT {table.id_column}), sum(DISTINCT hash({table.id_column})))"


def conflicts(
    connection: duckdb.DuckDBPyConnection, table: Table, fresh: pd.DataFrame, held: duckdb.DuckDBPyRelation
) -> list[str]:
    """Rows that differ from what is held, or from another file's, or share one id of the source's own; sorted."""
    _name(connection, given=fresh, held=held)
    keys = _identity(table)
    numbered = ", ".join(f"k{number}" for number in range(len(keys)))
    found = connection.sql(
        f"""WITH old AS (
            SELECT {_numbered(keys)}, {_content(table)} AS content FROM held
            WHERE source_id IN (SELECT source_id FROM given) GROUP BY {numbered}),
        new AS (
            SELECT {_numbered(keys)}, {_content(table)} AS content, min(source_row) AS place FROM given
            GROUP BY {numbered}, file)
        SELECT new.place FROM new JOIN old ON {_same(keys)} WHERE new.content IS DISTINCT FROM old.content
        UNION SELECT min(place) FROM new GROUP BY {numbered} HAVING count(DISTINCT content) > 1
        UNION SELECT min(source_row) FROM given WHERE source_row NOT LIKE 'row %'
            GROUP BY {", ".join(table.key)} HAVING count(DISTINCT {table.id_column}) > 1
        ORDER BY 1"""
    ).fetchall()
    return [str(row[0]) for row in found]


def unknown(
    connection: duckdb.DuckDBPyConnection, table: Table, fresh: pd.DataFrame, held: duckdb.DuckDBPyRelation
) -> pd.DataFrame:
    """The rows of *fresh* that are not held, each once: of a cell that several files fill, one file's rows."""
    _name(connection, given=fresh, held=held)
    keys, own = _identity(table), table.id_column
    numbered = ", ".join(f"k{number}" for number in range(len(keys)))
    return _frame(
        connection,
        f"""WITH known AS (SELECT * FROM held WHERE source_id IN (SELECT source_id FROM given)),
        old AS (SELECT DISTINCT {_numbered(keys)} FROM known),
        named AS (SELECT *, {_numbered(keys)} FROM given),
        new AS (
            SELECT *, row_number() OVER (PARTITION BY {own} ORDER BY file) AS copy,
                min(file) OVER (PARTITION BY {numbered}) AS first_file
            FROM named)
        SELECT {", ".join(table.columns)} FROM new ANTI JOIN old ON {_same(keys)}
        WHERE copy = 1 AND file = first_file AND {own} NOT IN (SELECT {own} FROM known) ORDER BY {own}""",
    )


def absent(
    connection: duckdb.DuckDBPyConnection, table: Table, fresh: pd.DataFrame, held: duckdb.DuckDBPyRelation
) -> pd.DataFrame:
    """The rows of *fresh* whose key is not held; for the small tables."""
    _name(connection, given=fresh, held=held)
    same = " AND ".join(f"given.{name} IS NOT DISTINCT FROM held.{name}" for name in table.key)
    return _frame(connection, f"SELECT given.* FROM given ANTI JOIN held ON {same}")


def _name(connection: duckdb.DuckDBPyConnection, **tables: pd.DataFrame | duckdb.DuckDBPyRelation) -> None:
    """Give frames and relations the names that a statement calls them by."""
    for name, table in tables.items():
        relation = table if isinstance(table, duckdb.DuckDBPyRelation) else connection.from_df(table)
        relation.create_view(name, replace=True)


def _frame(connection: duckdb.DuckDBPyConnection, statement: str) -> pd.DataFrame:
    frame: pd.DataFrame = connection.sql(statement).df()
    return frame


def _numbered(keys: Sequence[str]) -> str:
    return ", ".join(f"{column} AS k{number}" for number, column in enumerate(keys))


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f"new.k{number} IS NOT DISTINCT FROM old.k{number}" for number in range(len(keys)))


def lineage(
    connection: duckdb.DuckDBPyConnection,
    asked: pd.DataFrame,
    events: duckdb.DuckDBPyRelation,
    observations: duckdb.DuckDBPyRelation,
    files: duckdb.DuckDBPyRelation,
) -> pd.DataFrame:
    """The records asked for, with the file and the source each came from."""
    _name(connection, wanted=asked, events=events, observations=observations, files=files)
    return _frame(
        connection,
        """WITH found AS (
            SELECT event_id AS record, kind AS what, sender, receiver, date AS period_start, date_end AS period_end,
                fatalities AS value, 'event' AS unit, coalesce(text, item) AS item, status, source_row, file, source_id,
                version
            FROM events WHERE event_id IN (SELECT record FROM wanted)
            UNION ALL
            SELECT observation_id, indicator, sender, receiver, period_start, period_end, value, unit, item, status,
                source_row, file, source_id, version
            FROM observations WHERE observation_id IN (SELECT record FROM wanted))
        SELECT found.*, files.name, files.title, files.licence, files.url, files.citation
        FROM found LEFT JOIN files USING (file, source_id, version) ORDER BY record""",
    )


def write(connection: duckdb.DuckDBPyConnection, table: Table, frame: pd.DataFrame, path: Path) -> None:
    """A table to a Parquet file, its columns typed and in order."""
    columns = ", ".join(f"{_typed(table, name)} AS {name}" for name in table.columns)
    _name(connection, given=frame)
    connection.sql(f"SELECT {columns} FROM given").write_parquet(str(path), compression="zstd")


def counts(*tables: duckdb.DuckDBPyRelation) -> dict[tuple[str, str], int]:
    """Source and version → rows, over these tables."""
    found: dict[tuple[str, str], int] = {}
    for table in tables:
        for source, version, rows in table.aggregate("source_id, version, count(*)", "source_id, version").fetchall():
            found[source, version] = found.get((source, version), 0) + int(rows)
    return found
