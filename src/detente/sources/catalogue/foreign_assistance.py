"""The country summary of ForeignAssistance.gov to obligations, disbursements, appropriations and requests.

It knows no economic and military aid apart. Each kind of transaction has its own base year of constant dollars.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.sources.files import opened, read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.spec import Columns
from detente.sources.table import actors_on, periods, silent_zeros, translated

if TYPE_CHECKING:
    import pandas as pd

INDICATORS = {
    "Obligations": "aid_obligations",
    "Disbursements": "aid_disbursements",
    "Appropriated and Planned": "aid_appropriations",
    "President's Budget Requests": "aid_requests",
}
BASE_YEARS = {
    "Obligations": "2024",
    "Disbursements": "2024",
    "Appropriated and Planned": "2022",
    "President's Budget Requests": "2022",
}
"""Years in which constant and current amounts agree, in this vintage of the file."""
COMPLETE_SINCE = {"aid_appropriations": "2005-10-01", "aid_requests": "2007-10-01"}
"""The years before hold one or two rows for the world: they show nothing by their silence."""


def read(path: Path, context: Context) -> Reading:
    """Two observations a row: in dollars of the day and in constant dollars."""
    import pandas as pd

    where = context.spec.source_id
    frame = _table(path, context.spec.columns)
    # A state that is gone has no code here, but the word NULL.
    labels = frame["Country Code"].where(frame["Country Code"] != "NULL", frame["Country Name"])
    start, end = periods(frame["Fiscal Year"], "fiscal_year", f"{where}: Fiscal Year")
    receiver, reasons = actors_on(labels, end, context, scheme="iso3")
    unfinished = end > pd.Timestamp(context.spec.covers.end)
    kind = frame["Transaction Type Name"]
    indicator = translated(kind, INDICATORS, f"{where}: Transaction Type Name")
    base = pd.DataFrame(
        {
            "sender": "USA",
            "receiver": receiver,
            "period_start": start,
            "period_end": end,
            "item": frame["Country Name"],
            "status": unfinished.map({True: "partial", False: "final"}),
            "source_row": frame["row"],
        }
    )
    current = numbers(frame["current_amount"], f"{where}: current_amount")
    constant = numbers(frame["constant_amount"], f"{where}: constant_amount")
    parts = [
        base.assign(indicator=indicator, value=current, unit="USD"),
        base.assign(
            indicator=indicator + "_constant", value=constant, unit="USD (constant " + kind.map(BASE_YEARS) + ")"
        ),
    ]
    observations = pd.concat([part[reasons.isna()] for part in parts], ignore_index=True)
    return Reading(
        rows=len(frame),
        read=int(reasons.isna().sum()),
        skipped=tally(reasons),
        observations=observations,
        coverage=_coverage(observations, whole=len(frame) >= (context.spec.assertions.rows or len(frame) + 1)),
    )


def _table(path: Path, columns: Columns) -> pd.DataFrame:
    """The file with the publisher's column names; a tidy copy writes them in small letters with underscores."""
    tidy = {name: name.lower().replace(" ", "_") for name in (*columns.used, *columns.ignored)}
    with opened(path) as stream:
        is_tidy = tidy[columns.used[0]].encode() in stream.readline()
    if not is_tidy:
        return read_csv(path, columns)
    known = Columns(
        used=tuple(tidy[name] for name in columns.used), ignored=tuple(tidy[name] for name in columns.ignored)
    )
    return read_csv(path, known).rename(columns={new: old for old, new in tidy.items()})


def _coverage(observations: pd.DataFrame, *, whole: bool) -> pd.DataFrame:
    import pandas as pd

    plain = observations["indicator"].str.removesuffix("_constant")
    since = pd.to_datetime(plain.map(COMPLETE_SINCE)).fillna(observations["period_start"])
    complete = (observations["period_start"] >= since) & (observations["status"] == "final")
    return silent_zeros(observations[complete], whole=whole)
