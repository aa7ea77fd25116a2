"""The index of a dimension."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import UnknownName
from detente.panel import DimensionIndex, Line, Panel, PanelSpec, build, fingerprint, index
from detente.panel.build import COLUMNS
from detente.panel.measures import MEASURES
from detente.panel.yearly import yearly as to_years
from detente.protocol import Protocol
from detente.records import Dyad, calendar_month, calendar_year, us_fiscal_year
from tests.panel.worlds import observation, span, world, yearly

PRE, POST = range(2004, 2021), range(2022, 2026)


def protocol(*tracked: dict, post_to: str = "2025-12-31", pre_from: str = "2004-01-01") -> Protocol:
    return Protocol.model_validate({
        "title": "A trial", "dyad": ("USA", "PAK"), "turning_point": {"name": "the turn", "date": "2021-08-15"},
        "windows": {"pre": {"from": pre_from, "to": "2021-08-14"}, "post": {"from": "2021-08-15", "to": post_to}},
        "dimensions": {"side": {"title": "A side", "measures": tracked}},
    })  # fmt: skip


def panel_of(values: dict[str, dict[int, float]], *, sender: str = "USA", receiver: str = "PAK") -> Panel:
    """A panel of yearly measures made by hand: measure → year → value."""
    rows = [
        {"measure": name, "dimension": "side", "sender": sender, "receiver": receiver, "value": value, "unit": "USD",
         "period_start": pd.Timestamp(year, 1, 1), "period_end": pd.Timestamp(year, 12, 31), "records": 1,
         "status": "final", "source_id": "invented", "version": "1"}
        for name, years in values.items() for year, value in years.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"period_start": "datetime64[us]", "period_end": "datetime64[us]"}
    )
    return Panel(PanelSpec(()), frame, fingerprint(frame), world())


def noise(seed: int, shift: float = 0.0, rho: float = 0.0, years: range = range(2004, 2026)) -> dict[int, float]:
    rng = np.random.default_rng(seed)
    value, out = rng.standard_normal(), {}
    for year in years:
        out[year] = 100 + 10 * (value + shift * (year >= 2021))
        value = rho * value + math.sqrt(1 - rho**2) * rng.standard_normal()
    return out


THREE = ("goods_exports", "goods_imports", "refugees")


def three(shift: float, seed: int = 7) -> tuple[Panel, Protocol]:
    panel = panel_of({name: noise(seed + n, shift) for n, name in enumerate(THREE)})
    return panel, protocol(*({"measure": name} for name in THREE))


def test_a_planted_shift_is_found_with_an_interval_that_excludes_zero_and_holds_the_truth():
    panel, study = three(-2.0)
    found = index(panel, study, "side", seed=1)
    assert found.refused == ""
    assert found.change.low < -2.0 < found.change.high < 0
    assert found.before.value == pytest.approx(0, abs=1e-12)
    assert found.change.value == pytest.approx(found.after.value - found.before.value)
    assert found.change_range[0] <= found.change.value <= found.change_range[1] < 0
    assert "is less close after the turn" in found.summary()


def test_the_parts_of_the_measures_add_up_to_the_change():
    panel, study = three(-1.0)
    found = index(panel, study, "side", seed=1)
    assert sum(one.part for one in found.contributions) == pytest.approx(found.change.value)
    assert [one.weight for one in found.contributions] == pytest.approx([1 / 3] * 3)


# 200 series of 17 years before and 4 after, independent years: the nominal rate is 0.95; its binomial standard error is
# 0.015, and Satterthwaite's freedom errs on the wide side, so that 0.90 to 0.99 holds unless the interval is wrong.
# With an autocorrelation of 0.5 the coefficient must be found from 21 years, which costs a few per cent of coverage.
@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.90), (0.5, 0.87)])
def test_where_there_is_nothing_to_find_the_interval_covers_zero_about_as_often_as_it_says(rho, least):
    from detente.panel.uncertainty import levels

    years = np.array([*PRE, *POST], dtype=float)
    after = years > 2021
    covered = 0
    for seed in range(200):
        series = noise(1000 + seed, rho=rho)
        change = levels(years, np.array([series[int(year)] for year in years]), after).change
        covered += change.low <= 0 <= change.high
    assert least <= covered / 200 <= 0.99


def test_one_measure_gives_the_z_score_of_the_window_before():
    series = noise(3)
    panel = panel_of({"goods_exports": series})
    found = index(panel, protocol({"measure": "goods_exports"}), "side", seed=1)
    before = np.array([series[year] for year in PRE])
    expected = [(value - before.mean()) / before.std(ddof=1) for value in series.values()]
    frame = found.to_frame()
    assert frame["value"].tolist() == pytest.approx(expected)
    assert list(frame.columns) == ["year", "value", "low", "high", "range_low", "range_high", "measures"]
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()
    assert found.standardised_on == (2004, 2020)
    assert not next(check for check in found.checks if check.name == "three measures or more").passed


def test_the_band_covers_the_score_under_the_true_baseline_about_as_often_as_it_says():
    # The truth is known: mean 100, deviation 10. What is covered is the score of one later value of exactly +1.
    # 100 series; 0.95 nominal, standard error 0.022; resampling 17 values is known to be a little short.
    from detente.panel.composite import Component, composite, yearly_frame

    tracked = protocol({"measure": "goods_exports"}).dimensions["side"].measures[0]
    covered = 0
    for seed in range(100):
        values = pd.Series({**noise(5000 + seed, years=range(2004, 2021)), 2022: 110.0})
        component = Component(tracked, Dyad("USA", "PAK"), "", values, pd.Series(dtype="float64"))
        last = yearly_frame(composite([component], (2004, 2020), (2022, 2022)), [], seed).iloc[-1]
        covered += last["low"] <= 1.0 <= last["high"]
    assert 0.88 <= covered / 100 <= 0.99


def test_less_of_a_measure_means_closer_where_the_protocol_says_so():
    panel = panel_of({"goods_exports": noise(3, -2.0)})
    plus = index(panel, protocol({"measure": "goods_exports"}), "side", seed=1)
    minus = index(panel, protocol({"measure": "goods_exports", "closer": "-"}), "side", seed=1)
    assert minus.frame["value"].tolist() == pytest.approx((-plus.frame["value"]).tolist())
    assert minus.change.value == pytest.approx(-plus.change.value)
    assert minus.contributions[0].mean == pytest.approx(plus.contributions[0].mean)


def test_a_measure_without_direction_is_left_out_and_named():
    panel, _ = three(0.0)
    study = protocol({"measure": "goods_exports"}, {"measure": "refugees", "closer": "none"})
    found = index(panel, study, "side", seed=1)
    assert found.left_out == (("refugees USA→PAK", "the protocol gives it no direction"),)
    assert [one.measure for one in found.contributions] == ["goods_exports"]


def test_a_dimension_without_any_direction_has_no_index_and_says_why():
    panel, _ = three(0.0)
    found = index(panel, protocol({"measure": "refugees", "closer": "none"}), "side", seed=1)
    assert found.refused == "the protocol gives none of its measures a direction: they are shown one by one"


def test_weights_decide_how_much_a_measure_counts():
    panel = panel_of({"goods_exports": noise(1, -3.0), "refugees": noise(2)})
    alone = index(panel, protocol({"measure": "goods_exports"}), "side", seed=1).frame["value"]
    other = index(panel, protocol({"measure": "refugees"}), "side", seed=1).frame["value"]
    study = protocol({"measure": "goods_exports", "weight": 3}, {"measure": "refugees"})
    found = index(panel, study, "side", seed=1)
    assert found.frame["value"].tolist() == pytest.approx((0.75 * alone + 0.25 * other).tolist())
    low, high = found.change_range
    equal = index(panel, protocol({"measure": "goods_exports"}, {"measure": "refugees"}), "side", seed=1)
    assert low <= equal.change.value <= high


def test_a_year_with_less_than_half_of_the_weight_is_null_and_one_with_half_is_not():
    exports = {year: value for year, value in noise(1).items() if year != 2015}
    refugees = {year: value for year, value in noise(2).items() if year != 2016}
    study = protocol({"measure": "goods_exports", "weight": 3}, {"measure": "refugees"})
    frame = index(panel_of({"goods_exports": exports, "refugees": refugees}), study, "side", seed=1).frame
    by_year = frame.set_index("year")
    assert math.isnan(by_year.loc[2015, "value"])
    assert by_year.loc[2015, ["low", "high", "range_low", "range_high"]].isna().all()
    assert by_year.loc[2015, "measures"] == 1
    assert not math.isnan(by_year.loc[2016, "value"])
    even = protocol({"measure": "goods_exports"}, {"measure": "refugees"})
    halves = index(panel_of({"goods_exports": exports, "refugees": refugees}), even, "side", seed=1).frame
    assert halves["value"].notna().all()


def test_a_gap_is_not_filled():
    series = {year: value for year, value in noise(1).items() if year not in (2012, 2023)}
    frame = index(panel_of({"goods_exports": series}), protocol({"measure": "goods_exports"}), "side", seed=1).frame
    assert frame.loc[frame["value"].isna(), "year"].tolist() == [2012, 2023]


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ({year: value for year, value in noise(1).items() if year <= 2022}, "1 value is known in the complete years"),
        ({year: value for year, value in noise(1).items() if year <= 2020}, "no value is known in the complete years"),
        ({year: value for year, value in noise(1).items() if year >= 2017}, "none of its measures can be standardised"),
        (dict.fromkeys(range(2004, 2026), 5.0), "none of its measures can be standardised"),
        ({}, "none of its measures can be standardised"),
    ],
)  # fmt: skip
def test_too_little_data_is_said_instead_of_a_number(series, words):
    found = index(panel_of({"goods_exports": series}), protocol({"measure": "goods_exports"}), "side", seed=1)
    assert words in found.refused
    assert words in found.summary()
    assert found.summary().endswith(".")
    assert found.frame.empty
    assert found.change is found.before is found.after is found.change_range is None


def test_why_a_measure_is_left_out_is_said_measure_by_measure():
    values = {"goods_exports": noise(1), "goods_imports": dict.fromkeys(range(2004, 2026), 1.0),
              "refugees": {year: value for year, value in noise(2).items() if year > 2017}}  # fmt: skip
    study = protocol(*({"measure": name} for name in (*THREE, "gdp")))
    left_out = dict(index(panel_of(values), study, "side", seed=1).left_out)
    assert left_out == {
        "goods_imports USA→PAK": "it does not vary in 2004–2020",
        "refugees USA→PAK": "3 years of 2004–2020 are known, 5 are needed",
        "gdp USA→PAK": "the panel has no complete year of it",
    }


def test_nothing_computed_changes_its_input():
    panel, study = three(-1.0)
    before = panel.frame.copy(deep=True)
    index(panel, study, "side", seed=1)
    pd.testing.assert_frame_equal(panel.frame, before)
    assert fingerprint(panel.frame) == panel.fingerprint


def test_the_same_seed_gives_the_same_band_and_another_seed_the_same_index():
    panel, study = three(-1.0)
    one, same, other = (index(panel, study, "side", seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.frame, same.frame)
    assert one.change == same.change == other.change
    assert one.frame["value"].equals(other.frame["value"])
    assert not one.frame["low"].equals(other.frame["low"])
    assert one.provenance.seed == 1
    assert one.provenance.inputs == panel.fingerprint


def test_the_band_is_wider_where_measures_disagree():
    agree = panel_of({name: noise(7, -2.0) for name in THREE})
    apart = panel_of({name: noise(7, shift) for name, shift in zip(THREE, (-5.0, -2.0, 1.0), strict=True)})
    study = protocol(*({"measure": name} for name in THREE))
    narrow, wide = (index(panel, study, "side", seed=1).frame.iloc[-1] for panel in (agree, apart))
    assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])


def test_the_ends_that_a_source_gives_widen_the_band():
    bare = yearly("refugees", noise(4), "AFG", "PAK", "unhcr_population")
    ended = [{**row, "low": row["value"] - 25, "high": row["value"] + 25} for row in bare]
    study = protocol({"measure": "refugees", "sender": "AFG", "receiver": "PAK"})
    spec = PanelSpec((Line("refugees", Dyad("AFG", "PAK"), "side"),))
    narrow, wide = (index(build(world(rows), spec, registry()), study, "side", seed=1).frame for rows in (bare, ended))
    assert wide["value"].equals(narrow["value"])
    assert (wide["high"] - wide["low"]).min() > (narrow["high"] - narrow["low"]).min() + 1


def test_an_undirected_measure_is_found_whichever_actor_comes_first():
    points = [
        row
        for actor, seed in (("USA", 1), ("IND", 2))
        for row in yearly("ideal_point_final", noise(seed), actor, "WLD", "un_ideal_points")
    ]
    panel = build(world(points), PanelSpec((Line("un_ideal_distance", Dyad("USA", "IND"), "side"),)), registry())
    study = protocol({"measure": "un_ideal_distance", "receiver": "IND", "closer": "-"})
    assert index(panel, study, "side", seed=1).refused == ""


def test_a_drift_before_the_turning_point_is_reported():
    rising = {year: value + 15 * (year - 2004) for year, value in noise(1).items()}
    found = index(panel_of({"goods_exports": rising}), protocol({"measure": "goods_exports"}), "side", seed=1)
    level = index(panel_of({"goods_exports": noise(1)}), protocol({"measure": "goods_exports"}), "side", seed=1)
    drift = [next(check.passed for check in one.checks if check.name == "no drift before") for one in (found, level)]
    assert drift == [False, True]


def test_an_unknown_dimension_names_the_near_one():
    panel, study = three(0.0)
    with pytest.raises(UnknownName) as caught:
        index(panel, study, "sides", seed=1)
    assert "side" in caught.value.hint


def test_the_result_shows_itself():
    panel, study = three(-1.0)
    found = index(panel, study, "side", seed=1)
    assert isinstance(found, DimensionIndex)
    assert found.plot().to_dict()["title"] == "A side"
    assert "<table" in found._repr_html_()


def years_of(measure: str, rows: list[dict]) -> dict[int, float]:
    chosen = MEASURES[measure]
    frame = pd.DataFrame(rows).astype({"period_start": "datetime64[us]", "period_end": "datetime64[us]"})
    return to_years(frame, chosen.frequency, chosen.unit).to_dict()


def period(dates: tuple[date, date], value: float, status: str = "final") -> dict:
    return {"period_start": dates[0], "period_end": dates[1], "value": value, "status": status}


def test_months_give_the_mean_of_complete_years_only():
    whole = [period(calendar_month(2020, month), month) for month in range(1, 13)]
    eleven = [period(calendar_month(2021, month), month) for month in range(1, 12)]
    unsure = [period(calendar_month(2022, month), 1.0, "partial" if month == 3 else "final") for month in range(1, 13)]
    assert years_of("visas_student", whole + eleven + unsure) == {2020: 6.5}


def test_a_fiscal_year_counts_to_the_calendar_year_that_holds_most_of_its_days():
    rows = [period(us_fiscal_year(year), float(n)) for n, year in enumerate((1975, 1976, "1976tq", 1977, 2021))]
    # 184 of the 365 days from July 1974 to June 1975 lie in 1974; 183 of the 366 to June 1976 in 1975, the other half
    # in 1976; the transition quarter is no year; three quarters of fiscal 2021 lie in 2021.
    assert years_of("us_economic_aid", rows) == {1974: 0.0, 1975: 1.0, 1977: 3.0, 2021: 4.0}


def test_irregular_amounts_need_a_whole_year_and_irregular_shares_do_not():
    rows = [period(calendar_year(2019), 10.0), period((date(2020, 1, 1), date(2020, 6, 30)), 7.0)]
    long = [period((date(2015, 1, 1), date(2019, 12, 31)), 60.0)]
    assert years_of("fig_pips_terror_attacks", rows) == {2019: 10.0}
    assert years_of("fig_pew_us_favourable", rows + long) == {2019: 10.0, 2020: 7.0}


def test_the_same_line_in_two_dimensions_counts_once():
    panel, study = three(-1.0)
    twice = pd.concat([panel.frame, panel.frame.assign(dimension="other")], ignore_index=True)
    doubled = Panel(panel.spec, twice, panel.fingerprint, panel.records)
    pd.testing.assert_frame_equal(
        index(doubled, study, "side", seed=1).frame, index(panel, study, "side", seed=1).frame
    )


def test_years_that_a_window_cuts_belong_to_neither_side():
    rows = [
        observation("ucdp_country_month", "fatalities", "WLD", "PAK", calendar_month(year, month), year % 7.0 + month)
        for year in range(2004, 2026) for month in range(1, 13)
    ]  # fmt: skip
    cover = [span("ucdp_country_month", "fatalities", date(2004, 1, 1), date(2025, 12, 31))]
    spec = PanelSpec((Line("fatalities", Dyad("WLD", "PAK"), "side"),))
    panel = build(world(rows, coverage=cover), spec, registry())
    tracked = {"measure": "fatalities", "sender": "WLD", "receiver": "PAK", "closer": "-"}
    found = index(panel, protocol(tracked, pre_from="2004-02-01"), "side", seed=1)
    assert found.standardised_on == (2005, 2020)
    assert found.contributions[0].years == 16
    assert 2021 in set(found.frame["year"])
