"""A wish to a series with known truth: what documentation and tests look at."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from detente.records import Dyad, Frequency, Series, calendar_month, calendar_quarter, calendar_year, us_fiscal_year

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Shape = Literal["step", "trend", "none"]


def example(
    shape: Shape,
    *,
    at: date | None = None,
    n: int = 60,
    frequency: Frequency = "year",
    size: float = 3.0,
    rho: float = 0.0,
    seed: int = 0,
) -> Series:
    """Make a series whose truth is known.

    Args:
        shape: A step of *size* from the period with *at* on; a trend that has risen by *size* at the end; or neither.
        at: Where the step lies; the middle where it is not said.
        n: Number of periods, the last of which is 2024 or its last month or quarter.
        frequency: Length of the periods.
        size: In standard deviations of the noise.
        rho: Autocorrelation of the noise, which has variance 1.
        seed: Seed of the noise.
    """
    import numpy as np
    import pandas as pd

    periods = _periods(n, frequency)
    first = n // 2 if at is None else next(i for i, (_, end) in enumerate(periods) if at <= end)
    truth = {
        "step": size * (np.arange(n) >= first),
        "trend": size * np.arange(n) / max(n - 1, 1),
        "none": np.zeros(n),
    }[shape]
    values = 10.0 + truth + autoregressive(n, rho, np.random.default_rng(seed))[:, 0]
    starts, ends = zip(*periods, strict=True)
    frame = pd.DataFrame(
        {"period_start": pd.to_datetime(list(starts)), "period_end": pd.to_datetime(list(ends)), "value": values}
    )
    return Series(
        measure=f"example_{shape}",
        dyad=Dyad("USA", "PAK"),
        unit="standard deviations",
        frequency=frequency,
        frame=frame,
        title=f"example {shape}",
    )


def autoregressive(n: int, rho: float, rng: np.random.Generator, *, count: int = 1) -> NDArray[np.float64]:
    """Draw *count* stationary AR(1) series of variance 1, one a column."""
    import numpy as np

    noise = rng.standard_normal((n, count))
    noise[1:] *= np.sqrt(1 - rho**2)
    for row in range(1, n):
        noise[row] += rho * noise[row - 1]
    return noise


def _periods(n: int, frequency: Frequency) -> list[tuple[date, date]]:
    if frequency == "month":
        return [calendar_month(2024 - k // 12, 12 - k % 12) for k in reversed(range(n))]
    if frequency == "quarter":
        return [calendar_quarter(2024 - k // 4, 4 - k % 4) for k in reversed(range(n))]
    whole = us_fiscal_year if frequency == "fiscal_year" else calendar_year
    return [whole(2024 - k) for k in reversed(range(n))]
