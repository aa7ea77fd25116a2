"""Figures of the Congressional Research Service to appropriations for Pakistan and coalition support paid to it.

The first row is one period of six fiscal years, not a year. Coalition support is a reimbursement, not aid.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers
from detente.sources.table import periods

if TYPE_CHECKING:
    import pandas as pd

INDICATORS = {
    "security_related_musd": "crs_security",
    "economic_related_musd": "crs_economic",
    "coalition_support_funds_musd": "crs_coalition_support",
    "grand_total_musd": "crs_total",
    "fmf_musd": "crs_fmf",
    "pcf_pccf_musd": "crs_pcf",
}
PARTS = ["security_related_musd", "economic_related_musd", "coalition_support_funds_musd"]
TOTAL = "grand_total_musd"
ROUNDING = 1
"""Millions by which rounded parts may miss their total (FY2018: 23 and 84 make 108)."""
REVISED = "CSF partial"


def read(path: Path, context: Context) -> Reading:
    """Six observations a row; an empty cell is an observation of unknown value."""
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    amounts = pd.DataFrame({column: numbers(frame[column], f"{where}: {column}") for column in INDICATORS})
    _check_sums(frame, amounts, where)
    first, _ = periods(frame["fiscal_year"].str.split("-").str[0], "fiscal_year", f"{where}: fiscal_year")
    _, last = periods(frame["fiscal_year"].str.split("-").str[-1], "fiscal_year", f"{where}: fiscal_year")
    base = pd.DataFrame(
        {
            "sender": "USA",
            "receiver": "PAK",
            "period_start": first,
            "period_end": last,
            "unit": "USD",
            "item": frame["edition"].str.split(" (", regex=False).str[0],
            "source_row": frame["row"],
        }
    )
    status = _status(frame["edition"], amounts)
    observations = pd.concat(
        [
            base.assign(indicator=name, value=(amounts[column] * 1e6).round(), status=status[column])
            for column, name in INDICATORS.items()
        ],
        ignore_index=True,
    )
    return Reading(rows=len(frame), read=len(frame), observations=observations)


def _check_sums(frame: pd.DataFrame, amounts: pd.DataFrame, where: str) -> None:
    wrong = (amounts[PARTS].sum(axis="columns") - amounts[TOTAL]).abs() > ROUNDING
    if wrong.any():
        raise SourceError(
            f"{where}: parts and grand total differ in {frame.loc[wrong, 'row'].iloc[0]}",
            hint="compare the row with the report; a part may have been revised without the total",
        )


def _status(edition: pd.Series, amounts: pd.DataFrame) -> pd.DataFrame:
    """`partial` where coalition support is known to be incomplete, and for the totals that lack it."""
    import pandas as pd

    status = pd.DataFrame("final", index=amounts.index, columns=amounts.columns)
    support = "coalition_support_funds_musd"
    revised = edition.str.contains(REVISED, regex=False)
    status.loc[revised, support] = "partial"
    status.loc[revised | amounts[support].isna(), TOTAL] = "partial"
    return status
