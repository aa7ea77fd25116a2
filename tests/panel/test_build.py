"""What must hold of every panel: what a zero means, where each number comes from, which periods there are."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.actors import registry
from detente.errors import PanelError, UnknownName
from detente.panel import Line, Panel, PanelSpec, build, version_of
from detente.panel.measures import MEASURES
from detente.records import Dyad, Records, calendar_month, calendar_year, us_fiscal_year
from detente.store import Store
from tests.panel.every_measure import every_measure, spec
from tests.panel.worlds import event, observation, span, world, yearly

USA_PAK, PAK_USA, WLD_PAK = Dyad("USA", "PAK"), Dyad("PAK", "USA"), Dyad("WLD", "PAK")


def panel_of(records: Records, measure: str, *dyads: Dyad, **more: Any) -> Panel:
    return build(records, PanelSpec(tuple(Line(measure, dyad, "side") for dyad in dyads), **more), registry())


def cells(panel: Panel, *columns: str) -> list[Any]:
    """The named columns of the frame, dates as text; a single column as plain values."""
    frame = panel.frame[list(columns)].copy()
    for name in frame.select_dtypes("datetime"):
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    frame = frame.astype("object").where(frame.notna(), None)
    rows = [tuple(row) for row in frame.itertuples(index=False)]
    return [row[0] for row in rows] if len(columns) == 1 else rows


def fatalities(*months: tuple[int, int, float | None], status: str = "final") -> list[dict[str, Any]]:
    return [
        observation("ucdp_country_month", "fatalities", "WLD", "PAK", calendar_month(year, month), value, status=status)
        for year, month, value in months
    ]


def visit(day: date, kind: str = "visit:president", **more: Any) -> dict[str, Any]:
    return event("us_travels", kind, "USA", "PAK", day, **more)


def visits(*days: date, president: tuple[date, date], secretary: tuple[date, date]) -> Records:
    cover = [span("us_travels", f"visit:{role}", *dates, "USA") for role, dates in
             (("president", president), ("secretary", secretary))]  # fmt: skip
    return world(events=[visit(day) for day in days], coverage=cover)


def test_a_covered_period_without_records_is_zero_for_a_count_and_an_uncovered_one_is_null():
    cover = [span("ucdp_country_month", "fatalities", date(2020, 2, 1), date(2020, 4, 30), "WLD", "PAK")]
    panel = panel_of(world(fatalities((2020, 3, 7.0), (2020, 6, 2.0)), coverage=cover), "fatalities", WLD_PAK)
    assert cells(panel, "value", "records", "status") == [
        (0.0, 0, "none"), (7.0, 1, "final"), (0.0, 0, "none"), (None, 0, "unknown"), (2.0, 1, "final"),
    ]  # fmt: skip


def test_a_covered_period_without_records_is_null_for_a_mean():
    cover = [span("gdelt_events", "cameo", date(2020, 1, 1), date(2020, 3, 31))]
    day, more = date(2020, 2, 9), {"intensity": -2.0}
    records = world(events=[event("gdelt_events", "cameo:190", "USA", "PAK", day, **more)], coverage=cover)
    lines = tuple(Line(name, USA_PAK) for name in ("news_events", "news_goldstein"))
    frame = build(records, PanelSpec(lines), registry()).frame
    counts, means = (frame[frame["measure"] == name]["value"].tolist() for name in ("news_events", "news_goldstein"))
    assert counts == [0.0, 1.0, 0.0]
    assert means == [-2.0]


def test_an_observation_that_says_unknown_is_null_and_not_zero():
    panel = panel_of(world(yearly("exports_fob", {2019: 3.0, 2020: None, 2021: 5.0})), "goods_exports", USA_PAK)
    assert cells(panel, "value", "status") == [(3.0, "final"), (None, "unknown"), (5.0, "final")]


def test_events_whose_deaths_are_unknown_do_not_add_up_to_zero():
    known = {"fatalities": 4.0, "location": "PAK"}
    rows = [event("ucdp_ged", "ged:non-state", "TTP", "ISKP", date(2020, month, 1), **known) for month in (1, 3)]
    rows.append(event("ucdp_ged", "ged:non-state", "TTP", "ISKP", date(2020, 2, 1), location="PAK"))
    cover = [span("ucdp_ged", "ged", date(2020, 1, 1), date(2020, 4, 30))]
    panel = panel_of(world(events=rows, coverage=cover), "ged_fatalities", WLD_PAK)
    assert cells(panel, "value", "status") == [(4.0, "final"), (None, "unknown"), (4.0, "final"), (0.0, "none")]


def test_a_measure_that_draws_on_two_kinds_needs_both_covered():
    records = visits(
        date(2019, 3, 1),
        president=(date(2018, 1, 1), date(2020, 12, 31)),
        secretary=(date(2019, 1, 1), date(2021, 6, 30)),
    )
    panel = panel_of(records, "us_visits", USA_PAK)
    assert cells(panel, "period_start", "value", "status") == [
        ("2018-01-01", None, "unknown"), ("2019-01-01", 1.0, "final"), ("2020-01-01", 0.0, "none"),
        ("2021-01-01", None, "unknown"),
    ]  # fmt: skip


def test_visits_in_a_year_that_is_covered_in_part_are_partial():
    records = visits(
        date(2021, 3, 1),
        president=(date(2019, 1, 1), date(2021, 6, 30)),
        secretary=(date(2019, 1, 1), date(2021, 6, 30)),
    )
    panel = panel_of(records, "us_visits", USA_PAK)
    assert cells(panel, "value", "status") == [(0.0, "none"), (0.0, "none"), (1.0, "partial")]
    assert panel.series(USA_PAK, "us_visits").partial == (date(2021, 1, 1),)


def test_what_a_source_marks_stays_marked():
    accounts = [
        observation("usaid_greenbook", "aid_economic_constant", "USA", "PAK", us_fiscal_year(2020), value, item=item,
                    status=status)
        for item, value, status in (("a", 1.0, "final"), ("b", 2.0, "partial"), ("c", 4.0, "provisional"))
    ]  # fmt: skip
    panel = panel_of(world(accounts), "us_economic_aid", USA_PAK)
    assert cells(panel, "value", "records", "status") == [(7.0, 3, "partial")]
    provisional = panel_of(world(fatalities((2020, 3, 7.0), status="provisional")), "fatalities", WLD_PAK)
    assert cells(provisional, "status") == ["provisional"]


def test_a_measure_keeps_its_own_frequency(panel: Panel):
    frame = panel.frame
    days = (frame["period_end"] - frame["period_start"]).dt.days + 1
    bounds = {"month": (28, 31), "quarter": (90, 92), "year": (365, 366), "fiscal_year": (92, 366)}
    frequency = frame["measure"].map(lambda name: MEASURES[name].frequency)
    for name, (least, most) in bounds.items():
        assert days[frequency == name].between(least, most).all(), name
    assert set(frequency) == {*bounds, "irregular"}


def test_gaps_between_periods_are_there_as_nulls():
    panel = panel_of(world(yearly("exports_fob", {2017: 1.0, 2020: 2.0})), "goods_exports", USA_PAK)
    assert cells(panel, "period_start", "value") == [
        ("2017-01-01", 1.0), ("2018-01-01", None), ("2019-01-01", None), ("2020-01-01", 2.0),
    ]  # fmt: skip
    assert panel.series(USA_PAK, "goods_exports").frame["value"].isna().sum() == 2


def aid(*periods: tuple[date, date]) -> Records:
    rows = [
        observation("usaid_greenbook", "aid_economic_constant", "USA", "PAK", period, 1.0 + n)
        for n, period in enumerate(periods)
    ]
    cover = [span("usaid_greenbook", "aid_economic_constant", date(1973, 7, 1), date(1979, 9, 30), "USA")]
    return world(rows, coverage=cover)


def test_fiscal_years_keep_their_dates_and_the_transition_quarter_stands_alone():
    panel = panel_of(
        aid(us_fiscal_year(1975), us_fiscal_year("1976tq"), us_fiscal_year(1978)), "us_economic_aid", USA_PAK
    )
    assert cells(panel, "period_start", "period_end", "value") == [
        ("1973-07-01", "1974-06-30", 0.0), ("1974-07-01", "1975-06-30", 1.0), ("1975-07-01", "1976-06-30", 0.0),
        ("1976-07-01", "1976-09-30", 2.0), ("1976-10-01", "1977-09-30", 0.0), ("1977-10-01", "1978-09-30", 3.0),
        ("1978-10-01", "1979-09-30", 0.0),
    ]  # fmt: skip


def test_a_fiscal_year_1976_that_contains_the_transition_quarter_leaves_none_beside_it():
    panel = panel_of(aid((date(1975, 7, 1), date(1976, 9, 30))), "us_economic_aid", USA_PAK)
    assert cells(panel, "period_start", "period_end", "value")[2:4] == [
        ("1975-07-01", "1976-09-30", 1.0), ("1976-10-01", "1977-09-30", 0.0),
    ]  # fmt: skip


def test_there_is_no_period_outside_the_lifetime_of_both_actors():
    actors = registry().extended()
    born = actors["BGD"].valid_from
    rows = yearly("exports_fob", dict.fromkeys(range(born.year - 3, born.year + 3), 1.0), "USA", "BGD")
    panel = panel_of(world(rows), "goods_exports", Dyad("USA", "BGD"))
    assert panel.frame["period_end"].min() >= pd.Timestamp(born)
    assert panel.frame["period_start"].min() == pd.Timestamp(born.year, 1, 1)


def test_no_cell_of_any_measure_lies_outside_the_lifetime_of_its_actors(panel: Panel):
    actors = registry()
    for row in panel.frame.itertuples():
        for actor in (row.sender, row.receiver):
            if actor in actors:
                life = actors[actor]
                assert row.period_end.date() >= life.valid_from
                assert life.valid_to is None or row.period_start.date() <= life.valid_to


def test_a_panel_is_clipped_to_the_days_asked_for():
    records = world(yearly("exports_fob", dict.fromkeys(range(2010, 2020), 1.0)))
    panel = panel_of(records, "goods_exports", USA_PAK, first=date(2012, 6, 1), last=date(2015, 6, 1))
    assert cells(panel, "period_start") == [f"{year}-01-01" for year in range(2012, 2016)]


def test_figures_that_start_together_and_end_apart_are_different_cells():
    rows = [
        observation("published_figures", "fig_pips_terror_attacks", "WLD", "PAK", (date(2021, 1, 1), end), value)
        for end, value in ((date(2021, 12, 31), 200.0), (date(2021, 6, 30), 90.0))
    ]
    panel = panel_of(world(rows), "fig_pips_terror_attacks", WLD_PAK)
    assert cells(panel, "period_end", "value") == [("2021-06-30", 90.0), ("2021-12-31", 200.0)]


def test_every_number_leads_to_records_and_every_record_to_a_row_and_a_file(store: Store, panel: Panel):
    reached = set()
    for line in panel.lines()[::3]:
        rows = panel._line(line.dyad, line.measure)
        members = panel.members(line.dyad, line.measure).groupby("period_start")["record"].agg(" ".join)
        for start in rows.loc[rows["records"] > 0, "period_start"]:
            assert members[start], f"{line.measure} {line.dyad} {start}"
        reached |= set(" ".join(members).split())
    lineage = store.lineage(sorted(reached))
    assert set(lineage["record"]) == reached
    assert lineage[["source_row", "file", "name", "source_id", "version", "licence", "citation"]].notna().all(axis=None)


def test_the_records_of_a_cell_make_its_number(store: Store, panel: Panel):
    found = panel.cell(USA_PAK, "us_economic_aid", us_fiscal_year(2019)[0])
    value = panel.frame.set_index(["measure", "period_start"]).loc[("us_economic_aid", "2018-10-01"), "value"]
    assert len(found) == 2
    assert store.lineage(found)["value"].sum() == pytest.approx(value)


def test_a_cell_without_records_has_none_and_a_cell_that_is_not_there_is_said(store: Store, panel: Panel):
    assert panel.cell(USA_PAK, "us_economic_aid", us_fiscal_year(2018)[0]) == ()
    with pytest.raises(PanelError, match="no cell us_economic_aid USA→PAK 1990-01-01"):
        panel.cell(USA_PAK, "us_economic_aid", date(1990, 1, 1))


def test_a_line_that_the_panel_lacks_names_the_source_to_ingest(store: Store, panel: Panel):
    with pytest.raises(PanelError, match="no data for gdp USA→PAK") as caught:
        panel.series(USA_PAK, "gdp")
    assert "world_bank" in caught.value.hint
    with pytest.raises(UnknownName):
        panel.series(USA_PAK, "gpd")


def test_the_same_records_and_protocol_give_the_same_fingerprint(tmp_path: Path):
    made, lines = every_measure(), spec().lines[::5]
    fingerprints = set()
    for name, step in (("forwards", 1), ("backwards", -1)):
        store = Store(tmp_path / name)
        store.add({table: frame.iloc[::step].reset_index(drop=True) for table, frame in made.items()})
        fingerprints.add(build(store.records(), PanelSpec(lines[::step]), registry()).fingerprint)
    assert len(fingerprints) == 1


def test_another_number_gives_another_fingerprint():
    one, two = (
        panel_of(world(yearly("exports_fob", {2020: value})), "goods_exports", USA_PAK) for value in (1.0, 1.001)
    )
    assert one.fingerprint != two.fingerprint


def test_nothing_computed_changes_its_input():
    made = every_measure()
    copies = {name: frame.copy(deep=True) for name, frame in made.items()}
    panel = build(Records(**made), PanelSpec(spec().lines[::5]), registry())
    panel.members(USA_PAK, "us_economic_aid")
    series = panel.series(USA_PAK, "us_economic_aid").frame
    series.loc[:, "value"] = -1.0
    for name, frame in copies.items():
        pd.testing.assert_frame_equal(made[name], frame)
    assert (panel.frame["value"] != -1.0).all()


def test_adding_a_source_never_changes_the_rows_of_another():
    trade = yearly("exports_fob", {2019: 1.0, 2020: 2.0})
    census = yearly("goods_exports", {2019: 9.0}, source_id="us_census_trade")
    deaths = fatalities((2020, 1, 4.0))
    lines = tuple(Line(name, dyad) for name, dyad in
                  (("goods_exports", USA_PAK), ("goods_exports_census", USA_PAK), ("fatalities", WLD_PAK)))  # fmt: skip
    alone = build(world(trade), PanelSpec(lines), registry()).frame
    both = build(world(trade + census + deaths), PanelSpec(lines), registry()).frame
    mine = both[both["source_id"] == "imf_dots"].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone)
    assert set(both["measure"]) == {line.measure for line in lines}


def editions(*versions: str) -> Records:
    rows = [
        row for n, version in enumerate(versions) for row in yearly("exports_fob", {2020: float(n)}, version=version)
    ]
    return world(rows)


@pytest.mark.parametrize(
    ("versions", "latest"),
    [
        (("2024-05-01", "2025-09-25"), "2025-09-25"),
        (("24.0.9", "24.0.10", "23.1"), "24.0.10"),
        (("24.0.10", "24.1"), "24.1"),
        (("9", "10"), "10"),
        (("1", "1b"), "1b"),
    ],
)
def test_the_latest_version_is_used_where_none_is_pinned(versions: tuple[str, ...], latest: str):
    records = editions(*versions)
    assert version_of(records, "imf_dots", {}) == latest
    panel = panel_of(records, "goods_exports", USA_PAK)
    assert cells(panel, "value", "version") == [(float(versions.index(latest)), latest)]


def test_a_pinned_version_is_used_and_one_that_is_not_held_is_refused():
    records = editions("1", "2")
    assert cells(panel_of(records, "goods_exports", USA_PAK, versions={"imf_dots": "1"}), "value") == [0.0]
    with pytest.raises(PanelError, match="pins imf_dots to version 3") as caught:
        panel_of(records, "goods_exports", USA_PAK, versions={"imf_dots": "3"})
    assert caught.value.hint == "held: 1, 2"
    assert version_of(records, "nothing", {}) is None


def goods(exports: dict[tuple[str, str], float | None], imports: dict[tuple[str, str], float | None]) -> Records:
    return world([
        observation("imf_dots", name, *dyad, calendar_year(2020), value)
        for name, flows in (("exports_fob", exports), ("imports_cif", imports))
        for dyad, value in flows.items()
    ])  # fmt: skip


def test_a_balance_is_what_flows_along_the_dyad_less_what_flows_against_it():
    records = goods({("USA", "PAK"): 10.0}, {("PAK", "USA"): 25.0})
    assert cells(panel_of(records, "goods_balance", PAK_USA, USA_PAK), "sender", "value") == [
        ("PAK", 15.0),
        ("USA", -15.0),
    ]


def test_a_balance_by_the_books_of_both_is_their_mean_and_not_their_sum():
    records = goods({("USA", "PAK"): 10.0, ("PAK", "USA"): 20.0}, {("PAK", "USA"): 25.0, ("USA", "PAK"): 12.0})
    # By the books of the United States 25 − 10 = 15, by those of Pakistan 20 − 12 = 8.
    assert cells(panel_of(records, "goods_balance", PAK_USA), "value", "records") == [(11.5, 2)]


@pytest.mark.parametrize(
    ("exports", "imports"),
    [
        ({("USA", "PAK"): 10.0}, {}),
        ({("USA", "PAK"): 10.0}, {("USA", "PAK"): 12.0}),
        ({("USA", "PAK"): 10.0}, {("PAK", "USA"): None}),
        ({("USA", "PAK"): 10.0, ("PAK", "USA"): 20.0}, {}),
    ],
)
def test_half_a_balance_is_no_balance(exports: Any, imports: Any):
    with pytest.raises(PanelError, match="none of the measures has data"):
        panel_of(goods(exports, imports), "goods_balance", USA_PAK, PAK_USA)


def votes(session: int, **of: str) -> list[dict[str, Any]]:
    """Roll calls of a session: actor → one digit a call; a point: absent, and a last call that was unanimous."""
    rows = []
    for actor, digits in of.items():
        for call, digit in enumerate(digits):
            if digit != ".":
                day = date(session + 1945, 12, 1) + timedelta(days=30 * call)
                item = f"s{session} r{session}{call} divided"
                rows.append(observation("un_votes", "un_vote", actor, "WLD", (day, day), float(digit), item=item,
                                        source_row=f"{item} {actor}"))  # fmt: skip
    return rows


def test_agreement_is_one_less_half_the_difference_over_the_calls_both_voted_in():
    rows = votes(74, USA="1311", PAK="121.") + votes(9, USA="33", PAK="13")
    unanimous = observation(
        "un_votes", "un_vote", "USA", "WLD", (date(2019, 12, 1),) * 2, 1.0, item="s74 r749 unanimous"
    )
    panel = panel_of(world([*rows, unanimous, {**unanimous, "sender": "PAK"}]), "un_agreement", USA_PAK)
    # Session 74: equal, one apart, equal → (1 + ½ + 1) / 3; session 9 opened in 1954: two apart, equal → ½.
    known = panel.frame.dropna(subset="value")
    assert known["value"].tolist() == pytest.approx([0.5, 2.5 / 3])
    assert known["period_start"].dt.year.tolist() == [1954, 2019]
    assert known["records"].tolist() == [2, 3]
    assert len(panel.cell(PAK_USA, "un_agreement", date(2019, 1, 1))) == 6


def test_distance_is_the_difference_of_the_two_without_a_sign():
    points = [
        row
        for actor, values in (("USA", {2019: 2.5, 2020: 2.0}), ("PAK", {2019: -0.5, 2021: 1.0}))
        for row in yearly("ideal_point_final", values, actor, "WLD", "un_ideal_points")
    ]
    panel = panel_of(world(points), "un_ideal_distance", USA_PAK)
    assert cells(panel, "sender", "receiver", "period_start", "value") == [("PAK", "USA", "2019-01-01", 3.0)]
    assert len(panel.cell(USA_PAK, "un_ideal_distance", date(2019, 1, 1))) == 2
    assert panel.series(USA_PAK, "un_ideal_distance").dyad == Dyad("PAK", "USA", directed=False)


def test_a_row_made_of_a_final_and_a_provisional_record_is_provisional():
    points = yearly("ideal_point_final", {2020: 1.0}, "USA", "WLD", "un_ideal_points")
    points += yearly("ideal_point_final", {2020: 2.0}, "PAK", "WLD", "un_ideal_points", status="provisional")
    assert cells(panel_of(world(points), "un_ideal_distance", USA_PAK), "status") == ["provisional"]


def test_deaths_of_a_group_count_whichever_side_it_was_on_and_once():
    rows = [
        event("ucdp_ged", "ged:state-based", *sides, date(2020, 1, day), fatalities=dead, location=where)
        for day, (sides, dead, where) in enumerate(
            [(("PAK", "TTP"), 5.0, "PAK"), (("TTP", "ISKP"), 7.0, "PAK"), (("TTP", "TTP"), 2.0, "PAK"),
             (("AFG", "TTP"), 9.0, "AFG"), (("PAK", "BLA"), 100.0, "PAK")], start=1)
    ]  # fmt: skip
    panel = panel_of(world(events=rows), "ged_group_fatalities", Dyad("TTP", "PAK"))
    assert cells(panel, "value", "records") == [(14.0, 3)]
    assert cells(panel_of(world(events=rows), "ged_fatalities", WLD_PAK), "value", "records") == [(114.0, 4)]


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_runs_on_empty_tables(name: str):
    empty = world()
    rows = MEASURES[name].rows
    import narwhals as nw

    asked = pd.DataFrame({"sender": ["USA"], "receiver": ["PAK"]}, dtype="str")
    found = rows(empty, nw.from_native(asked).lazy()).collect("pandas").to_native()
    assert len(found) == 0
    assert {"sender", "receiver", "period_start", "period_end", "value", "status", "record"} <= set(found.columns)
    with pytest.raises(PanelError, match="none of the measures has data"):
        panel_of(empty, name, USA_PAK)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.dates(date(2015, 1, 1), date(2020, 12, 31)), st.sampled_from(["USA", "PAK", "IND"]),
                          st.sampled_from(["PAK", "IND", "USA"])), max_size=40))  # fmt: skip
def test_the_sums_of_a_panel_equal_the_counts_of_events(given_events: list[tuple[date, str, str]]):
    rows = [event("gdelt_events", "cameo:042", sender, receiver, day) for day, sender, receiver in given_events]
    cover = [span("gdelt_events", "cameo", date(2015, 1, 1), date(2020, 12, 31))]
    dyads = [Dyad(a, b) for a in ("USA", "PAK", "IND") for b in ("USA", "PAK", "IND") if a <= b]
    frame = panel_of(world(events=rows, coverage=cover), "news_events", *dyads).frame
    assert frame["value"].notna().all()
    assert len(frame) == 72 * len(dyads)
    within = [pair for _, *pair in given_events if pair[0] <= pair[1]]
    assert frame["value"].sum() == frame["records"].sum() == len(within)
    by_dyad = frame.groupby(["sender", "receiver"])["value"].sum()
    for dyad in dyads:
        expected = sum((sender, receiver) == (dyad.sender, dyad.receiver) for _, sender, receiver in given_events)
        assert by_dyad[dyad.sender, dyad.receiver] == expected
