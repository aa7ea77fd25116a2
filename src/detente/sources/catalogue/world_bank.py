"""World Development Indicators to yearly attributes of states, in any of two layouts.

A file either names the series in each row (`Series Code`), or holds a single series whose code is in the file's name:
files of different series look alike inside. The series that the World Bank takes from SIPRI belong to another source,
`world_bank_military`, for their terms do not allow passing them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import ANYONE
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.table import periods, translated

if TYPE_CHECKING:
    import pandas as pd

SERIES = {
    "NY.GDP.MKTP.CD": "gdp_current",
    "NY.GDP.MKTP.KD": "gdp_constant",
    "SP.POP.TOTL": "population",
    "DC.ODA.TOTL.GN.ZS": "oda_provided_gni",
    "DC.ODA.TOTL.KD": "oda_provided_constant",
    "SE.XPD.TOTL.GB.ZS": "education_expenditure_budget",
    "SH.XPD.GHED.GD.ZS": "health_expenditure_gdp",
    "SH.XPD.GHED.GE.ZS": "health_expenditure_budget",
}
MILITARY = {
    "MS.MIL.XPND.GD.ZS": "military_expenditure_gdp",
    "MS.MIL.XPND.ZS": "military_expenditure_budget",
    "MS.MIL.MPRT.KD": "arms_imports",
    "MS.MIL.XPRT.KD": "arms_exports",
}
"""What SIPRI gathers."""
SPELLINGS = {"Year": "year", "Value": "value"}


def read(path: Path, context: Context) -> Reading:
    """One observation a row that is about a state and of a series of the World Bank's own."""
    return series(path, context, SERIES, "SIPRI's series, in source world_bank_military")


def series(path: Path, context: Context, wanted: Mapping[str, str], elsewhere: str) -> Reading:
    """One observation a row of the wanted series.

    Args:
        wanted: Code of a series → indicator.
        elsewhere: Why rows of the other known series are left out.
    """
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns).rename(columns=SPELLINGS)
    codes = _codes(frame, path, where)
    start, end = periods(_column(frame, "year", path), "year", f"{where}: year")
    state, reasons = context.actors(frame["Country Code"], scheme="wb")
    reasons = reasons.mask(~codes.isin(list(wanted)), elsewhere)
    indicator = codes.map(dict(wanted))
    units = {name: described.unit for name, described in context.spec.indicators.items()}
    observations = pd.DataFrame(
        {
            "indicator": indicator,
            "sender": state,
            "receiver": ANYONE,
            "period_start": start,
            "period_end": end,
            "value": numbers(_column(frame, "value", path), f"{where}: value"),
            "unit": indicator.map(units),
            "status": "final",
            "source_row": frame["row"],
        }
    )[reasons.isna()]
    return Reading(rows=len(frame), read=len(observations), skipped=tally(reasons), observations=observations)


def _codes(frame: pd.DataFrame, path: Path, where: str) -> pd.Series:
    """The series of each row."""
    import pandas as pd

    known = {code: code for code in (*SERIES, *MILITARY)}
    if "Series Code" in frame:
        return translated(frame["Series Code"], known, f"{where}: Series Code")
    named = [code for code in known if code in path.name]
    if len(named) != 1:
        raise SourceError(
            f"{path.name} does not say which series it holds",
            hint=f"put the code into the file's name: {', '.join(SERIES)}",
        )
    return pd.Series(named[0], index=frame.index)


def _column(frame: pd.DataFrame, name: str, path: Path) -> pd.Series:
    if name not in frame:
        raise SourceError(f"{path.name}: no column {name!r}", hint=f"found: {', '.join(map(str, frame.columns))}")
    return frame[name]
