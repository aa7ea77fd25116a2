"""Worlds with known truth to tables of coverage, false alarms and power, in markdown.

Run: python benchmarks/turning_points_calibration.py --reps 400
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from detente.turning_points.dating.posterior import date_posterior
from detente.turning_points.effects.classical import newey_west, prais_winsten
from detente.turning_points.effects.kalman import Data
from detente.turning_points.effects.robust import effects_at, kinds_of_noise, shortening
from detente.turning_points.effects.selection import Perhaps, weigh
from detente.turning_points.effects.state_space import StateSpace, forecast
from detente.turning_points.examples import autoregressive

Array = NDArray[np.float64]
SIZES = ((300, 210), (100, 70), (50, 35), (30, 20), (15, 11))
WORLDS = ("white noise", "AR 0.6", "drift 0.1")
DRIFTS = ("drift 0.03", "drift 0.2", "drift 0.4")
"""Drifts that the setting was not chosen for."""
OUTSIDE = ("trend of 0.05 a period", "AR 0.9", "random walk", "heavy tails (t3)", "log-normal", "late noise × 3")
"""Worlds that the model contains only at its edge, or not at all."""


def draw(world: str, n: int, reps: int, rng: np.random.Generator) -> Array:
    """Series without a change, one a column; the noise has variance 1 save in the random walk and where it drifts."""
    white = rng.standard_normal((n, reps))

    def walk() -> Array:
        return rng.standard_normal((n, reps)).cumsum(axis=0)

    made = {
        "white noise": lambda: white,
        "AR 0.6": lambda: autoregressive(n, 0.6, rng, count=reps),
        "AR 0.9": lambda: autoregressive(n, 0.9, rng, count=reps),
        **{f"drift {step}": lambda step=step: white + step * walk() for step in (0.03, 0.1, 0.2, 0.4)},
        "trend of 0.05 a period": lambda: white + 0.05 * np.arange(n)[:, None],
        "random walk": lambda: white.cumsum(axis=0),
        "log-normal": lambda: np.exp(white),
        "late noise × 3": lambda: white * np.where(np.arange(n) < 0.8 * n, 1.0, 3.0)[:, None],
        "heavy tails (t3)": lambda: rng.standard_t(3, (n, reps)) / np.sqrt(3),
    }
    return np.asarray(made[world]())


@dataclass(frozen=True)
class Rates:
    """How a method does in one world, from its interval in series without a change.

    A change of one moves every estimate and both ends by one: what a step of one shows follows from the same intervals.
    """

    estimate: Array
    low: Array
    high: Array

    def cells(self) -> str:
        """Coverage, false alarms, power at one standard deviation, median width, root mean squared error."""
        covers = ((self.low <= 0) & (self.high >= 0)).mean()
        power = ((self.low + 1 > 0) | (self.high + 1 < 0)).mean()
        width, error = np.median(self.high - self.low), np.sqrt((self.estimate**2).mean())
        return f"{covers:.3f} | {1 - covers:.3f} | {power:.2f} | {width:.2f} | {error:.2f}"


def robust_rates(y: Array, first: int) -> Rates:
    """`effect` and `intervention` without controls."""
    estimate, low, high, _ = effects_at(tuple(range(len(y))), y, np.full(y.shape[1], first))
    return Rates(estimate, low, high)


def controls(n: int, reps: int, rng: np.random.Generator) -> Array:
    """A control for each series, as in the vignette of CausalImpact: nearly a random walk."""
    shocks = rng.standard_normal((n, reps))
    for row in range(1, n):
        shocks[row] += 0.999 * shocks[row - 1]
    return 100 + shocks


def controlled_rates(y: Array, x: Array, first: int) -> Rates:
    """`effect` with one control, by which the series moves."""
    n = len(y)
    noise, step = kinds_of_noise(tuple(range(n))), np.column_stack([np.ones(n), np.arange(n) >= first]).astype(float)
    trend, found = ((np.arange(n) - (n - 1) / 2) / n)[:, None], []
    for column, control in zip(y.T, x.T, strict=True):
        beside = Perhaps(trend, np.zeros((n, 0)), ((control - control.mean()) / control.std())[:, None])
        models = weigh(noise, step, beside, column - column.mean())
        known = models.mixture(np.eye(models.width)[1]).shortened(shortening(n))
        found.append([known.quantile(at)[0] for at in (0.5, 0.025, 0.975)])
    return Rates(*np.array(found).T)


def structural_rates(y: Array, x: Array, first: int) -> Rates:
    """`effect` with the model of CausalImpact, its defaults, and the same control."""
    found = []
    for column, control in zip(y.T, x.T, strict=True):
        (middle, scale), (centre, size) = ((c[:first].mean(), c[:first].std(ddof=1)) for c in (column, control))
        beside = np.column_stack([np.ones(len(column)), (control - centre) / size])
        told = forecast(Data((column - middle) / scale, beside, first), StateSpace(draws=300))
        mean = told.total().columns([-1]).scaled(scale / (len(column) - first))
        change = column[first:].mean() - middle
        found.append([change - mean.mean[0], change - mean.quantile(0.975)[0], change - mean.quantile(0.025)[0]])
    return Rates(*np.array(found).T)


def classical_rates(y: Array, first: int, method: object) -> Rates:
    """A textbook method."""
    n = len(y)
    x = np.column_stack([np.ones(n), np.arange(n) >= first]).astype(float)
    found = np.array([method(tuple(range(n)), x, c, np.array([0.0, 1.0]))[:2] for c in y.T])  # type: ignore[operator]
    reach = t.ppf(0.975, n - 2) * found[:, 1]
    return Rates(found[:, 0], found[:, 0] - reach, found[:, 0] + reach)


HEADS = "| n, change at | world | method | covers (95 %) | false alarms | power at 1 sd | median width | rmse |"
R_ROWS = {
    "white noise": "0.980 | 0.020 | 0.81 | 1.36 | 0.29",
    "AR 0.6": "0.800 | 0.200 | 0.60 | 1.47 | 0.53",
    "drift 0.1": "0.790 | 0.210 | 0.65 | 1.38 | 0.56",
}
"""R's CausalImpact 1.4.1 with its defaults, 100 series a cell, mean width: recorded, not run here."""


def asked_worlds(reps: int, seed: int) -> list[str]:
    """The table that decides: the robust method beside the model of CausalImpact, and R's own figures."""
    lines = [HEADS, "|---" * 8 + "|"]
    for world in WORLDS:
        rng = np.random.default_rng(seed)
        y, x = draw(world, 100, reps, rng), controls(100, reps, rng)
        rates = {
            "robust": robust_rates(y, 70).cells(),
            "robust, with a control": controlled_rates(y + 1.2 * x, x, 70).cells(),
            "bsts, with a control": structural_rates(y + 1.2 * x, x, 70).cells(),
            "R CausalImpact": R_ROWS[world],
        }
        lines += [f"| 100, 71 | {world} | {name} | {cells} |" for name, cells in rates.items()]
    return lines


def effects(reps: int, seed: int) -> list[str]:
    """The table for `effect` and `intervention` (robust), `its_hac` and `its_ar1`."""
    lines = [HEADS, "|---" * 8 + "|"]
    for n, first in SIZES:
        for world in (*WORLDS, *DRIFTS, *OUTSIDE):
            y = draw(world, n, reps, np.random.default_rng(seed))
            rates = {"robust": robust_rates(y, first)}
            if n == 100:
                rates["its_hac"] = classical_rates(y, first, newey_west)
                rates["its_ar1"] = classical_rates(y, first, prais_winsten)
            lines += [f"| {n}, {first + 1} | {world} | {name} | {rate.cells()} |" for name, rate in rates.items()]
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
    parser.add_argument("--table", choices=("asked", "effects", "dates"), help="one table; all where not said")
    asked = parser.parse_args()
    print(f"{asked.reps} series a cell, seed {asked.seed}.\n")
    tables = {"asked": asked_worlds, "effects": effects, "dates": dates}
    for name, table in tables.items():
        if asked.table in (None, name):
            print("\n".join([*table(asked.reps, asked.seed), ""]), flush=True)


if __name__ == "__main__":
    main()
