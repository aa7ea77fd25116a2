"""How often each grade is given, with nothing to find and with a planted change: `python benchmarks/grades.py [REPS]`.

Every series is judged at its middle, beside ten still units of the same world.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from detente.records import Series
from detente.turning_points import Beside, example, turning_point
from detente.turning_points.examples import autoregressive

WORLDS = ("white noise", "AR 0.6", "drift 0.1", "random walk", "trend of 0.05 a period")
SIZES = (0.0, 1.0, 2.0, 4.0)
GRADES = ("strong", "moderate", "weak", "none")


def draw(world: str, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """One series without a change; the noise, or the steps of the random walk, have standard deviation one."""
    white = rng.standard_normal(n)
    made = {
        "white noise": lambda: white,
        "AR 0.6": lambda: autoregressive(n, 0.6, rng)[:, 0],
        "drift 0.1": lambda: white + 0.1 * rng.standard_normal(n).cumsum(),
        "random walk": white.cumsum,
        "trend of 0.05 a period": lambda: white + 0.05 * np.arange(n),
    }
    return np.asarray(made[world]())


def given(values: NDArray[np.float64]) -> Series:
    """Values as a yearly series that ends in 2024."""
    spine = example("none", n=len(values))
    return replace(spine, frame=spine.frame.assign(value=values))


def rates(world: str, n: int, size: float, reps: int, seed: int = 20260101) -> Counter[str]:
    """How often each grade is given."""
    rng = np.random.default_rng([seed, n, WORLDS.index(world)])
    step = size * (np.arange(n) >= n // 2)
    at = date(2024 - n + n // 2 + 1, 1, 1)
    counts: Counter[str] = Counter()
    for _ in range(reps):
        units = [given(draw(world, n, rng)) for _ in range(10)]
        found = turning_point(given(draw(world, n, rng) + step), at, beside=Beside(units=units))
        counts[found.grade] += 1
    return counts


def main(reps: int) -> None:
    print(f"{reps} series a cell, seed 20260101.\n")
    print("| n | world | change (sd) | " + " | ".join(GRADES) + " |\n|---" + "|---" * (2 + len(GRADES)) + "|")
    for n in (30, 60):
        for world in WORLDS:
            for size in SIZES:
                counts = rates(world, n, size, reps)
                shares = " | ".join(f"{counts[grade] / reps:.3f}" for grade in GRADES)
                print(f"| {n} | {world} | {size:g} | {shares} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
