"""Equal to R's strucchange 1.5-3 (R 4.2.2). R counts a break as the last observation of the old regime, from 1.

Tolerances: RSS, BIC and statistics 1e-6 (R's values were stored with eight decimals); breaks and intervals exact;
p-values 1e-3, save ME: R interpolates linearly in a table with four entries. 300,000 draws of Gaussian errors on the
sample's own regressors put ME at p .0218 (standard error .0003); R says .0236.
"""

import json

import numpy as np
import pandas as pd
import pytest

from detente.turning_points.dating import segmentation, stability

EXACT = 1e-6


def nile():
    from statsmodels.datasets import nile as data

    return data.load_pandas().data["volume"].to_numpy(dtype=float), np.ones((100, 1))


def test_nile_partitions_equal_r():
    """breakpoints(Nile ~ 1), strucchange 1.5-3; the data are public and ship with statsmodels."""
    y, x = nile()
    parts = segmentation.partition(y, x, least=15, max_breaks=5)
    assert parts.breaks == ((28,), (28, 83), (28, 68, 83), (28, 45, 68, 83), (15, 30, 45, 68, 83))
    rss = [2835156.75, 1597457.19444444, 1552923.6157754, 1538096.5127451, 1507888.47591645, 1659993.50042626]
    bic = [1318.24180688, 1270.08373574, 1276.46670076, 1284.71766745, 1291.94447689, 1310.76515477]
    assert parts.rss == pytest.approx(rss, abs=EXACT)
    assert parts.bic == pytest.approx(bic, abs=EXACT)
    assert parts.best == 1
    assert segmentation.date_intervals(y, x, (28,), confidence=0.95) == ((25, 28, 32),)


def test_nile_stability_tests_equal_r():
    y, x = nile()
    assert stability.f_test(y, x).stat == pytest.approx(75.92976943, abs=EXACT)
    assert stability.f_test(y, x).p < 1e-3
    assert stability.f_test(y, x, functional="ave").stat == pytest.approx(21.21466678, abs=EXACT)
    assert stability.f_test(y, x, functional="exp").stat == pytest.approx(33.75897496, abs=EXACT)
    assert stability.ols_cusum(y, x) == pytest.approx((2.9517661, 5.40855346e-08), abs=EXACT)
    assert stability.rec_cusum(y, x) == pytest.approx((2.06692089, 7.48688377e-08), abs=EXACT)
    mosum = stability.ols_mosum(y, x)
    assert mosum.stat == pytest.approx(1.5309273, abs=EXACT)
    assert mosum.p <= 0.01, "R's table ends at .01"
    assert mosum.p == pytest.approx(4.8e-4, abs=3e-4), "180,000 draws of white noise of a hundred values"


def test_interval_of_symmetric_break_is_that_of_bai():
    """Bai (1997): with equal variances the 95 % point of the symmetric distribution is 7.0, the 97.5 % point 11.03."""
    assert segmentation.argmax_cdf(11.03, 1.0, 1.0) == pytest.approx(0.975, abs=1e-3)
    assert segmentation.argmax_cdf(0.0, 1.0, 1.0) == pytest.approx(0.5)
    left, right = segmentation.argmax_cdf(-3.0, 2.0, 0.7), segmentation.argmax_cdf(3.0, 2.0, 0.7)
    assert 0 < left < segmentation.argmax_cdf(0.0, 2.0, 0.7) < right < 1


@pytest.fixture(scope="module")
def reference(shared):
    folder = shared / "data" / "reference"
    expected = json.loads((folder / "strucchange_expected.json").read_text())
    return expected, lambda name: pd.read_csv(folder / "strucchange" / f"{name}.csv")


def seatbelts(read):
    deaths = np.log10(read("ukdriverdeaths")["x"].to_numpy(dtype=float))
    return deaths[12:], np.column_stack([np.ones(180), deaths[11:-1], deaths[:-12]])


def error_correction(read):
    """The error-correction model of the strucchange vignette, 1986(1) to 2001(2)."""
    data = read("usincexp")
    data = data[data["time"] > 1985.9].reset_index(drop=True)
    long_run = np.column_stack([np.ones(len(data)), data["income"]])
    gap = data["expenditure"] - long_run @ np.linalg.lstsq(long_run, data["expenditure"], rcond=None)[0]
    x = np.column_stack([np.ones(len(data) - 1), gap[:-1], data["income"].diff()[1:]])
    return data["expenditure"].diff().to_numpy()[1:], x, data["time"].to_numpy()[1:]


def phillips(read, response, *regressors):
    data = read("phillipscurve")
    data = data[data["time"] >= 1948]
    return data[response].to_numpy(), np.column_stack([np.ones(len(data)), data[list(regressors)]])


def durable(read):
    data = read("durab")
    return data["y"].to_numpy(), np.column_stack([np.ones(len(data)), data["lag"]])


@pytest.mark.parametrize(
    ("name", "load", "least"),
    [
        ("ukdriverdeaths_h0.1", seatbelts, 18),
        ("phillips_dw_h8", lambda read: phillips(read, "dw", "dp1", "du", "u1"), 8),
        ("phillips_dp_dp1_h8", lambda read: phillips(read, "dp", "dp1"), 8),
        ("durab", durable, 97),
    ],
)
def test_partitions_with_regressors_equal_r(reference, name, load, least):
    expected, read = reference
    wanted = expected[name]
    y, x = load(read)
    parts = segmentation.partition(y, x, least=least, max_breaks=len(wanted["all_partitions"]))
    assert [list(found) for found in parts.breaks] == [
        one if isinstance(one, list) else [one] for one in wanted["all_partitions"]
    ]
    assert parts.rss == pytest.approx(wanted["RSS"], abs=EXACT)
    assert parts.bic == pytest.approx(wanted["BIC"], abs=EXACT)
    chosen = wanted["optimal_breaks_BIC"] or []
    assert list(parts.at(parts.best)) == chosen


def test_intervals_with_regressors_equal_r(reference):
    expected, read = reference
    y, x = seatbelts(read)
    found = segmentation.date_intervals(y, x, (46, 157), confidence=0.95)
    months = [[1970 + (at - 1) / 12 for at in ends] for ends in found]
    assert np.allclose(months, expected["ukdriverdeaths_h0.1"]["ci95_breaks2_dates"])


def test_stability_tests_with_regressors_equal_r(reference):
    expected, read = reference
    y, x = seatbelts(read)
    ecm_y, ecm_x, time = error_correction(read)
    span = (int(np.abs(time - 1990).argmin()) + 1, int(np.abs(time - 1999.4167).argmin()) + 1)
    found = {
        ("ukdriverdeaths_h0.1", "supF"): stability.f_test(y, x, trim=0.1),
        ("ukdriverdeaths_h0.1", "RE"): stability.recursive_estimates(y, x),
        ("ukdriverdeaths_h0.1", "ols_cusum"): stability.ols_cusum(y, x),
        ("durab", "supF"): stability.f_test(*durable(read), trim=0.1),
        ("usincexp_ecm", "rec_cusum"): stability.rec_cusum(ecm_y, ecm_x),
        ("usincexp_ecm", "ME"): stability.moving_estimates(ecm_y, ecm_x, share=0.2),
        ("usincexp_ecm", "supF"): stability.f_test(ecm_y, ecm_x, span=span),
        ("usincexp_ecm", "aveF"): stability.f_test(ecm_y, ecm_x, functional="ave", span=span),
    }
    assert found["usincexp_ecm", "ME"].p == pytest.approx(0.02176, abs=1.8e-3), "three standard errors of 60,000 draws"
    for (data, test), result in found.items():
        wanted = expected[data][test]
        assert result.stat == pytest.approx(wanted["stat"], abs=EXACT), (data, test)
        assert result.p == pytest.approx(wanted["p"], abs=2e-3 if test == "ME" else 1e-3), (data, test)
