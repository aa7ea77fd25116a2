"""Comparison with donors beside printed values: `python benchmarks/synthetic.py [FOLDER]`.

FOLDER holds `california_prop99_outcome.csv`, `prop99_full_predictors.csv` and `basque.csv` (columns as published with
the packages synthdid, tidysynth and Synth). Without it only the worlds of known truth are run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from detente.turning_points.synthetic_control import Covariate, SyntheticEffect, synthetic

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


def cigarettes(path: Path) -> list[Row]:
    panel = pd.read_csv(path, sep=";")
    columns = {"unit": "State", "time": "Year", "outcome": "PacksPerCapita", "treated": "California", "at": 1989}
    rows: list[Row] = []
    for method, printed, error in (("sdid", -15.604, 8.368), ("sc", -19.620, np.nan), ("did", -27.349, 17.740)):
        found, seconds = timed(lambda method=method: synthetic(panel, method=method, **columns))
        rows.append((f"Prop 99 {method}: effect", printed, found.effect))
        if found.error is not None:
            rows.append((f"Prop 99 {method}: standard error (print: 200 draws of 38)", error, found.error))
        rows.append((f"Prop 99 {method}: seconds with placebos (goal of sdid)", 3.0, seconds))
    exact = synthetic(panel, solver="exact", placebos=False, **columns)
    return [*rows, ("Prop 99 sc exact: effect", -19.51363, exact.effect), ("its loss", 2.743662, exact.loss)]


def predictors(path: Path) -> list[Row]:
    columns = {"unit": "state", "time": "year", "outcome": "cigsale", "treated": "California", "at": 1989}
    found, seconds = timed(lambda: synthetic(pd.read_csv(path), covariates=ADH, **columns))
    weights = [(f"Prop 99 covariates: {name}", printed, found.weights[name]) for name, printed in PRINTED.items()]
    loss = ("its loss (print: of the printed weights)", 3.0892, found.loss)
    return [*weights, loss, ("its p", 0.0256, found.p or np.nan), ("its seconds with 38 placebos (goal)", 5.0, seconds)]


def basque(path: Path) -> list[Row]:
    panel = pd.read_csv(path)
    panel = panel[panel["year"] >= 1960]
    columns = {"unit": "regionname", "time": "year", "outcome": "gdpcap", "treated": "Basque Country (Pais Vasco)"}
    whole, seconds = timed(lambda: synthetic(panel, at=1970, covariates=BASQUE, **columns))
    fewer = panel[panel["regionname"] != "Spain (Espana)"]
    left = synthetic(fewer, at=1970, covariates=BASQUE, placebos=False, **columns)
    return [
        ("Basque loss (goal: at most)", 0.0042, whole.loss),
        ("its loss without the row of Spain, of weight zero", whole.loss, left.loss),
        ("its effect without that row", whole.effect, left.effect),
        ("its seconds with 17 placebos", np.nan, seconds),
    ]


def timed(work: Callable[[], SyntheticEffect]) -> tuple[SyntheticEffect, float]:
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def worlds(count: int = 200) -> list[Row]:
    """False alarms and coverage among exchangeable units, where the nominal rates hold by construction."""
    rows: list[Row] = []
    for method in ("sc", "sdid", "did"):
        found = [nothing(seed, method) for seed in range(count)]
        rows.append((f"{method}: share of p ≤ .05 where nothing happened", 0.05, np.mean([one.found for one in found])))
        if method != "sc":
            inside = np.mean([one.low <= 0 <= one.high for one in found])
            rows.append((f"{method}: coverage of the 95 % interval", 0.95, inside))
    return rows


def nothing(seed: int, method: str) -> SyntheticEffect:
    draw = np.random.default_rng(seed)
    values = draw.standard_normal((30, 20)).cumsum(axis=0) * 0.3 + draw.standard_normal((30, 20))
    wide = pd.DataFrame(values, columns=[f"unit {number:02}" for number in range(20)]).rename_axis(index="time")
    panel = wide.reset_index().melt("time", var_name="unit", value_name="y")
    columns = {"unit": "unit", "time": "time", "outcome": "y", "treated": "unit 00", "at": 20}
    return synthetic(panel, method=method, solver="exact", **columns)


FILES = {"california_prop99_outcome.csv": cigarettes, "prop99_full_predictors.csv": predictors, "basque.csv": basque}


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    rows: list[Row] = []
    for name, run in FILES.items():
        if folder is not None and (folder / name).is_file():
            rows += run(folder / name)
        else:
            print(f"{name}: not there, left out")
    print("| what | reference | here |\n|---|---|---|")
    for what, reference, here in [*rows, *worlds()]:
        print(f"| {what} | {reference:.6g} | {here:.6g} |")


if __name__ == "__main__":
    main()
