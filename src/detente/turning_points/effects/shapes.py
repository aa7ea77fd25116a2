"""An interrupted series of any shape, with or without a season, to the change at its date, noise averaged out.

The prior of the noise is that of `robust`, so that the answers agree where both can be asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.turning_points.effects import robust
from detente.turning_points.effects.averaging import Blend, blend
from detente.turning_points.effects.designs import Design, Estimate
from detente.turning_points.noise import Array, Grid, Mixture, last_averaged


def stays(split: Design) -> bool:
    """Whether the change is one of level that begins at once and stays."""
    return split.event == (1,) and bool((split.x[:, 1] == split.after).all())


def _weighed(noise: Grid, always: Array, perhaps: list[Array], y: Array) -> Blend:
    odds = [robust.TREND_ODDS if block.shape[1] == 1 else 1.0 for block in perhaps]
    return blend(noise, robust.log_prior_of_kinds(), always, perhaps, y, odds=odds)


def optional(split: Design) -> list[Array]:
    """The blocks that a design leaves to the evidence: a trend where its shape has none, and the season."""
    season = [split.season] if split.season.shape[1] else []
    return season if split.trended else [split.trend[:, None], *season]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A design under every kind of noise, trend and season; values are scaled, intervals are not."""

    models: Blend
    scale: float
    factor: Array | float

    @classmethod
    def of(cls, split: Design) -> _Fitted:
        scale = float(split.y.std())
        scaled = (split.y - float(split.y.mean())) / scale
        models = _weighed(robust.kinds_of_noise(split.positions), split.x, optional(split), scaled)
        # An interval is shortened only where simulation says so: a step that stays.
        return cls(models, scale, robust.shortening(len(split.y)) if stays(split) else 1.0)

    def known(self, contrast: Array) -> Mixture:
        """What is known of a contrast of the regressors that are always there."""
        return self.models.mixture(np.pad(contrast, (0, self.models.width - len(contrast)))).shortened(self.factor)

    def interval(self, contrast: Array, confidence: float) -> tuple[float, float, float]:
        return _interval(self.known(contrast), confidence, self.scale)

    def change(self, contrast: Array, confidence: float) -> tuple[float, float, float, float]:
        known = self.known(contrast)
        return *_interval(known, confidence, self.scale), float(known.tail()[0])


def estimate(split: Design, confidence: float) -> Estimate:
    """The change of an interrupted series of any shape under every kind of noise, trend and season averaged."""
    fitted, perhaps, event = _Fitted.of(split), optional(split), list(split.event)
    beta = fitted.models.mean * fitted.scale
    caused = split.x[:, event] @ beta[event]
    slope = None if split.slope is None else fitted.interval(np.eye(split.x.shape[1])[split.slope], confidence)
    return Estimate(
        effect=fitted.change(split.contrast, confidence),
        step=fitted.interval(split.opening, confidence)[0],
        slope=slope,
        projected=None if split.trended else _projected(split, perhaps, confidence),
        without=np.column_stack([split.x, *perhaps]) @ beta + float(split.y.mean()) - caused,
        caused=caused,
    )


def change(split: Design, confidence: float) -> tuple[float, float, float, float]:
    """Average change, its low and high end and p, as `estimate` has them, and nothing else."""
    return _Fitted.of(split).change(split.contrast, confidence)


def _projected(split: Design, perhaps: list[Array], confidence: float) -> tuple[float, float, float]:
    """The average change when each period after the event may have its own: only the periods before teach the noise."""
    late = int(split.after.sum())
    y, *blocks = (np.vstack([part[:-late], part[-late:].mean(axis=0)]) for part in (split.y[:, None], *perhaps))
    scale = float(split.y.std())
    x = np.column_stack([np.ones(len(y)), np.eye(len(y))[:, -1]])
    noise = last_averaged(robust.kinds_of_noise(split.positions), late)
    models = _weighed(noise, x, blocks, (y[:, 0] - split.y.mean()) / scale)
    return _interval(models.mixture(np.eye(models.width)[1]), confidence, scale)


def _interval(known: Mixture, confidence: float, scale: float) -> tuple[float, float, float]:
    tail = (1 - confidence) / 2
    middle, low, high = (float(known.quantile(at)[0]) * scale for at in (0.5, tail, 1 - tail))
    return middle, low, high
