"""Seconds and memory of a scan of 10,000 series × 300 months: `python benchmarks/scan.py [SERIES [PERIODS [ONE_IN]]]`.

Reference: 5 minutes and 2 GB on two cores. One series in ONE_IN (50) has a change of four standard deviations: a series
that changed is searched for all its changes, which takes ten times as long.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from detente.turning_points import scan


def panel(series: int, periods: int, one_in: int, seed: int = 0) -> pd.DataFrame:
    """Invented series, autocorrelated and drifting, in one long table."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(periods, series)) + 0.05 * rng.normal(size=(periods, series)).cumsum(axis=0)
    changed = np.arange(series) % one_in == 0
    values += 4.0 * changed * (np.arange(periods)[:, None] >= rng.integers(30, periods - 30, series))
    months = pd.period_range("2000-01", periods=periods, freq="M").astype(str)
    wide = pd.DataFrame(values, index=months, columns=[f"dyad {number:05d}" for number in range(series)])
    return wide.melt(ignore_index=False, var_name="unit").rename_axis("time").reset_index()


def main(series: int, periods: int, one_in: int) -> None:
    table = panel(series, periods, one_in)
    started = time.perf_counter()
    found = scan(table)
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    named = found.to_frame().query("found")["unit"].str[-5:].astype(int)
    print(f"{series:,} series × {periods} periods: {seconds:.0f} s, {memory:.2f} GB (reference: 300 s, 2 GB)")
    true = named % one_in == 0
    print(f"{len(named):,} named, {true.sum():,} of {-(-series // one_in):,} true, {(~true).mean():.1%} false")


if __name__ == "__main__":
    main(*(int(one) for one in (*sys.argv[1:], *("10000", "300", "50")[len(sys.argv) - 1 :])))
