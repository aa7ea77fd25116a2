"""Comparison with donors beside printed values: `python benchmarks/synthetic.py [FOLDER] [WORLDS]`.

FOLDER holds `california_prop99_outcome.csv`, `prop99_full_predictors.csv`, `basque.csv`, `germany.csv` and
`scpi_germany.csv` (columns as published with the packages synthdid, tidysynth, Synth and scpi); what is not there is
left out. WORLDS is the number of simulated panels in each cell of the table of coverage (200 where not said). Seconds
are those of one processor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.turning_points.donors.comparison import Covariate, synthetic
from detente.turning_points.donors.panel import Columns
from detente.turning_points.donors.placebos import Asked, compare_all
from detente.turning_points.donors.reading import donors

Row = tuple[str, float, float]
ADH = [
    Covariate("lnincome", 1980, 1988),
    Covariate("beer", 1984, 1988),
    Covariate("age15to24", 1980, 1988),
    Covariate("retprice", 1980, 1988),
    *(Covariate("cigsale", year, year) for year in (1975, 1980, 1988)),
]
PRINTED = {"Utah": 0.334, "Nevada": 0.234, "Montana": 0.199, "Colorado": 0.164, "Connecticut": 0.069}
SECTORS = ("agriculture", "energy", "industry", "construction", "services.venta", "services.nonventa")
BASQUE = [
    *(Covariate(f"school.{level}", 1964, 1969) for level in ("illit", "prim", "med", "high", "post.high")),
    Covariate("invest", 1964, 1969),
    Covariate("gdpcap", 1960, 1969),
    *(Covariate(f"sec.{sector}", 1961, 1969) for sector in SECTORS),
    Covariate("popdens", 1969, 1969),
]
GERMANY = [
    *(Covariate(name, 1981, 1990) for name in ("gdp", "trade", "infrate", "industry")),
    Covariate("schooling", 1980, 1985),
    Covariate("invest80", 1980, 1980),
]
PRINTED_GERMANY = {"Austria": 0.42, "USA": 0.22, "Japan": 0.16, "Switzerland": 0.11, "Netherlands": 0.09}
SCPI = {
    "Austria": 0.2911,
    "France": 0.0303,
    "Italy": 0.1914,
    "Netherlands": 0.1330,
    "Switzerland": 0.0814,
    "USA": 0.2728,
}
METHODS = ("sc", "augmented", "sdid", "did")
SLOWER = 4
"""The augmented method takes ten times as long and gets a quarter of the panels."""


def cigarettes(path: Path) -> list[Row]:
    panel = pd.read_csv(path, sep=";")
    columns = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "treated": "California", "at": 1989}
    rows: list[Row] = []
    for method, printed, error in (("sdid", -15.604, 8.368), ("sc", -19.620, np.nan), ("did", -27.349, 17.740)):
        found, seconds = timed(lambda method=method: synthetic(panel, method=method, **columns))
        rows.append((f"Prop 99 {method}: effect", printed, found.average))
        if found.error is not None:
            low, high = drawn_errors(list(found.placebos.values()))
            rows.append((f"Prop 99 {method}: standard error (all 38 placebos; print: 200 draws)", error, found.error))
            rows += [("… 95 % of such draws: from", error, low), ("… to", error, high)]
        rows.append((f"Prop 99 {method}: seconds with 38 placebos (goal: at most)", 5.0, seconds))
    rows.append(("Prop 99 sdid: seconds of 200 placebos, none kept (goal: at most)", 3.0, two_hundred(panel)))
    exact = synthetic(panel, solver="exact", placebos=False, **columns)
    ridged = synthetic(panel, method="augmented", **columns)
    rows += [("Prop 99 sc exact: effect", -19.51363, exact.average), ("its loss", 2.743662, exact.loss)]
    return [*rows, ("Prop 99 augmented: effect", np.nan, ridged.average)]


def drawn_errors(effects: list[float]) -> tuple[float, float]:
    """Where the standard error of 200 random placebos falls, by which one is printed."""
    draw = np.random.default_rng(0)
    errors = [draw.choice(effects, 200).std() for _ in range(2000)]
    return float(np.quantile(errors, 0.025)), float(np.quantile(errors, 0.975))


def two_hundred(panel: pd.DataFrame) -> float:
    read = donors(panel, Columns("State", "Year", "PacksPerCapita"), "California", 1989)
    draw = np.random.default_rng(0)
    units = draw.integers(0, read.treated, 200).tolist()
    pairs = [(one, tuple(other for other in range(read.treated) if other != one)) for one in units]
    return timed(lambda: compare_all(read, pairs, Asked("sdid")))[1]


def predictors(path: Path) -> list[Row]:
    columns = {"unit": "state", "time": "year", "outcome": "cigsale", "treated": "California", "at": 1989}
    panel = pd.read_csv(path)
    found, seconds = timed(lambda: synthetic(panel, covariates=ADH, **columns))
    weights = [(f"Prop 99 covariates: {name}", printed, found.weights[name]) for name, printed in PRINTED.items()]
    loss = ("its loss (print: of the printed weights)", 3.0892, found.loss)
    effects = [("its effect", np.nan, found.average), ("lower end by placebos", np.nan, found.lower)]
    effects += [("upper end by placebos", np.nan, found.upper), *alike(found)]
    return [*weights, loss, ("its p", 0.0256, found.p), *effects, ("its seconds, 38 placebos (goal)", 5.0, seconds)]


def alike(found: Any) -> list[Row]:
    low, high = found.effects_alike
    return [("least effect of equally good V", np.nan, low), ("largest effect of equally good V", np.nan, high)]


def basque(path: Path) -> list[Row]:
    panel = pd.read_csv(path)
    panel = panel[panel["year"] >= 1960]
    columns = {"unit": "regionname", "time": "year", "outcome": "gdpcap", "treated": "Basque Country (Pais Vasco)"}
    whole, seconds = timed(lambda: synthetic(panel, at=1970, covariates=BASQUE, **columns))
    fewer = panel[panel["regionname"] != "Spain (Espana)"]
    left = synthetic(fewer, at=1970, covariates=BASQUE, placebos=False, **columns)
    other = [one for one in BASQUE if one.name != "gdpcap"]
    without = synthetic(panel, at=1970, covariates=other, placebos=False, **columns)
    return [
        ("Basque loss (goal: at most; R's Synth .0089)", 0.0042, whole.loss),
        ("its loss without the row of Spain, of weight zero", whole.loss, left.loss),
        ("its effect without that row", whole.average, left.average),
        *alike(whole),
        ("Basque loss without the outcome among the predictors (MSCMT)", 0.004286, without.loss),
        ("its seconds with 17 placebos", np.nan, seconds),
    ]


def germany(path: Path) -> list[Row]:
    panel = pd.read_csv(path)
    columns = {"unit": "country", "time": "year", "outcome": "gdp", "treated": "West Germany", "at": 1990}
    whole, seconds = timed(lambda: synthetic(panel, covariates=GERMANY, **columns))
    idle = [name for name, weight in whole.weights.items() if weight == 0][:3]
    kept = panel[~panel["country"].isin(idle)]
    left = synthetic(kept, covariates=GERMANY, placebos=False, **columns)
    gaps = whole.read.gaps(whole.read.treated, range(whole.read.treated))[: whole.read.before]
    printed = float(((gaps @ [PRINTED_GERMANY.get(name, 0.0) for name in whole.donors]) ** 2).mean())
    named = "Germany covariates: {} (print: V fitted to other years)"
    weights = [(named.format(name), share, whole.weights[name]) for name, share in PRINTED_GERMANY.items()]
    return [
        *weights,
        ("its loss (print: of the printed weights)", printed, whole.loss),
        (f"its loss without {', '.join(idle)}, of weight zero", whole.loss, left.loss),
        ("its effect without those rows", whole.average, left.average),
        *alike(whole),
        ("its p (print: rank 1 of 17)", 1 / 17, whole.p),
        ("its seconds with 16 placebos", np.nan, seconds),
    ]


def scpi(path: Path) -> list[Row]:
    columns = {"unit": "country", "time": "year", "outcome": "gdp", "treated": "West Germany", "at": 1991}
    found = synthetic(pd.read_csv(path), solver="exact", **columns)
    weights = [(f"Germany outcome alone: {name}", printed, found.weights[name]) for name, printed in SCPI.items()]
    frame = found.to_frame().set_index("time")
    row = frame.loc[1991]
    return [
        *weights,
        ("its expected value in 1991", 21.1002, row["without"]),
        ("its expected value in 2003", 32.3202, frame.loc[2003, "without"]),
        ("half width in 1991: scpi's prediction interval, conformal here (other questions)", 1.152, half(row)),
    ]


def half(row: Any) -> float:
    return float(row["conformal_upper"] - row["conformal_lower"]) / 2


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return work(), time.process_time() - start


Cell = tuple[str, bool, int, float]


CELLS: tuple[Cell, ...] = (
    ("autoregressive", False, 20, 0.0),
    ("autoregressive", False, 20, 2.0),
    ("autoregressive", True, 20, 0.0),
    ("random walk", False, 20, 0.0),
    ("autoregressive", False, 6, 0.0),
)
"""Movement of the factors, whether the treated unit is an average of donors, periods before, effect."""


def factors(seed: int, cell: Cell, *, units: int = 21, after: int = 10) -> pd.DataFrame:
    """Three factors (AR .7 or random walks), loads and levels of units, noise; the first unit has the event."""
    movement, averaged, before, effect = cell
    draw = np.random.default_rng(seed)
    deep = before + after
    shocks, shared, keep = draw.standard_normal((deep, 3)), np.zeros((deep, 3)), 0.7 if movement[0] == "a" else 1.0
    for when in range(deep):
        shared[when] = keep * shared[when - 1] + shocks[when] if when else shocks[when]
    loads, levels = draw.uniform(0, 1, (3, units)), 0.5 * draw.standard_normal(units)
    values = 10 + levels + shared @ loads + 0.5 * draw.standard_normal((deep, units))
    if averaged:
        values[:, 0] = values[:, 1:5] @ draw.dirichlet(np.ones(4)) + 0.5 * draw.standard_normal(deep)
    values[before:, 0] += effect
    wide = pd.DataFrame(values, columns=[f"unit {number:02}" for number in range(units)]).rename_axis(index="time")
    return wide.reset_index().melt("time", var_name="unit", value_name="y")


def coverage(count: int) -> pd.DataFrame:
    """Share of panels in which each interval holds the effect, its median width, and verdicts of a change."""
    rows: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    verdicts: dict[tuple[Any, ...], list[bool]] = {}
    columns = {"unit": "unit", "time": "time", "outcome": "y", "treated": "unit 00", "solver": "exact"}
    for cell, seed in product(CELLS, range(count)):
        panel = factors(seed, cell)
        for method in METHODS:
            if method == "augmented" and seed >= count // SLOWER:
                continue
            found = synthetic(panel, at=cell[2], method=method, **columns)
            verdicts.setdefault((*cell, method), []).append(found.found)
            for one in found.intervals:
                if one.lower is not None:
                    held = (float(one.lower <= cell[3] <= one.upper), one.upper - one.lower)
                    rows.setdefault((*cell, method, one.name), []).append(held)
    names = ["factors", "average of donors", "before", "effect", "method", "interval"]
    table = [(*key, len(v) / len(verdicts[key[:5]]), *means(v), np.mean(verdicts[key[:5]])) for key, v in rows.items()]
    return pd.DataFrame(table, columns=[*names, "given", "covers", "median width", "a change told"])


def means(held: list[tuple[float, float]]) -> tuple[float, float]:
    values = np.array(held)
    return float(values[:, 0].mean()), float(np.median(values[:, 1]))


def staggered(count: int) -> list[Row]:
    """Three units at two dates among 25 of a kind: coverage and false alarms."""
    rows: list[Row] = []
    for method in ("sc", "sdid", "did"):
        found = []
        for seed in range(count):
            panel = factors(seed, ("autoregressive", False, 20, 0.0), units=25)
            events = {"unit 00": 18, "unit 01": 22, "unit 02": 22}
            found.append(
                synthetic(panel, unit="unit", time="time", outcome="y", treated=events, method=method, seed=seed)
            )
        covered = np.mean([one.lower <= 0 <= one.upper for one in found])
        rows.append((f"staggered {method}: coverage of the 95 % interval", 0.95, float(covered)))
        told = float(np.mean([one.found for one in found]))
        rows.append((f"staggered {method}: a change told where there is none", 0.05, told))
    return rows


FILES = {
    "california_prop99_outcome.csv": cigarettes,
    "prop99_full_predictors.csv": predictors,
    "basque.csv": basque,
    "germany.csv": germany,
    "scpi_germany.csv": scpi,
}


def main() -> None:
    """Print the tables."""
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    folders = [Path(one) for one in sys.argv[1:] if not one.isdigit()]
    count = numbers[0] if numbers else 200
    rows: list[Row] = []
    for name, run in FILES.items():
        if folders and (folders[0] / name).is_file():
            rows += run(folders[0] / name)
        else:
            print(f"{name}: not there, left out")
    print("| what | reference | here |\n|---|---|---|")
    for what, reference, here in rows:
        print(f"| {what} | {reference:.6g} | {here:.6g} |")
    if count:
        print_worlds(count)


def print_worlds(count: int) -> None:
    table = coverage(count)
    print(f"\n{count} panels a cell; 20 donors, 10 periods after\n")
    print("| " + " | ".join(table.columns) + " |\n|" + "---|" * len(table.columns))
    for row in table.itertuples(index=False):
        print("| " + " | ".join(f"{one:.3g}" if isinstance(one, float) else str(one) for one in row) + " |")
    print("\n| what | nominal | here |\n|---|---|---|")
    for what, reference, here in staggered(count):
        print(f"| {what} | {reference:.6g} | {here:.6g} |")


if __name__ == "__main__":
    main()
