"""Whatever holds values in time to a `Series`: pandas, polars, Arrow and arrays."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from detente.errors import SeriesError
from detente.records import NUMBERED, Dyad, Series, Spacing

if TYPE_CHECKING:
    import pandas as pd

YEARS = (1000, 2500)
"""Whole numbers in this range are years; others are numbers of periods."""
_NAMES: dict[str, Spacing] = {"M": "month", "Q-DEC": "quarter", "Y-DEC": "year", "D": "day"}
_TEXTS = {
    "Y-DEC": re.compile(r"\d{4}"),
    "Y-SEP": re.compile(r"FY ?\d{4}", re.IGNORECASE),
    "M": re.compile(r"\d{4}(-|M)(0[1-9]|1[0-2])", re.IGNORECASE),
    "Q-DEC": re.compile(r"\d{4}[- ]?Q[1-4]", re.IGNORECASE),
}


def as_series(values: Any, *, name: str = "", unit: str = "") -> Series:
    """Give the series that *values* are; a `Series` comes back as it is.

    The periods come from the index: a period index, or dates, years or texts ("2021", "2021-05", "2021Q3", "FY2021",
    "2021-05-17") at even distances; missing periods become unknown. Values without an index have numbers, from 0.

    Args:
        values: A pandas Series, or a data frame (pandas, polars, Arrow) of two columns, period and value; or a polars
            or Arrow column, an array or a list.
        name: What to call it; the name of the pandas Series where not said.
        unit: Unit of the values.

    Raises:
        SeriesError: Values that are no numbers, periods that are double, out of order or at uneven distances.
    """
    import pandas as pd

    if isinstance(values, Series):
        return values
    column = _column(values)
    called = name or ("" if column.name is None else str(column.name)) or "the series"
    periods = _periods(column.index, called)
    if isinstance(periods, pd.PeriodIndex):
        frame, frequency = _dated(periods, _numbers(column, called))
    else:
        frame, frequency = _numbered(periods, _numbers(column, called)), "number"
    return Series(called, Dyad("", ""), unit, frequency, frame, title=called)


def as_day(at: Any, series: Series) -> date:
    """Give the day that *at* means for a series: a date or its text, or for years and numbers a whole number.

    Raises:
        SeriesError: It is none of them.
    """
    import pandas as pd

    if isinstance(at, datetime):
        return at.date()
    if isinstance(at, date):
        return at
    text = str(at).strip()
    if series.frequency == "number" and re.fullmatch(r"\d+", text):
        return NUMBERED + timedelta(days=int(text))
    try:
        found: date = _read(pd.Index([text]), "the date")[0].start_time.date()
    except SeriesError as problem:
        raise SeriesError(f"{at!r} is no date", hint="write 2021-08-15, or 2021-08, or 2021") from problem
    if series.frequency == "number":
        raise SeriesError(f"{series.name} has numbered periods, not dates", hint="name the event by its number")
    return found


def told(day: date, series_frequency: Spacing) -> str | int:
    """How a machine is told a period: its first day, or its number."""
    return (day - NUMBERED).days if series_frequency == "number" else day.isoformat()


def _column(values: Any) -> pd.Series[Any]:
    """The values as a pandas Series, whose index holds the periods."""
    import numpy as np
    import pandas as pd

    given = values if isinstance(values, pd.Series | pd.DataFrame) else None
    if given is None and hasattr(values, "to_pandas"):
        given = values.to_pandas()
    if isinstance(given, pd.DataFrame):
        if len(given.columns) == 1:
            return given.iloc[:, 0]
        if len(given.columns) != 2:
            raise SeriesError(
                f"a table of {len(given.columns)} columns is no series", hint="give two columns: period and value"
            )
        return given.set_index(given.columns[0]).iloc[:, 0]
    if isinstance(given, pd.Series):
        return given
    plain = np.asarray(values, dtype=object)
    if plain.ndim != 1:
        raise SeriesError(f"values of {plain.ndim} dimensions are no series", hint="give one value a period")
    return pd.Series(list(plain), dtype=object)


def _numbers(column: pd.Series[Any], name: str) -> Any:
    import numpy as np
    import pandas as pd

    try:
        return pd.to_numeric(column.astype(object).where(column.notna(), np.nan)).to_numpy(dtype=float)
    except (ValueError, TypeError) as problem:
        raise SeriesError(
            f"{name} holds values that are not numbers: {problem}", hint="leave unknown values empty (NaN)"
        ) from problem


def _periods(index: pd.Index[Any], name: str) -> pd.Index[Any]:
    """The index as periods, or as whole numbers; its order is checked."""
    import pandas as pd

    if len(index) == 0:
        raise SeriesError(f"{name} has no values", hint="give one value a period")
    if isinstance(index, pd.PeriodIndex):
        found: pd.Index[Any] = index
    elif isinstance(index, pd.DatetimeIndex):
        found = _spaced(index, name)
    elif pd.api.types.is_numeric_dtype(index):
        found = _whole(index, name)
    elif all(isinstance(one, date) for one in index):
        found = _spaced(pd.DatetimeIndex(index), name)
    else:
        found = _read(index, name)
    _refuse_disorder(found, name)
    return found


def _refuse_disorder(periods: pd.Index[Any], name: str) -> None:
    if periods.hasnans:
        raise SeriesError(f"{name} has rows without a period", hint="drop them, or say when they were")
    if periods.has_duplicates:
        twice = periods[periods.duplicated()][0]
        raise SeriesError(f"{name} has several values for {twice}", hint="keep one row a period")
    if not periods.is_monotonic_increasing:
        raise SeriesError(f"{name} has periods out of order", hint="sort by period")


def _whole(index: pd.Index[Any], name: str) -> pd.Index[Any]:
    """Whole numbers: years where they look like years, or else numbers of periods."""
    import pandas as pd

    numbers = pd.Index(index.to_numpy(dtype=float))
    if numbers.hasnans or (numbers != numbers.astype("int64")).any():
        raise SeriesError(f"{name} has periods that are no whole numbers", hint="use dates, years or 0, 1, 2, …")
    whole: pd.Index[Any] = numbers.astype("int64")
    low, high = int(whole.min()), int(whole.max())
    if YEARS[0] <= low and high <= YEARS[1] and not isinstance(index, pd.RangeIndex):
        return pd.PeriodIndex([f"{year}" for year in whole], freq="Y-DEC")
    if low < 0:
        raise SeriesError(f"{name} has negative periods", hint="count from 0, or use dates")
    return whole


def _read(labels: pd.Index[Any], name: str) -> pd.PeriodIndex:
    """Texts as periods, all in one form."""
    import pandas as pd

    texts = [str(one).strip() for one in labels]
    for freq, form in _TEXTS.items():
        if all(form.fullmatch(text) for text in texts):
            plain = [re.sub(r"(?i)^FY ?|[- ](?=Q)", "", text).upper().replace("M", "-") for text in texts]
            return pd.PeriodIndex(plain, freq=freq)
    try:
        return _spaced(pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601")), name)
    except (ValueError, TypeError) as problem:
        forms = (*_TEXTS.values(), re.compile(r"\d{4}-\d{2}-\d{2}.*"))
        odd = next((text for text in texts if not any(form.fullmatch(text) for form in forms)), texts[0])
        raise SeriesError(
            f"{name} has a period that cannot be read: {odd!r}",
            hint="write all as 2021, 2021-05, 2021Q3, FY2021 or 2021-05-17",
        ) from problem


def _spaced(times: pd.DatetimeIndex, name: str) -> pd.PeriodIndex:
    """Dates as the periods they stand for: the longest of which each holds one date, at the same place in it."""
    import numpy as np

    if times.hasnans:
        raise SeriesError(f"{name} has rows without a period", hint="drop them, or say when they were")
    days = times.tz_localize(None).normalize()
    months = np.asarray(days.year * 12 + days.month)
    apart = np.diff(months)
    even = len(set(days.day)) == 1 or bool(days.is_month_end.all()) or bool((apart >= 1).all() and len(days) > 2)
    if even and len(days) > 1 and (apart > 0).all():
        return days.to_period(_months_apart(days, apart))
    steps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(int)
    if len(steps) and (steps > 0).all() and (steps % 7 == 0).all():
        last = (days[0] + np.timedelta64(6, "D")).strftime("%a").upper()
        return days.to_period(f"W-{last}")
    if len(steps) == 0 or steps.min() <= 1:
        return days.to_period("D")
    raise SeriesError(
        f"{name} has dates at uneven distances", hint="use periods: series.to_period('M'), or write 2021-05"
    )


def _months_apart(days: pd.DatetimeIndex, apart: Any) -> str:
    """Years, quarters or months; years that start or end within the calendar year keep their own months."""
    if (apart % 12 == 0).all():
        closes = days.is_month_end.all()
        last = days[0].month if closes else (days[0].month - 2) % 12 + 1
        starts = closes or (days.day == 1).all()
        names = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
        return f"Y-{names[last - 1]}" if starts else "Y-DEC"
    return "Q-DEC" if (apart % 3 == 0).all() else "M"


def _dated(periods: pd.PeriodIndex, values: Any) -> tuple[pd.DataFrame, Spacing]:
    """Every period from the first to the last; those without a value are unknown."""
    import pandas as pd

    freq = str(periods.freqstr)
    frequency = _NAMES.get(freq) or {"Y": "fiscal_year", "W": "week"}.get(freq.split("-", maxsplit=1)[0])
    if frequency is None:
        raise SeriesError(f"periods of frequency {freq!r}", hint="use years, quarters, months, weeks or days")
    every = pd.period_range(periods[0], periods[-1], freq=periods.freq)
    known = pd.Series(values, index=periods).reindex(every)
    frame = pd.DataFrame(
        {
            "period_start": every.start_time.to_numpy(),
            "period_end": every.end_time.normalize().to_numpy(),
            "value": known.to_numpy(),
        }
    )
    return frame.astype({"period_start": "datetime64[s]", "period_end": "datetime64[s]"}), frequency  # type: ignore[return-value]


def _numbered(numbers: pd.Index[Any], values: Any) -> pd.DataFrame:
    import pandas as pd

    every = pd.RangeIndex(int(numbers[0]), int(numbers[-1]) + 1)
    known = pd.Series(values, index=numbers).reindex(every)
    days = pd.to_datetime(every.to_numpy(), unit="D", origin=pd.Timestamp(NUMBERED)).astype("datetime64[s]")
    return pd.DataFrame({"period_start": days, "period_end": days, "value": known.to_numpy()})
