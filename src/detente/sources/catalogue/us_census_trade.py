"""The US Census Bureau's goods trade by partner, in millions of dollars, to both directions of each dyad."""

from __future__ import annotations

from pathlib import Path

from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods

EXPORTS = "us_exports_musd"
IMPORTS = "us_imports_customs_musd"


def read(path: Path, context: Context) -> Reading:
    """Two observations a row, one for each direction."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    partner, reasons = context.actors(frame["partner"])
    start, end = periods(frame["year"], "year", f"{where}: year")
    base = pd.DataFrame(
        {"period_start": start, "period_end": end, "unit": "USD", "status": "final", "source_row": frame["row"]}
    )
    exports = (numbers(frame[EXPORTS], f"{where}: {EXPORTS}") * 1e6).round()
    imports = (numbers(frame[IMPORTS], f"{where}: {IMPORTS}") * 1e6).round()
    parts = [
        base.assign(indicator="goods_exports", sender="USA", receiver=partner, value=exports),
        base.assign(indicator="goods_imports", sender=partner, receiver="USA", value=imports),
    ]
    observations = pd.concat([part[reasons.isna()] for part in parts], ignore_index=True)
    return Reading(rows=len(frame), read=int(reasons.isna().sum()), skipped=tally(reasons), observations=observations)
