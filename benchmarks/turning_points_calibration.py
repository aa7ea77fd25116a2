"""Worlds with known truth to tables of coverage, false alarms and power, in markdown.

Run: python benchmarks/turning_points_calibration.py --reps 400
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from detente.turning_points.classical import newey_west, prais_winsten
from detente.turning_points.examples import autoregressive
from detente.turning_points.noise import grid
from detente.turning_points.posterior import date_posterior
from detente.turning_points.robust import average

Array = NDArray[np.float64]
SIZES = ((100, 70), (30, 20), (15, 11))
WORLDS = ("white noise", "AR 0.6", "drift 0.1")
OUTSIDE = ("trend of 0.05 a period", "AR 0.9", "random walk", "heavy tails (t3)", "log-normal", "late noise × 3")
"""Worlds that the model contains only at its edge, or not at all."""


def draw(world: str, n: int, reps: int, rng: np.random.Generator) -> Array:
    """Series without a change, one a column; the noise has variance 1 save in the random walk and where it drifts."""
    white = rng.standard_normal((n, reps))
    made = {
        "white noise": lambda: white,
        "AR 0.6": lambda: autoregressive(n, 0.6, rng, count=reps),
        "AR 0.9": lambda: autoregressive(n, 0.9, rng, count=reps),
        "drift 0.1": lambda: white + 0.1 * rng.standard_normal((n, reps)).cumsum(axis=0),
        "trend of 0.05 a period": lambda: white + 0.05 * np.arange(n)[:, None],
        "random walk": lambda: white.cumsum(axis=0),
        "log-normal": lambda: np.exp(white),
        "late noise × 3": lambda: white * np.where(np.arange(n) < 0.8 * n, 1.0, 3.0)[:, None],
        "heavy tails (t3)": lambda: rng.standard_t(3, (n, reps)) / np.sqrt(3),
    }
    return np.asarray(made[world]())


def robust_rates(y: Array, first: int) -> tuple[float, float, float]:
    """Coverage, power at one standard deviation and median width of `intervention`."""
    n = len(y)
    x = np.column_stack([np.ones(n), np.arange(n) >= first]).astype(float)
    trend = np.arange(n) - (n - 1) / 2
    known = average(grid(tuple(range(n))), x, y, optional=trend).mixture(np.array([0.0, 1.0]))
    few = average(grid(tuple(range(n))), x, y[:, :60], optional=trend).mixture(np.array([0.0, 1.0]))
    width = np.median(few.quantile(0.975) - few.quantile(0.025))
    # A change of one shifts every estimate by one and leaves its spread alone.
    return float((known.tail(0.0) >= 0.05).mean()), float((known.tail(-1.0) < 0.05).mean()), float(width)


def classical_rates(y: Array, first: int, method: object) -> tuple[float, float, float]:
    """The same for a textbook method."""
    n = len(y)
    x = np.column_stack([np.ones(n), np.arange(n) >= first]).astype(float)
    found = np.array([method(tuple(range(n)), x, c, np.array([0.0, 1.0]))[:2] for c in y.T])  # type: ignore[operator]
    reach = t.ppf(0.975, n - 2) * found[:, 1]
    covers, power = np.abs(found[:, 0]) <= reach, np.abs(found[:, 0] + 1) > reach
    return float(covers.mean()), float(power.mean()), float(np.median(2 * reach))


def effects(reps: int, seed: int) -> list[str]:
    """The table for `intervention`, `its_hac` and `its_ar1`."""
    lines = [
        "| n, change at | world | method | covers (95 %) | false alarms | power at 1 sd | median width |",
        "|---|---|---|---|---|---|---|",
    ]
    for n, first in SIZES:
        for world in (*WORLDS, *OUTSIDE):
            y = draw(world, n, reps, np.random.default_rng(seed))
            rates = {
                "intervention": robust_rates(y, first),
                "its_hac": classical_rates(y, first, newey_west),
                "its_ar1": classical_rates(y, first, prais_winsten),
            }
            for name, (covers, power, width) in rates.items():
                start = f"| {n}, {first + 1} | {world} | {name} |"
                lines.append(f"{start} {covers:.3f} | {1 - covers:.3f} | {power:.2f} | {width:.2f} |")
    return lines


def dates(reps: int, seed: int) -> list[str]:
    """The table for `breaks().found` and `compare_dates().verdict`."""
    heads = (
        "n",
        "world",
        "false alarms, level",
        "false alarms, trend",
        "finds 2 sd",
        "finds 3 sd",
        "dates right",
        "wrong",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for n in (15, 30, 60, 120):
        for world in (*WORLDS, *OUTSIDE):
            y = draw(world, n, reps, np.random.default_rng(seed))
            first, at = int(0.6 * n), tuple(range(n))
            step = (np.arange(n) >= first)[:, None]
            level = (date_posterior(at, y).no_break <= 0.2).mean()
            trend = (date_posterior(at, y, model="trend").no_break <= 0.1).mean()
            two, three = date_posterior(at, y + 2 * step), date_posterior(at, y + 3 * step)
            inside = np.isin(three.first_new, (first, first + 1))
            right = (three.by_date[inside].sum(axis=0) >= 0.8).mean()
            wrong = (three.by_date[~inside].sum(axis=0) >= 0.8).mean()
            found = [float((one.no_break <= 0.2).mean()) for one in (two, three)]
            alarms = f"| {n} | {world} | {level:.3f} | {trend:.3f} |"
            lines.append(f"{alarms} {found[0]:.2f} | {found[1]:.2f} | {right:.2f} | {wrong:.3f} |")
    return lines


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20240101)
    asked = parser.parse_args()
    print(f"{asked.reps} series a cell, seed {asked.seed}.\n")
    print("\n".join([*effects(asked.reps, asked.seed), "", *dates(asked.reps, asked.seed)]))


if __name__ == "__main__":
    main()
