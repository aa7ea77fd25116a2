"""The Turing change-point series and worlds without a change to tables: covering, F1 and false alarms by threshold.

Run: python benchmarks/turing_change_points.py ../shared/data/reference/tcpd --reps 1000
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detente.turning_points import noise
from detente.turning_points.dating import evidence as weighing
from detente.turning_points.dating.answer import SURE
from detente.turning_points.dating.several import DOUBT, guarded, search, standardised
from detente.turning_points.examples import autoregressive

Array = NDArray[np.float64]
Annotations = Mapping[str, Sequence[int]]
THRESHOLDS = (0.01, 0.05, 0.10, DOUBT, 0.20, 0.30, 0.50)
METHODS = ("zero", "amoc", "binseg", "bocpd", "pelt")
GOAL = ("white noise", "AR 0.6", "white noise + walk of step 0.1", "random walk, drift 0.05")
OUTSIDE = (
    "trend of 0.05 a period",
    "AR 0.9",
    "growth that bends",
    "months with a season",
    "heavy tails (t3)",
    "log-normal",
    "counts, 70 % zeros",
    "late noise × 3",
    "random walk of t3 shocks",
)


def f1(annotations: Annotations, found: Iterable[int], *, margin: int = 5) -> float:
    """F1 as TCPDBench defines it: a change at 0 counts as found; precision on all annotators, recall their mean."""
    points = {0, *found}
    truth = [{0, *points_of} for points_of in annotations.values()]
    precision = len(_met(set().union(*truth), points, margin)) / len(points)
    recall = float(np.mean([len(_met(one, points, margin)) / len(one) for one in truth]))
    return 2 * precision * recall / (precision + recall)


def _met(truth: set[int], found: set[int], margin: int) -> set[int]:
    """True changes that have a found one within the margin, each found one serving once."""
    left, met = set(found), set()
    for one in sorted(truth):
        near = [(abs(one - other), other) for other in left if abs(one - other) <= margin]
        if near:
            met.add(one)
            left.remove(min(near)[1])
    return met


def covering(annotations: Annotations, found: Iterable[int], n: int) -> float:
    """How well the stretches between found changes cover those of the annotators (mean over them)."""
    own = _stretches(found, n)
    return float(
        np.mean(
            [
                sum(len(one) * max(_overlap(one, other) for other in own) for one in _stretches(points, n)) / n
                for points in annotations.values()
            ]
        )
    )


def _stretches(points: Iterable[int], n: int) -> list[range]:
    return [range(low, high) for low, high in pairwise([0, *sorted(p for p in set(points) if 0 < p < n), n])]


def _overlap(one: range, other: range) -> float:
    shared = max(0, min(one.stop, other.stop) - max(one.start, other.start))
    return shared / (len(one) + len(other) - shared)


def series_of(folder: Path, name: str) -> tuple[Array, int]:
    """The values of a series, and 12 where its periods are months."""
    told = json.loads((folder / f"{name}.json").read_text())
    values = np.array(told["series"][0]["raw"], dtype=float)
    return values, 12 if told["time"].get("format") == "%Y-%m" else 0


def published(folder: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Covering and F1 of each series and method with default settings, as published."""
    with (folder / "published_default_scores.csv").open() as rows:
        return {
            (row["dataset"], row["method"]): (float(row["cover"]), float(row["f1"])) for row in csv.DictReader(rows)
        }


def annotations_of(folder: Path) -> dict[str, Annotations]:
    """What the annotators marked, series by series."""
    marks: dict[str, Annotations] = json.loads((folder / "annotations.json").read_text())
    return marks


def score(folder: Path, name: str, doubt: float) -> tuple[tuple[int, ...], float, float]:
    """The changes found in a series, and their covering and F1."""
    values, season = series_of(folder, name)
    found = search(tuple(range(len(values))), values, season=season, doubt=doubt)
    points = tuple(sorted({one.change.first_new for one in found.placed}))
    marks = annotations_of(folder)[name]
    return points, covering(marks, points, len(values)), f1(marks, points)


def draw(world: str, n: int, reps: int, rng: np.random.Generator) -> Array:
    """Series without a change, one a column."""
    white = rng.standard_normal((n, reps))
    where = np.arange(n)[:, None]
    made = {
        "white noise": lambda: white,
        "AR 0.6": lambda: autoregressive(n, 0.6, rng, count=reps),
        "AR 0.9": lambda: autoregressive(n, 0.9, rng, count=reps),
        "white noise + walk of step 0.1": lambda: white + 0.1 * rng.standard_normal((n, reps)).cumsum(axis=0),
        "random walk, drift 0.05": lambda: (white + 0.05).cumsum(axis=0),
        "trend of 0.05 a period": lambda: white + 0.05 * where,
        "growth that bends": lambda: (rng.standard_normal((n, reps)) + 0.1 * white.cumsum(axis=0)).cumsum(axis=0),
        "months with a season": lambda: white + 3 * np.sin(np.pi * where / 6) + 2 * (where % 12 == 11),
        "heavy tails (t3)": lambda: rng.standard_t(3, (n, reps)),
        "log-normal": lambda: np.exp(white),
        "counts, 70 % zeros": lambda: rng.negative_binomial(0.3, 0.1, (n, reps)).astype(float),
        "late noise × 3": lambda: white * np.where(where < 0.8 * n, 1.0, 3.0),
        "random walk of t3 shocks": lambda: rng.standard_t(3, (n, reps)).cumsum(axis=0),
    }
    return np.asarray(made[world]())


def alarms(world: str, n: int, reps: int, seed: int) -> Array:
    """Probability of no change in each of *reps* series without one."""
    y = draw(world, n, reps, np.random.default_rng([seed, n]))
    y = y[:, y.std(axis=0) > 0]
    return no_change(y, 12 if world == "months with a season" else 0)


def no_change(y: Array, season: int = 0) -> Array:
    """Probability of no change in each column, as `when` decides by it."""
    positions = tuple(range(len(y)))
    first = weighing.evidence(positions, standardised(y), season=season)
    return guarded(positions, y, first, season=season, doubt=max(THRESHOLDS))


def alarm_table(worlds: Sequence[str], sizes: Sequence[int], reps: int, seed: int) -> list[str]:
    """False alarms in per cent, a row for each world and length, a column for each threshold."""
    lines = ["| world | n | " + " | ".join(f"{at:g}" for at in THRESHOLDS) + " |", "|---" * (2 + len(THRESHOLDS)) + "|"]
    for world in worlds:
        for n in sizes:
            none = alarms(world, n, reps, seed)
            rates = " | ".join(f"{100 * (none <= at).mean():.1f}" for at in THRESHOLDS)
            lines.append(f"| {world} | {n} | {rates} |")
            print(lines[-1], flush=True)
    return lines


def power_table(reps: int, seed: int) -> None:
    """Print how often a change of level at 60 % of the series is found, and a spell from 40 to 60 %."""
    heads = ("n", "noise", "step of 2 sd", "of 3 sd", "of 4 sd", "spell of 4 sd", "step of 1 sd: says no change")
    print("\n| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for n in (30, 60, 120):
        part = np.arange(n)[:, None] / n
        for world in GOAL[:3]:
            y = draw(world, n, reps, np.random.default_rng([seed, n]))
            shapes = [size * (part >= 0.6) for size in (1, 2, 3, 4)] + [4 * ((part >= 0.4) & (part < 0.6))]
            one, *others = (no_change(y + shape) for shape in shapes)
            found = " | ".join(f"{(none <= DOUBT).mean():.2f}" for none in others)
            print(f"| {n} | {world} | {found} | {(one >= SURE).mean():.2f} |", flush=True)


def score_tables(folder: Path) -> None:
    """Print the scores series by series, and the means by threshold."""
    known = published(folder)
    names = sorted({name for name, _ in known})
    print("| series | found (from 0) | covering, F1 | " + " | ".join(METHODS) + " |\n|---" + "|---" * 7 + "|")
    for name in names:
        points, cover, hit = score(folder, name, DOUBT)
        others = " | ".join("{:.3f}, {:.3f}".format(*known[name, method]) for method in METHODS)
        print(f"| {name} | {', '.join(map(str, points)) or 'none'} | {cover:.3f}, {hit:.3f} | {others} |", flush=True)
    print("\n| threshold | covering | F1 |\n|---|---|---|")
    for doubt in THRESHOLDS:
        print("| {:g} | {:.4f} | {:.4f} |".format(doubt, *_mean(folder, names, doubt)), flush=True)
    for method in METHODS:
        print(
            "| {} (published) | {:.4f} | {:.4f} |".format(method, *np.mean([known[n, method] for n in names], axis=0))
        )


def variant_table(folder: Path) -> None:
    """Print the mean scores where one part of the model is left out."""
    names = sorted({name for name, _ in published(folder)})
    changes = {
        "changes of slope": (weighing, "PRIOR_BEND"),
        "spells": (weighing, "PRIOR_SPELL"),
        "noise that bends": (noise, "BENDING"),
    }
    print("\n| without | covering | F1 |\n|---|---|---|")
    for left_out, (home, constant) in changes.items():
        before = getattr(home, constant)
        noise.bending.cache_clear()
        noise.coarse.cache_clear()
        setattr(home, constant, 1e-12)
        weighing.BENDING = noise.BENDING
        print("| {} | {:.4f} | {:.4f} |".format(left_out, *_mean(folder, names, DOUBT)), flush=True)
        setattr(home, constant, before)
        weighing.BENDING = noise.BENDING
    noise.bending.cache_clear()


def _mean(folder: Path, names: Sequence[str], doubt: float) -> Array:
    return np.asarray(np.mean([score(folder, name, doubt)[1:] for name in names], axis=0))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args()
    print(f"{asked.reps} series a row, seed {asked.seed}; false alarms in per cent\n")
    alarm_table(GOAL, (15, 30, 60, 120, 300), asked.reps, asked.seed)
    power_table(max(asked.reps // 5, 1), asked.seed)
    alarm_table(OUTSIDE, (30, 60, 120), max(asked.reps // 4, 1), asked.seed)
    score_tables(asked.folder)
    variant_table(asked.folder)


if __name__ == "__main__":
    main()
