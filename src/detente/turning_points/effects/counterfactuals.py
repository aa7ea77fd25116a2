"""A series split at an event and controls to the change, and to what each value would have been without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from detente.errors import SeriesError
from detente.results import Check
from detente.turning_points.effects.carrying_on import Carried, carry_on
from detente.turning_points.effects.designs import Design
from detente.turning_points.effects.kalman import Data
from detente.turning_points.effects.robust import kinds_of_noise, shortening
from detente.turning_points.effects.selection import Perhaps, weigh
from detente.turning_points.effects.state_space import StateSpace, forecast
from detente.turning_points.noise import Array, Mixture
from detente.turning_points.timeline import Timeline

Span = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method says of an event.

    Attributes:
        average: Average change, its ends and p.
        projected: The same without an assumed shape, where the average assumes one.
        without: What each value after the event would have been, with its ends, row by row.
        summed: The change summed up to each value after the event, with its ends, row by row.
        included: Probability of each control.
        residuals: Of every value, in its unit.
        checks: What the method itself looked at.
    """

    average: tuple[float, float, float, float]
    projected: Span | None
    without: Array
    summed: Array
    included: tuple[float, ...]
    residuals: Array
    checks: tuple[Check, ...] = ()

    def rows(self, timeline: Timeline, split: Design) -> tuple[dict[str, object], ...]:
        """The table of an effect."""
        import pandas as pd

        parts = ("", "_low", "_high")
        names = (
            "without",
            "low",
            "high",
            *("effect" + part for part in parts),
            *("cumulative" + part for part in parts),
        )
        late = split.y[split.after][:, None]
        changes = np.column_stack([self.without, late - self.without[:, [0, 2, 1]], self.summed])
        every = np.full((len(split.y), len(names)), np.nan)
        every[split.after] = changes
        return tuple(
            {"period_start": pd.Timestamp(timeline.starts[at]), "value": float(value), "after": bool(after)}
            | dict(zip(names, (float(part) for part in row), strict=True))
            for at, value, after, row in zip(split.positions, split.y, split.after, every, strict=True)
        )


def answer(split: Design, controls: Array, model: StateSpace | None, confidence: float) -> Answer:
    """What the state-space model says, or the robust method where there is none."""
    return structural(split, controls, model, confidence) if model else robust(split, controls, confidence)


def robust(split: Design, controls: Array, confidence: float) -> Answer:
    """The even change after an event, with noise, trend, season and controls averaged over.

    References:
        As in `detente.turning_points.effect`.
    """
    noise, before = kinds_of_noise(split.positions), int((~split.after).sum())
    middle, scale = float(split.y.mean()), float(split.y.std())
    y = (split.y - middle) / scale
    perhaps = Perhaps(_standard(split.trend[:, None]), split.season, _standard(controls))
    models = weigh(noise, split.x, perhaps, y)
    known = models.mixture(np.pad(split.contrast, (0, models.width - len(split.contrast))))
    known = known.shortened(shortening(len(y)))
    even = np.array([known.quantile(at)[0] for at in (0.5, (1 - confidence) / 2, (1 + confidence) / 2)]) * scale
    shapeless = _after(split, carry_on(noise, perhaps, y, before), (middle, scale), confidence)
    first = split.x.shape[1] + 1 + split.season.shape[1]
    fitted = np.column_stack([split.x, perhaps.columns]) @ models.mean
    return replace(
        shapeless,
        average=_four(even, float(known.tail()[0])),
        projected=shapeless.average[:3],
        included=tuple(models.share(first + at) for at in range(controls.shape[1])),
        residuals=(y - fitted) * scale,
    )


def structural(split: Design, controls: Array, model: StateSpace, confidence: float) -> Answer:
    """The change after an event by a structural time-series model that learns from the periods before.

    Raises:
        SeriesError: The values before the event do not vary.

    References:
        As in `state_space.forecast`.
    """
    positions, early = np.asarray(split.positions), split.y[~split.after]
    first = int(positions[split.after][0])
    middle, scale = float(early.mean()), float(early.std(ddof=1))
    if first < 2 * (model.season or 0):
        raise SeriesError(
            f"{first} periods before the event cannot show a season of {model.season}",
            hint="leave the season out, or give two cycles before the event",
        )
    if scale <= 1e-12 * max(float(np.abs(early).max()), 1e-300):
        raise SeriesError(
            "the values before the event do not vary, so nothing can be forecast from them",
            hint='take method="robust", which learns from the values after the event as well',
        )
    y = np.full(positions[-1] + 1, np.nan)
    y[positions] = (split.y - middle) / scale
    x = np.zeros((len(y), 1 + controls.shape[1] if controls.shape[1] else 0))
    if controls.shape[1]:
        spread = controls[~split.after].std(axis=0, ddof=1)
        centred = controls - controls[~split.after].mean(axis=0)
        x[positions] = np.column_stack([np.ones(len(positions)), centred / np.where(spread > 0, spread, 1.0)])
    found = forecast(Data(y, x, first), model)
    seen = positions[split.after] - first
    carried = Carried(found.each().columns(seen), found.total().columns(seen))
    worth = f"the parameters are averaged over what {found.effective:.0f} independent draws are worth"
    return replace(
        _after(split, carried, (middle, scale), confidence),
        included=tuple(float(part) for part in found.included),
        checks=(Check("draws", found.effective >= 100, worth),),
    )


def _after(split: Design, carried: Carried, origin: tuple[float, float], confidence: float) -> Answer:
    """The change against what the values before carry on to."""
    middle, scale = origin
    late = (split.y[split.after] - middle) / scale
    average = carried.total.columns([-1]).scaled(1 / len(late))
    change = late.mean() - _ends(average, confidence)[0, [0, 2, 1]]
    p = float(average.tail(float(late.mean()))[0])
    return Answer(
        average=_four(change * scale, p),
        projected=None,
        without=_ends(carried.each, confidence) * scale + middle,
        summed=(late.cumsum()[:, None] - _ends(carried.total, confidence)[:, [0, 2, 1]]) * scale,
        included=(),
        residuals=split.y[~split.after] - middle,
    )


def _ends(known: Mixture, confidence: float) -> Array:
    """Mean, low and high end of each column, one row a column."""
    return np.column_stack([known.mean, known.quantile((1 - confidence) / 2), known.quantile((1 + confidence) / 2)])


def _four(interval: Array, p: float) -> tuple[float, float, float, float]:
    middle, low, high = (float(part) for part in interval)
    return middle, low, high, p


def _standard(columns: Array) -> Array:
    """Columns of mean 0 and standard deviation 1, so that no regressor eats the digits of another."""
    return np.asarray((columns - columns.mean(axis=0)) / columns.std(axis=0))
