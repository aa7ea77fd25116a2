"""An invented study: numbers of our own making, a break where we put one, and everything a report shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from detente.claims import Verdict
from detente.panel import Line, Panel, PanelSpec, build, index, measures
from detente.protocol import Protocol, parse
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, Dyad, Records, Series, us_fiscal_year
from detente.report import Findings, Reading
from detente.report.findings import LINEAGE
from detente.results import Check
from detente.sources.ingest import complete_table
from detente.turning_points import (
    ChangePoints,
    DateComparison,
    InterventionEffect,
    TurningPoint,
    breaks,
    turning_point,
)
from detente.turning_points.belief.scales import grows
from detente.turning_points.belief.verdict import Beside
from detente.turning_points.effects.interventions import PROPORTION

HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(2)> & "quotes"'

# measure → indicator of its records, first year; the frequency is the measure's own
OBSERVED = {
    "us_economic_aid": ("aid_economic_constant", 1995),
    "us_military_aid": ("aid_military_constant", 1995),
    "us_aid_obligations": ("aid_obligations_constant", 1999),
    "us_aid_disbursements": ("aid_disbursements_constant", 1999),
    "us_coalition_support": ("crs_coalition_support", 2002),
    "voting_coincidence_all": ("voting_coincidence_all", 2000),
    "voting_coincidence_important": ("voting_coincidence_important", 2000),
    "un_ideal_point": ("ideal_point_final", 1995),
    "fig_gallup_us_leadership_approval": ("fig_gallup_us_leadership_approval", 2006),
    "goods_exports": ("exports_fob", 1995),
    "goods_imports": ("imports_cif", 1995),
    "goods_exports_census": ("goods_exports", 1995),
    "visas_nonimmigrant": ("visas_nonimmigrant_total", 2013),
    "visas_immigrant": ("visas_immigrant", 2013),
    "fatalities": ("fatalities", 1995),
    "us_troops": ("troops_active", 2008),
    "refugees": ("refugees", 1995),
    "returned_refugees": ("returned_refugees", 1995),
    "gdp": ("gdp_constant", 1995),
    "population": ("population", 2021),
}
GROUPS = ("TTP", "ISKP", "BLA")
STUDY = """
title: {title}
dyad: [USA, PAK]
turning_point: {{name: Withdrawal from Afghanistan, date: 2021-08-15}}
rivals:
  - {{name: Suspension of security assistance, date: 2018-01-04}}
  - {{name: Doha agreement, date: 2020-02-29}}
shocks: [{{name: Pandemic, from: 2020-03-11, to: 2023-05-05}}]
windows:
  pre: {{from: 2002-01-01, to: 2021-08-14}}
  post: {{from: 2021-08-15, to: 2025-12-31}}
armed_groups: [TTP, ISKP, BLA]
objectives: [To see whether the page holds]
dimensions:
  economic_aid:
    title: Economic aid
    question: How much aid is given?
    chart: true
    measures: [{{measure: us_economic_aid}}, {{measure: us_aid_obligations}}, {{measure: us_aid_disbursements}}]
  military_support:
    title: Military support
    chart: true
    measures: [{{measure: us_military_aid}}, {{measure: us_coalition_support}}, {{measure: us_troops, closer: none}}]
  diplomacy:
    title: Diplomatic engagement
    chart: true
    measures: [{{measure: voting_coincidence_all, sender: PAK, receiver: USA}}]
  nothing:
    title: A dimension without data
    chart: true
    measures: [{{measure: fig_pew_us_favourable, sender: PAK, receiver: USA}}]
  region:
    title: Security of the region
    measures:
      - {{measure: fatalities, sender: WLD, receiver: PAK, closer: none}}
      - {{measure: ged_group_fatalities, sender: TTP, receiver: PAK, closer: none}}
      - {{measure: ged_group_fatalities, sender: ISKP, receiver: PAK, closer: none}}
      - {{measure: refugees, sender: AFG, receiver: PAK, closer: none}}
      - {{measure: population, sender: PAK, receiver: WLD, closer: none}}
seed: 7
"""
MANY_DYADS = (("USA", "PAK"), ("PAK", "USA"))


def protocol(title: str = "An invented study") -> Protocol:
    """The small study."""
    return parse(STUDY.format(title=repr(title)))


def large_protocol() -> Protocol:
    """The same with 45 measures or more."""
    whole = protocol().model_dump(mode="json", by_alias=True)
    skip = {"population", "fatalities"}
    for sender, receiver in MANY_DYADS:
        names = [name for name in OBSERVED if name not in skip]
        whole["dimensions"][f"more_{sender.lower()}_{receiver.lower()}"] = {
            "title": f"More of {sender} and {receiver}",
            "measures": [{"measure": name, "sender": sender, "receiver": receiver} for name in names],
        }
    return Protocol.model_validate(whole)


def _periods(frequency: str, first: int) -> list[tuple[date, date]]:
    if frequency == "fiscal_year":
        return [us_fiscal_year(year) for year in range(first, 2026)]
    code = {"month": "MS", "quarter": "QS"}.get(frequency, "YS")
    starts = pd.date_range(f"{first}-01-01", "2025-12-31", freq=code)
    months = {"MS": 1, "QS": 3, "YS": 12}[code]
    return [(one.date(), (one + pd.DateOffset(months=months) - pd.Timedelta(days=1)).date()) for one in starts]


def _level(name: str) -> float:
    unit = measures()[name].unit
    return (
        40.0
        if unit.startswith("%")
        else 0.5
        if unit in ("share", "ideal-point units")
        else 4e8
        if "USD" in unit
        else 300.0
    )


def _observations(name: str, sender: str, receiver: str) -> pd.DataFrame:
    indicator, first = OBSERVED[name]
    periods = _periods(measures()[name].frequency, first)
    rng = np.random.default_rng(sum(map(ord, f"{name}{sender}{receiver}")))
    level = _level(name)
    values = level * (1 + 0.12 * rng.standard_normal(len(periods)))
    after = np.array([start >= date(2021, 8, 15) for start, _ in periods])
    values = values * np.where(after, 0.35 if len(name) % 2 else 1.0, 1.0)
    starts, ends = zip(*periods, strict=True)
    frame = pd.DataFrame({"indicator": indicator, "period_start": starts, "period_end": ends, "value": values})
    rows = [f"sheet 1, row {number}" for number in range(len(frame))]
    return frame.assign(
        sender=sender, receiver=receiver, unit=measures()[name].unit, item="all", status="final", source_row=rows
    )


def _events() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for group in GROUPS:
        for start in pd.date_range("2002-01-01", "2025-12-31", freq="MS"):
            rows += [
                (start.date(), group, float(rng.poisson(4)), f"{group} {start:%Y-%m} {number}")
                for number in range(int(rng.poisson(1.5)))
            ]
    frame = pd.DataFrame(rows, columns=["date", "sender", "fatalities", "source_row"])
    return frame.assign(
        date_end=frame["date"], receiver="PAK", location="PAK", kind="ged:state-based", item="conflict", status="final",
        text="an attack",
    )  # fmt: skip


@cache
def _records(keys: tuple[tuple[str, str, str], ...]) -> Records:
    tables: dict[str, list[pd.DataFrame]] = {"events": [], "observations": [], "coverage": [], "files": []}
    by_source: dict[str, list[tuple[str, str, str]]] = {}
    for name, sender, receiver in keys:
        by_source.setdefault(measures()[name].source_id, []).append((name, sender, receiver))
    for source, mine in by_source.items():
        stamp = {"source_id": source, "version": "2026-01", "file": f"{abs(hash(source)):064x}"[:64]}
        held = [_observations(*one) for one in mine if one[0] in OBSERVED]
        if held:
            tables["observations"].append(_stamped(OBSERVATIONS, pd.concat(held, ignore_index=True), stamp))
        if source == "ucdp_ged":
            tables["events"].append(_stamped(EVENTS, _events(), stamp))
        tables["coverage"].append(_stamped(COVERAGE, _coverage(mine), stamp))
        tables["files"].append(complete_table(FILES, _file(source), stamp))
    whole = {
        name: pd.concat(parts, ignore_index=True)
        if parts
        else complete_table(EVENTS, pd.DataFrame(), {"source_id": ""})
        for name, parts in tables.items()
    }
    return Records(**whole)


def _stamped(table: Any, frame: pd.DataFrame, stamp: dict[str, str]) -> pd.DataFrame:
    whole = complete_table(table, frame, stamp)
    ids = [f"{stamp['source_id']}-{table.name[:3]}-{number}" for number in range(len(whole))]
    return whole.assign(**{table.id_column: pd.Series(ids, dtype="str")})


def _coverage(mine: list[tuple[str, str, str]]) -> pd.DataFrame:
    kinds = sorted({kind for name, _, _ in mine for kind in measures()[name].covers})
    return pd.DataFrame(
        {
            "indicator": kinds,
            "sender": "*",
            "receiver": "*",
            "period_start": date(2002, 1, 1),
            "period_end": date(2025, 12, 31),
        }
    )


def _file(source: str) -> pd.DataFrame:
    row = {
        "name": f"{source}.csv", "bytes": 12345, "rows": 900, "records": 890, "skipped": '{"world totals": 10}',
        "title": f"Invented {source}", "publisher": "Nobody & Sons", "licence": "CC BY 4.0",
        "url": f"https://example.org/{source}", "citation": f"Nobody (2026), {source}.",
        "covers_from": date(1995, 1, 1), "covers_to": date(2025, 12, 31),
    }  # fmt: skip
    return pd.DataFrame([row])


def lines(study: Protocol) -> tuple[Line, ...]:
    """The lines of a study's dimensions."""
    found = []
    for name, dimension in study.dimensions.items():
        for tracked in dimension.measures:
            dyad = study.of(tracked)
            found.append(
                Line(tracked.measure, Dyad(dyad.sender, dyad.receiver, measures()[tracked.measure].directed), name)
            )
    return tuple(found)


def panel(study: Protocol) -> Panel:
    """The panel of a study on invented records."""
    from detente.actors import registry

    asked = lines(study)
    keys = tuple((one.measure, one.dyad.sender, one.dyad.receiver) for one in asked if one.measure in OBSERVED)
    groups = tuple(
        (one.measure, one.dyad.sender, one.dyad.receiver) for one in asked if one.measure == "ged_group_fatalities"
    )
    return build(_records(keys + groups), PanelSpec(asked), registry())


def reading(study: Protocol, made: Panel, line: Line) -> Reading:
    """What the methods would say of a line: made up, so that no test waits for them."""
    whole = made.series(line.dyad, line.measure)
    frame = whole.frame[whole.frame["period_end"] >= pd.Timestamp(study.windows.pre.start)].reset_index(drop=True)
    series = replace(whole, frame=frame)
    if len(frame) < 8:
        return Reading(line=line, series=series, refused=f"{series.name} has {len(frame)} known values; 8 are needed")
    dates, effect = _dates(study, series), _effect(study, series)
    return Reading(
        line=line, series=series, breaks=_breaks(series), dates=dates, effect=effect,
        judged=_judged(series, dates, effect),
    )  # fmt: skip


@cache
def answers() -> tuple[ChangePoints, TurningPoint]:
    """What the methods say of one short series; the rest is varied from it, so that no test waits for them."""
    study = protocol()
    values = [5.1, 4.9, 5.2, 5.0, 5.0, 5.4, 4.7, 5.1, 5.3, 4.8, 5.2, 4.9, 5.0, 5.3, 4.9, 5.1, 5.2, 4.8, 2.0, 2.3,
              1.9, 2.1]  # fmt: skip
    starts = pd.date_range("2004-01-01", periods=len(values), freq="YS")
    ends = starts + pd.DateOffset(years=1) - pd.Timedelta(days=1)
    frame = pd.DataFrame({"period_start": starts, "period_end": ends, "value": values})
    series = Series("refugees", Dyad("AFG", "PAK"), "persons", "year", frame, "An example")
    at, rivals = study.turning_point, [(one.name, one.date) for one in study.rivals]
    beside = Beside(rivals=rivals, shocks=[(one.name, one.start, one.end) for one in study.shocks])
    return breaks(series), turning_point(series, at.date, name=at.name, beside=beside, scale="logarithms")


def _breaks(series: Series) -> ChangePoints:
    starts = list(series.frame["period_start"].dt.date)
    at = 3 * len(starts) // 4
    example = answers()[0]
    one = replace(
        example.breaks[0], date=starts[at], last_of_old=starts[at - 1], low=starts[at - 2], high=starts[at + 1],
        label=f"{starts[at - 1]:%Y-%m}", label_low=f"{starts[at - 2]:%Y-%m}", label_high=f"{starts[at + 1]:%Y-%m}",
    )  # fmt: skip
    return replace(example, series=series.name, unit=series.unit, breaks=(one,), found=len(series.measure) % 2 == 1)


def _dates(study: Protocol, series: Series) -> DateComparison:
    chosen = sum(map(ord, series.name)) % 5
    verdict = ("claimed", f"rival:{study.rivals[0].name}", "elsewhere", "no break", "cannot tell")[chosen]
    return replace(answers()[1].dating, series=series.name, unit=series.unit, verdict=verdict)


def _effect(study: Protocol, series: Series) -> InterventionEffect:
    at, frame = study.turning_point, series.frame
    level = float(frame["value"].mean())
    rows = tuple(
        {"period_start": start, "value": value, "without": level, "low": 0.7 * level, "high": 1.3 * level,
         "after": start.date() >= at.date}
        for start, value in zip(frame["period_start"], frame["value"], strict=True)
    )  # fmt: skip
    odd = len(series.measure) % 2 == 1
    unit, size = (PROPORTION, 100.0) if grows(series.unit) else (series.unit, level)
    ends = {"low": -0.8 * size, "high": -0.2 * size if odd else 0.3 * size, "p": 0.01 if odd else 0.3}
    whole = replace(answers()[1].effect, series=series.name, unit=unit, table=rows)
    return replace(whole, effect=-0.5 * size, step=-0.5 * size, **ends)


def _judged(series: Series, dates: DateComparison, effect: InterventionEffect) -> TurningPoint:
    """The example's checks and curve under another name and grade."""
    chosen = ("strong", "moderate", "weak", "none")[sum(map(ord, series.name)) % 4]
    example = answers()[1]
    curve = replace(example.curve, series=series.name)
    short = () if chosen == "strong" else ("a check failed (pre-trend)",)
    return replace(example, series=series.name, grade=chosen, short_of=short, dating=dates, effect=effect, curve=curve)


def lineage(made: Panel) -> pd.DataFrame:
    """The records behind every cell, as the study would hand them over."""
    parts = []
    for line in made.lines():
        rows = made.members(line.dyad, line.measure)[["period_start", "record"]]
        parts.append(
            rows.assign(cell_measure=line.measure, cell_sender=line.dyad.sender, cell_receiver=line.dyad.receiver)
        )
    cells = pd.concat(parts, ignore_index=True).rename(columns={"period_start": "cell_period_start"})
    cells = cells.assign(record=cells["record"].str.split(" ")).explode("record").drop_duplicates()
    events = made.records.events.rename(
        columns={
            "event_id": "record",
            "kind": "what",
            "date": "period_start",
            "date_end": "period_end",
            "fatalities": "value",
        }
    ).assign(unit="deaths")
    held = made.records.observations.rename(columns={"observation_id": "record", "indicator": "what"})
    shown = ["record", "what", "sender", "receiver", "period_start", "period_end", "value", "unit", "item", "status",
             "source_row", "file", "source_id", "version"]  # fmt: skip
    rows = pd.concat([events[shown], held[shown]], ignore_index=True)
    rows = rows.merge(
        made.records.files[["file", "name", "title", "licence", "url", "citation"]], on="file", how="left"
    )
    return cells.merge(rows, on="record", how="left")[list(LINEAGE)]


def verdicts(made: Panel) -> tuple[Verdict, ...]:
    """Five claims, one of each outcome, one of them hostile."""
    records = tuple(made.records.observations["observation_id"].head(30))
    texts = ("Aid fell", HOSTILE, "Trade is imbalanced", "Violence rose", "Trust returned")
    outcomes = ("supported", "contradicted", "mixed", "inconclusive", "untestable")
    return tuple(
        Verdict(
            claim_id=f"C{number:03d}", statement=text, asserted_by="Somebody (2025), section 3, line 9",
            dimension="economic_aid" if number < 3 else "region", test="level_change" if number < 5 else "none",
            outcome=outcome, because=f"The level moved by −{number}.4 (95 % interval −5 to 2).",  # type: ignore[arg-type]
            numbers={"change": -1.4, "records": 30} if number < 5 else {}, rival="The pandemic explains nothing.",
            evidence=records if number < 5 else (), checks=(Check("enough data", number != 2, "12 values"),),
            conflicts=("C002 (contradicted)",) if number == 1 else (),
        )
        for number, (text, outcome) in enumerate(zip(texts, outcomes, strict=True), start=1)
    )  # fmt: skip


@cache
def findings(title: str = "An invented study", *, large: bool = False) -> Findings:
    """The invented study, ready to be shown."""
    study = large_protocol() if large else protocol(title)
    made = panel(study)
    return Findings(
        protocol=study,
        panel=made,
        made=date(2026, 3, 1),
        readings=tuple(reading(study, made, line) for line in made.lines()),
        index=tuple(index(made, study, name, seed=study.seed) for name in study.dimensions if name[:4] != "more"),
        verdicts=verdicts(made),
        files=made.records.files,
        lineage=lineage(made),
        versions={"python": "3.11", "detente": "0.1.0"},
    )
