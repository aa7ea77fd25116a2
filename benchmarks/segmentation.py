"""Seconds of one core for segmentation, and its values beside R's: `python benchmarks/segmentation.py [FOLDER] [N]`.

FOLDER holds `strucchange_expected.json` and `strucchange/` (R's example data as CSV). Without it only the times, the
critical values and the sizes of the tests are printed. With ruptures installed, its dynamic programme is
timed on the same series. N is the number of series in each row of false alarms (500).
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from detente.turning_points.dating import segmentation, sequential, stability

Draw = Callable[[np.random.Generator, int], np.ndarray]
WORLDS: dict[str, Draw] = {
    "white noise": lambda rng, n: rng.normal(size=n),
    "AR(0.6)": lambda rng, n: lfilter([1.0], [1.0, -0.6], rng.normal(size=n + 100))[100:],
    "random walk": lambda rng, n: rng.normal(size=n).cumsum(),
    "four steps": lambda rng, n: rng.normal(size=n) + np.array([0.0, 1, 0, 2, 1])[np.arange(n) * 5 // n],
    "constant": lambda _, n: np.full(n, 3.3),
    "straight line": lambda _, n: np.arange(n, dtype=float),
    "whole numbers 0 to 2": lambda rng, n: rng.integers(0, 3, n).astype(float),
}
PUBLISHED = {
    "supF(1|0)": 8.58, "supF(2|1)": 10.13, "supF(3|2)": 11.14, "supF(4|3)": 11.83, "supF(5|4)": 12.25,
    "UDmax": 8.88, "WDmax": 9.91,
}  # fmt: skip
"""Bai and Perron (1998, 2003): 5 % critical values for one coefficient, trimming .15."""


def regressors(kind: str, n: int) -> np.ndarray:
    line = np.arange(n) - (n - 1) / 2
    return np.column_stack([np.ones(n), *([line] if kind == "trend" else [])])


def fastest(work: Callable[[], object], times: int) -> float:
    seconds = []
    for _ in range(times):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def times() -> Iterator[str]:
    rng = np.random.default_rng(1)
    for name, draw in WORLDS.items():
        y = draw(rng, 10_000)
        for least in (1500, 100, 15):
            took = fastest(lambda y=y, least=least: partition(y, "level", least), 5)
            yield f"level, n = 10,000, shortest regime {least:>4}, {name:<20} {took * 1e3:7.0f} ms"
    for kind in ("level", "trend"):
        for n in (100, 1_000, 3_000, 10_000):
            y = rng.normal(size=n)
            took = fastest(lambda y=y, kind=kind, n=n: partition(y, kind, int(0.15 * n)), 2)
            yield f"{kind}, n = {n:>6,}, shortest regime 15 %: {took * 1e3:7.0f} ms, {memory(y, kind):6.1f} MB"
    yield from rivals(rng.normal(size=1_000))


def partition(y: np.ndarray, kind: str, least: int) -> segmentation.Partitions:
    return segmentation.partition(y, regressors(kind, len(y)), least=least, max_breaks=5)


def memory(y: np.ndarray, kind: str) -> float:
    tracemalloc.start()
    partition(y, kind, int(0.15 * len(y)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def rivals(y: np.ndarray) -> Iterator[str]:
    if find_spec("ruptures") is None:
        yield "ruptures is not installed: not timed"
        return
    found = import_module("ruptures").Dynp(model="l2", min_size=150, jump=1).fit(y)
    yield f"ruptures Dynp, n = 1,000, 1 … 5 breaks: {fastest(lambda: [found.predict(m) for m in range(1, 6)], 1):.1f} s"


def critical_values() -> Iterator[tuple[str, float, float]]:
    one = stability.f_draws("sup", 1, 0.15, 0.85)
    found = {f"supF({more + 1}|{more})": float(np.quantile(one, 0.95 ** (1 / (more + 1)))) for more in range(5)}
    noise = sequential.noise_stats(300, 45, 5, (1, False))
    critical = np.quantile(noise, 0.95, axis=0)
    found["UDmax"] = float(np.quantile(noise.max(axis=1), 0.95))
    found["WDmax"] = float(np.quantile((noise * critical[0] / critical).max(axis=1), 0.95))
    return ((name, PUBLISHED[name], value) for name, value in found.items())


def sizes(series: int) -> Iterator[str]:
    for name, n in (("white noise", 60), ("white noise", 120), ("AR(0.6)", 120), ("AR(0.6)", 300)):
        for kind in ("level", "trend"):
            yield f"{name}, n = {n}, {kind}: " + ", ".join(
                f"{rule} {rate:.3f}" for rule, rate in size(name, n, kind, series)
            )


def size(name: str, n: int, kind: str, series: int) -> list[tuple[str, float]]:
    """How often each rule finds a break where there is none."""
    rng, x, least = np.random.default_rng(n), regressors(kind, n), int(0.15 * n)
    hits: dict[str, int] = dict.fromkeys(("BIC", "LWZ", "F", "UDmax", "WDmax", "UDmax HAC"), 0)
    for _ in range(series):
        y = WORLDS[name](rng, n)
        parts = segmentation.partition(y, x, least=least, max_breaks=5)
        plain = sequential.Asked(least, trending=kind == "trend")
        ud, wd = sequential.double_maximum(y, x, parts, plain)
        robust = sequential.double_maximum(y, x, parts, sequential.Asked(least, kind == "trend", hac=True))[0]
        f = sequential.one_more(y, x, (), plain)
        passed = (parts.best > 0, np.argmin(parts.lwz) > 0, *(test.p <= 0.05 for test in (f, ud, wd, robust)))
        for rule, hit in zip(hits, passed, strict=True):
            hits[rule] += int(hit)
    return [(rule, count / series) for rule, count in hits.items()]


def beside_r(folder: Path) -> Iterator[str]:
    every = json.loads((folder / "strucchange_expected.json").read_text())
    expected = every["nile"]
    y = np.loadtxt(folder / "strucchange" / "nile.csv", delimiter=",", skiprows=1, usecols=1)
    parts = partition(y, "level", 15)
    yield f"Nile: largest difference of RSS {np.abs(np.subtract(parts.rss, expected['RSS'])).max():.1e}"
    yield f"Nile: largest difference of BIC {np.abs(np.subtract(parts.bic, expected['BIC'])).max():.1e}"
    yield f"Nile, n = 100: R took {expected['seconds']} s, here {fastest(lambda: partition(y, 'level', 15), 5):.4f} s"
    data = np.genfromtxt(folder / "strucchange" / "durab.csv", delimiter=",", names=True)
    x = np.column_stack([np.ones(len(data)), data["lag"]])
    took = fastest(lambda: segmentation.partition(data["y"], x, least=97, max_breaks=5), 3)
    yield f"durable goods, n = {len(data)}, two coefficients: R took {every['durab']['seconds']} s, here {took:.3f} s"


def main(arguments: list[str]) -> None:
    for line in times():
        print(line, flush=True)
    for name, published, value in critical_values():
        print(f"{name:<10} published {published:6.2f}   drawn {value:6.2f}", flush=True)
    for line in sizes(int(arguments[1]) if len(arguments) > 1 else 500):
        print(line, flush=True)
    if arguments:
        for line in beside_r(Path(arguments[0])):
            print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
