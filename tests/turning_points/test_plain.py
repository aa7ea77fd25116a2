"""What people have in hand becomes a series, or an error that names the repair."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from detente.errors import SeriesError
from detente.turning_points.plain import as_day, as_series, told
from detente.turning_points.timeline import observed

VALUES = [1.0, 2.0, 3.0, 5.0]


def _labels(series):
    timeline = observed(series, least=1)
    return [timeline.label(at) for at in range(len(timeline.starts))]


@pytest.mark.parametrize(
    ("index", "frequency", "labels"),
    [
        (pd.period_range("2001", periods=4, freq="Y"), "year", ["2001", "2002", "2003", "2004"]),
        (pd.period_range("2021", periods=4, freq="Y-SEP"), "fiscal_year", ["FY2021", "FY2022", "FY2023", "FY2024"]),
        (pd.period_range("2001-11", periods=4, freq="M"), "month", ["2001-11", "2001-12", "2002-01", "2002-02"]),
        (pd.period_range("2001Q3", periods=4, freq="Q"), "quarter", ["2001 Q3", "2001 Q4", "2002 Q1", "2002 Q2"]),
        (pd.date_range("2001-01-01", periods=4, freq="YS"), "year", ["2001", "2002", "2003", "2004"]),
        (pd.date_range("2001-12-31", periods=4, freq="YE"), "year", ["2001", "2002", "2003", "2004"]),
        (pd.date_range("2001-01-31", periods=4, freq="ME"), "month", ["2001-01", "2001-02", "2001-03", "2001-04"]),
        (pd.date_range("2001-01-15", periods=4, freq="7D"), "week", ["2001-01-15"]),
        (pd.date_range("2001-02-27", periods=4, freq="D"), "day", ["2001-02-27"]),
        ([2001, 2002, 2003, 2004], "year", ["2001", "2002", "2003", "2004"]),
        (["FY2001", "FY2002", "FY2003", "FY2004"], "fiscal_year", ["FY2001", "FY2002", "FY2003", "FY2004"]),
        (["2001Q1", "2001Q2", "2001Q3", "2001Q4"], "quarter", ["2001 Q1", "2001 Q2", "2001 Q3", "2001 Q4"]),
        (["2001-05", "2001-06", "2001-07", "2001-08"], "month", ["2001-05", "2001-06", "2001-07", "2001-08"]),
        ([date(2001, 1, 1), date(2002, 1, 1), date(2003, 1, 1), date(2004, 1, 1)], "year", ["2001"]),
        (None, "number", ["0", "1", "2", "3"]),
        ([7, 8, 9, 10], "number", ["7", "8", "9", "10"]),
    ],
)
def test_periods_keep_their_names(index, frequency, labels):
    series = as_series(pd.Series(VALUES, index=index, name="aid"))
    assert series.frequency == frequency
    assert _labels(series)[: len(labels)] == labels
    assert series.name == "aid"


def test_a_fiscal_year_keeps_its_dates():
    series = as_series(pd.Series(VALUES, index=["FY2020", "FY2021", "FY2022", "FY2023"]))
    assert str(series.frame["period_start"][1].date()) == "2020-10-01"
    assert str(series.frame["period_end"][1].date()) == "2021-09-30"


def test_a_missing_period_is_unknown_not_closed_up():
    series = as_series(pd.Series(VALUES, index=[2001, 2002, 2005, 2006]))
    assert series.frame["value"].isna().tolist() == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    "given",
    [
        VALUES,
        tuple(VALUES),
        np.array(VALUES),
        pa.array(VALUES),
        pa.chunked_array([VALUES]),
        pa.table({"year": [0, 1, 2, 3], "value": VALUES}),
        pd.DataFrame({"year": [0, 1, 2, 3], "value": VALUES}),
        pd.DataFrame({"value": VALUES}),
    ],
)
def test_arrays_and_tables_are_taken(given):
    series = as_series(given, name="aid", unit="USD")
    assert series.frame["value"].tolist() == VALUES
    assert (series.name, series.unit) == ("aid", "USD")


def test_polars_is_taken():
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame({"month": ["2001-01", "2001-02"], "value": [1.0, None]})
    assert as_series(frame).frequency == "month"
    assert as_series(polars.Series("aid", VALUES)).name == "aid"


def test_a_series_comes_back_as_it_is():
    series = as_series(VALUES)
    assert as_series(series) is series


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "no values"),
        ([[1.0, 2.0], [3.0, 4.0]], "2 dimensions"),
        (["a", "b"], "not numbers"),
        (pd.Series(VALUES, index=[2001, 2001, 2002, 2003]), "several values for 2001"),
        (pd.Series(VALUES, index=[2003, 2001, 2002, 2004]), "out of order"),
        (pd.Series(VALUES, index=pd.to_datetime(["2001-01-01"] * 2 + ["2001-02-01", "2001-03-01"])), "several values"),
        (pd.Series(VALUES, index=pd.to_datetime(["2001-01-01", "2001-01-09", "2001-01-20", "2001-03-30"])), "uneven"),
        (pd.Series(VALUES, index=pd.to_datetime(["2001-01-01", None, "2001-01-20", "2001-03-30"])), "without a period"),
        (pd.Series(VALUES, index=["2001", "2002", "spring", "2004"]), "'spring'"),
        (pd.Series(VALUES, index=[0.5, 1.5, 2.5, 3.5]), "no whole numbers"),
        (pd.Series(VALUES, index=[-2, -1, 0, 1]), "negative"),
        (pd.Series(VALUES, index=pd.date_range("2001-01-01", periods=4, freq="h").to_period("h")), "'h'"),
        (pd.DataFrame({"a": VALUES, "b": VALUES, "c": VALUES}), "3 columns"),
    ],
)
def test_what_is_no_series_is_refused_with_a_hint(given, says):
    with pytest.raises(SeriesError, match=says) as caught:
        as_series(given)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (date(2001, 5, 17), date(2001, 5, 17)),
        (pd.Timestamp("2001-05-17"), date(2001, 5, 17)),
        ("2001-05-17", date(2001, 5, 17)),
        ("2001-05", date(2001, 5, 1)),
        ("2001Q2", date(2001, 4, 1)),
        ("FY2001", date(2000, 10, 1)),
        (2001, date(2001, 1, 1)),
    ],
)
def test_a_date_can_be_written_in_every_form(at, day):
    assert as_day(at, as_series(pd.Series(VALUES, index=[2001, 2002, 2003, 2004]))) == day


def test_numbered_periods_take_and_give_numbers():
    series = as_series(VALUES)
    assert told(as_day(2, series), series.frequency) == 2
    with pytest.raises(SeriesError, match="numbered"):
        as_day("2001-05-17", series)
    with pytest.raises(SeriesError, match="no date"):
        as_day("spring", as_series(pd.Series(VALUES, index=[2001, 2002, 2003, 2004])))
