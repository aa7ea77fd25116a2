"""A timeline to the regression whose breaks are looked for: a level or a line, and lagged values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from detente.errors import SeriesError
from detente.results import Check
from detente.turning_points.noise import Array
from detente.turning_points.timeline import Timeline

Model = Literal["level", "trend"]


@dataclass(frozen=True, slots=True)
class Regression:
    """Rows of a regression.

    Attributes:
        timeline: The observations that are explained.
        y: Their values, centred and scaled by those of the whole series.
        x: One row of regressors for each.
        least: Shortest regime.
        left_out: Observations without all their lagged values.
    """

    timeline: Timeline
    y: Array
    x: Array
    least: int
    left_out: int

    def check(self, lags: int) -> Check:
        """What lagged values cost."""
        detail = f"{self.left_out} values whose {lags} predecessors are not all known are left out of the partition"
        return Check("lagged values", None, detail)


def regression(timeline: Timeline, model: Model, lags: int, trim: float) -> Regression:
    """Set up the regression of a series on a constant, a line and its own past.

    Args:
        timeline: What was observed, not constant.
        model: Constant levels, or straight lines.
        lags: How many preceding periods explain a value; all of them must be known.
        trim: Shortest regime, as a share of the values.

    Raises:
        SeriesError: Too few values for two regimes.
    """
    positions = np.asarray(timeline.positions)
    scaled = (timeline.values - timeline.values.mean()) / timeline.values.std()
    everywhere = np.full(positions[-1] + 1, np.nan)
    everywhere[positions] = scaled
    past = [np.where(positions >= lag, everywhere[positions - lag], np.nan) for lag in range(1, lags + 1)]
    line = [positions - positions.mean()] if model == "trend" else []
    x = np.column_stack([np.ones(len(positions)), *line, *past])
    complete = ~np.isnan(x).any(axis=1)
    kept, x = np.flatnonzero(complete), x[complete]
    count = x.shape[1]
    least = max(int(np.floor(trim * len(kept) + 1e-9)), count + 2)
    if 2 * least > len(kept):
        raise SeriesError(
            f"{timeline.name} has {len(kept)} values with their {lags} predecessors; {2 * least} are needed",
            hint="take fewer lags, or a longer series",
        )
    rows = replace(timeline, values=timeline.values[kept], positions=tuple(int(at) for at in positions[kept]))
    return Regression(rows, scaled[kept], x, least, len(positions) - len(kept))
