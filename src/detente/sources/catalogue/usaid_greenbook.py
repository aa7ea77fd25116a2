"""The "Greenbook" workbook to obligations of aid, economic and military, account for account.

An obligation below zero is a deobligation and stays below zero.
"""

from __future__ import annotations

from pathlib import Path

from detente.sources.files import read_xlsx
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import actors_on, periods, silent_zeros, translated

SHEET = "Economic and Military Aid"
HEADER_ROW = 7
CATEGORIES = {"Economic": "aid_economic", "Military": "aid_military"}
AMOUNTS = {
    "Obligations (Historical Dollars)": ("", "USD"),
    "Obligations (Constant Dollars)": ("_constant", "USD (constant 2020)"),
}
"""Column → what it adds to the indicator's name, and its unit."""
QUARTER = {"1976.9": "1976tq"}
"""The cell holds 1976.9, and its format shows `1976tq`."""


def read(path: Path, context: Context) -> Reading:
    """Two observations a row: in dollars of the day and in constant dollars."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_xlsx(path, SHEET, context.spec.columns, header_row=HEADER_ROW)
    start, end = periods(frame["Fiscal Year"].replace(QUARTER), "fiscal_year", f"{where}: Fiscal Year")
    receiver, reasons = actors_on(frame["Country"], end, context)
    category = translated(frame["Assistance Category"], CATEGORIES, f"{where}: Assistance Category")
    base = pd.DataFrame(
        {
            "sender": "USA",
            "receiver": receiver,
            "period_start": start,
            "period_end": end,
            "item": frame["Funding Agency"] + " / " + frame["Funding Account Name"],
            "status": "final",
            "source_row": frame["row"],
        }
    )
    parts = [
        base.assign(indicator=category + suffix, value=numbers(frame[column], f"{where}: {column}"), unit=unit)
        for column, (suffix, unit) in AMOUNTS.items()
    ]
    observations = pd.concat([part[reasons.isna()] for part in parts], ignore_index=True)
    return Reading(
        rows=len(frame),
        read=int(reasons.isna().sum()),
        skipped=tally(reasons),
        observations=observations,
        coverage=silent_zeros(observations, whole=len(frame) >= (context.spec.assertions.rows or len(frame) + 1)),
    )
