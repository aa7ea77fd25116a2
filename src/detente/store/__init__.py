"""Record tables to Parquet and back, through an embedded DuckDB: nothing else in the project knows SQL."""

from detente.store.store import Added, Store

__all__ = ["Added", "Store"]
