"""Worlds of counts with known truth to tables of coverage, false alarms and power, in markdown.

Run: python benchmarks/counts.py --reps 1000
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from detente.errors import SeriesError
from detente.turning_points.dating.counts import count_posterior
from detente.turning_points.effects.designs import Design, design
from detente.turning_points.effects.families import Family
from detente.turning_points.effects.rate_ratios import read
from detente.turning_points.examples import autoregressive
from detente.turning_points.plain import as_series
from detente.turning_points.timeline import observed

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
SIZES = ((30, 20), (60, 40), (120, 80))
COMPARED = 60
"""The length at which the textbook families are shown beside the default."""
FAMILIES: tuple[Family, ...] = ("robust", "poisson", "quasi-poisson", "negative-binomial", "hac")


def scattered(rate: Array, shape: float, rng: np.random.Generator) -> Counts:
    """Negative-binomial counts: variance rate + shape · rate²."""
    return rng.poisson(rate * rng.gamma(1 / shape, shape, rate.shape))


def wandering(rate: Array, rho: float, size: float, rng: np.random.Generator) -> Counts:
    """Poisson counts whose log rate is AR(1) with this standard deviation."""
    walk = size * autoregressive(len(rate), rho, rng, count=rate.shape[1])
    return rng.poisson(rate * np.exp(walk - size**2 / 2))


def drifting(rate: Array, step: float, rng: np.random.Generator) -> Counts:
    """Poisson counts whose log rate is a random walk."""
    return rng.poisson(rate * np.exp(step * rng.standard_normal(rate.shape).cumsum(axis=0)))


def seasonal(rate: Array, rng: np.random.Generator) -> Counts:
    """Over-dispersed counts that triple from trough to peak of the year."""
    wave = np.exp(0.55 * np.sin(2 * np.pi * np.arange(len(rate)) / 12))
    return scattered(rate * wave[:, None], 0.1, rng)


def growing(rate: Array, rng: np.random.Generator) -> Counts:
    """Over-dispersed counts that grow by one per cent a period."""
    return scattered(rate * np.exp(0.01 * np.arange(len(rate)))[:, None], 0.1, rng)


World = Callable[[Array, np.random.Generator], Counts]
WORLDS: dict[str, World] = {
    "Poisson, mean 5": lambda one, rng: rng.poisson(5 * one),
    "NB, mean 5, scatter 0.5": lambda one, rng: scattered(5 * one, 0.5, rng),
    "NB, mean 50, scatter 0.2": lambda one, rng: scattered(50 * one, 0.2, rng),
    "log AR 0.6 (sd 0.5), mean 5": lambda one, rng: wandering(5 * one, 0.6, 0.5, rng),
    "log AR 0.6 (sd 0.5), mean 50": lambda one, rng: wandering(50 * one, 0.6, 0.5, rng),
    "log AR 0.8 (sd 0.3), mean 5": lambda one, rng: wandering(5 * one, 0.8, 0.3, rng),
    "log drift 0.05, mean 20": lambda one, rng: drifting(20 * one, 0.05, rng),
    "growth 1 %, NB, mean 10": lambda one, rng: growing(10 * one, rng),
    "season, NB, mean 10": lambda one, rng: seasonal(10 * one, rng),
    "90 % zeros, Poisson, mean 0.1": lambda one, rng: rng.poisson(0.1 * one),
    "80 % zeros, NB, mean 0.3, scatter 2": lambda one, rng: scattered(0.3 * one, 2.0, rng),
    "80 % zeros, log AR 0.6 (sd 1), mean 0.3": lambda one, rng: wandering(0.3 * one, 0.6, 1.0, rng),
}


def draw(world: str, n: int, reps: int, rng: np.random.Generator, *, ratio: float = 1.0, first: int = 0) -> Counts:
    """Series of counts, one a column, whose rate is multiplied by *ratio* from the observation *first* on."""
    rate = np.where(np.arange(n) >= first, ratio, 1.0)[:, None] * np.ones((n, reps))
    return WORLDS[world](rate, rng)


def layout(n: int, first: int) -> Design:
    """The design of monthly counts with an event at the observation *first*; its values are placeholders."""
    months = pd.period_range("2000-01", periods=n, freq="M")
    timeline = observed(as_series(pd.Series(np.arange(n) % 7, index=months)), least=7)
    start: date = timeline.starts[first]
    return design(timeline, start, "level", season="auto")


def rates(y: Counts, split: Design, family: Family, ratio: float) -> tuple[float, float, float]:
    """Share of intervals that cover the ratio, share that leave out 1, and share that could not be computed."""
    covers, found, untold = 0, 0, 0
    for column in y.T:
        try:
            numbers = read("", replace(split, y=column.astype(float)), np.zeros(len(y)), family, 0.95).numbers
        except SeriesError:
            untold += 1
            continue
        low, high = (np.nan_to_num(numbers[key], nan=limit) for key, limit in (("low", 0.0), ("high", np.inf)))
        covers += low <= ratio <= high
        found += numbers["p"] < 0.05
    told = max(y.shape[1] - untold, 1)
    return covers / told, found / told, untold / y.shape[1]


def effects(reps: int, seed: int) -> None:
    """Print the table for `counts`."""
    print("| n, change at | world | family | covers 1 | covers 2 | finds 2 |\n|---|---|---|---|---|---|")
    for n, first in SIZES:
        split = layout(n, first)
        for world in WORLDS:
            none = draw(world, n, reps, np.random.default_rng(seed))
            twice = draw(world, n, reps, np.random.default_rng(seed), ratio=2.0, first=first)
            for family in FAMILIES if n == COMPARED else FAMILIES[:1]:
                still, _, untold = rates(none[:, none.any(axis=0)], split, family, 1.0)
                covers, power, _ = rates(twice[:, twice.any(axis=0)], split, family, 2.0)
                note = f" (not computed in {untold:.3f})" if untold else ""
                start = f"| {n}, {first + 1} | {world} | {family} |"
                print(f"{start} {still:.3f}{note} | {covers:.3f} | {power:.2f} |", flush=True)


def dates(reps: int, seed: int) -> None:
    """Print the table for `count_posterior`: share of series with a probability of no change of at most 0.2."""
    print("| n, change at | world | false alarms | finds a doubling | finds a halving |\n|---|---|---|---|---|")
    for n, first in SIZES:
        for world in WORLDS:
            found = [
                count_posterior(
                    tuple(range(n)), draw(world, n, reps, np.random.default_rng(seed), ratio=ratio, first=first)
                ).no_break
                <= 0.2
                for ratio in (1.0, 2.0, 0.5)
            ]
            shares = [float(one.mean()) for one in found]
            start = f"| {n}, {first + 1} | {world} |"
            print(f"{start} {shares[0]:.3f} | {shares[1]:.2f} | {shares[2]:.2f} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20240101)
    asked = parser.parse_args()
    print(f"{asked.reps} series a cell, seed {asked.seed}.\n")
    dates(asked.reps, asked.seed)
    print()
    effects(asked.reps, asked.seed)


if __name__ == "__main__":
    main()
