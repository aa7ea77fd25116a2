"""The IMF's Direction of Trade Statistics to goods trade, as one reporter sees it.

Goods flow from sender to receiver in both indicators. Exports are valued free on board, imports with freight and
insurance: the two sides of a balance are not on one basis.
"""

from __future__ import annotations

from pathlib import Path

from detente.errors import SourceError
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods

EXPORTS = "Goods, Value of Exports, Free on board (FOB), US Dollars (TXG_FOB_USD)"
IMPORTS = "Goods, Value of Imports, Cost, Insurance, Freight (CIF), US Dollars (TMG_CIF_USD)"
FLAGS = ["Status", "Status.1"]


def read(path: Path, context: Context) -> Reading:
    """Two observations a row, one for each direction; an empty cell is an observation of unknown value."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    flagged = frame[(frame[FLAGS] != "").any(axis="columns")]
    if len(flagged):
        raise SourceError(
            f"{where}: {len(flagged)} rows carry a status flag, such as {flagged['row'].iloc[0]}",
            hint="earlier files had none; look up what the flag means and teach the reader",
        )
    reporter, no_reporter = context.actors(frame["Country Code"], scheme="imf")
    partner, no_partner = context.actors(frame["Counterpart Country Code"], scheme="imf")
    reasons = no_reporter.fillna(no_partner)
    start, end = periods(frame["Time Period"], "year", f"{where}: Time Period")
    base = pd.DataFrame(
        {"period_start": start, "period_end": end, "unit": "USD", "status": "final", "source_row": frame["row"]}
    )
    exports = numbers(frame[EXPORTS], f"{where}: {EXPORTS}")
    imports = numbers(frame[IMPORTS], f"{where}: {IMPORTS}")
    parts = [
        base.assign(indicator="exports_fob", sender=reporter, receiver=partner, value=exports),
        base.assign(indicator="imports_cif", sender=partner, receiver=reporter, value=imports),
    ]
    observations = pd.concat([part[reasons.isna()] for part in parts], ignore_index=True)
    return Reading(rows=len(frame), read=int(reasons.isna().sum()), skipped=tally(reasons), observations=observations)
