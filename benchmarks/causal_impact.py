"""Ten recorded runs of R's CausalImpact to a table beside `effect(method="bsts")`, in markdown.

The runs and their data lie in the folder of reference data (reference/causalimpact). Run:
python benchmarks/causal_impact.py ../shared/data
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.datasets import nile

from detente.turning_points.effects.effect import Effect, effect
from detente.turning_points.effects.state_space import StateSpace


def inputs(folder: Path, name: str) -> tuple[pd.Series, Any, pd.DataFrame | None, int]:
    """Series, first period after, controls and number of periods before of a run."""
    if name.startswith("vignette"):
        table = pd.read_csv(folder / "vignette_data.csv")
        return table["y"], 70, table[["x1"]], 70
    if name == "nile_1898":
        values = nile.load_pandas().data["volume"]
        return pd.Series(values.to_numpy(float), index=pd.period_range("1871", periods=100, freq="Y")), "1899", None, 28
    file, column = ("google_data.csv", "y") if name == "google" else ("basque.csv", "Basque")
    table = pd.read_csv(folder / file)
    table.index = pd.PeriodIndex(table.pop("date"), freq="D" if name == "google" else "Y")
    at, before = ("2020-03-02", 61) if name == "google" else ("1976", 21)
    return table.pop(column), at, table, before


def run(folder: Path, name: str, recorded: dict[str, Any]) -> tuple[Effect, float, float]:
    """Our answer, the standard deviation of the values before, and processor seconds: the least of three runs."""
    series, at, controls, before = inputs(folder, name)
    model = StateSpace(level_sd=(recorded["model_args"] or {}).get("prior.level.sd", 0.01))
    seconds = []
    for _ in range(3):
        start = time.process_time()
        found = effect(series, at, controls, method=model)
        seconds.append(time.process_time() - start)
    return found, float(series.iloc[:before].std()), min(seconds)


def lines(folder: Path) -> list[str]:
    """The table."""
    heads = ["run", "effect, R", "here", "apart, sd", "interval, R", "here", "ends apart, of the width", "p, R", "here"]
    heads += ["seconds, R", "here"]
    made = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    runs = json.loads((folder / "R_CausalImpact_expected.json").read_text())
    for name, recorded in runs.items():
        if name.startswith("_"):
            continue
        theirs = recorded["average"]
        found, sd, seconds = run(folder, name, recorded)
        value, low, high = (theirs[f"AbsEffect{part}"] for part in ("", ".lower", ".upper"))
        apart = max(abs(found.lower - low), abs(found.upper - high)) / (high - low)
        cells = [name, f"{value:.4g}", f"{found.average:.4g}", f"{abs(found.average - value) / sd:.4f}"]
        cells += [f"{low:.4g} to {high:.4g}", f"{found.lower:.4g} to {found.upper:.4g}", f"{apart:.3f}"]
        cells += [f"{theirs['p']:.5f}", f"{found.one_sided:.5f}", f"{recorded['seconds']:.2f}", f"{seconds:.2f}"]
        made.append("| " + " | ".join(cells) + " |")
    return made


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data / "reference" / "causalimpact"
    np.seterr(all="raise", under="ignore")
    print("\n".join(lines(folder)))


if __name__ == "__main__":
    main()
