"""A series to the scale on which its changes are proportional, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from detente.errors import SeriesError
from detente.records import Series
from detente.results import Check
from detente.turning_points.effects.interventions import PROPORTION

if TYPE_CHECKING:
    from detente.turning_points.dating.change_points import ChangePoints
    from detente.turning_points.dating.rivals import DateComparison
    from detente.turning_points.effects.interventions import InterventionEffect

Scale = Literal["as given", "logarithms"]
LOG = "log"
SCALED = Check("scale", None, "logarithms were analysed: the changes are proportions")

GROW = ("USD", "persons", "deaths", "visas")
"""Units of what grows in proportion: money and people."""

COUNTED = ("visits", "stops", "attacks", "events", "articles")
"""Units of what is counted."""


def counted(unit: str) -> bool:
    """Whether values in a unit count things that happen now and then."""
    return unit in COUNTED


def grows(unit: str) -> bool:
    """Whether values in a unit are better compared as proportions: twice as much money, a tenth fewer people."""
    return unit.startswith(GROW)


def scale_of(series: Series) -> Scale:
    """Logarithms for money and people, where no value is negative and some are above zero; else values as given."""
    return "logarithms" if grows(series.unit) and has_logarithm(series) else "as given"


def has_logarithm(series: Series) -> bool:
    """Whether no value is negative and some are above zero."""
    values = series.frame["value"].to_numpy(dtype=float)
    known = values[~np.isnan(values)]
    return bool((known >= 0).all() and (known > 0).any())


def logged(series: Series) -> Series:
    """Natural logarithms of a series: a change of .1 is one of about a tenth.

    Zeros become half the smallest value above zero, so that they neither vanish nor dominate.

    Raises:
        SeriesError: A negative value, or none above zero.

    References:
        Mosteller and Tukey (1977), Data Analysis and Regression, chapter 5, for started logarithms.
    """
    values = series.frame["value"].to_numpy(dtype=float).copy()
    if not has_logarithm(series):
        raise SeriesError(
            f"{series.name} has negative values or none above zero: it has no logarithm", hint="use the values as given"
        )
    values[values == 0] = values[values > 0].min() / 2
    return replace(series, frame=series.frame.assign(value=np.log(values)), unit=LOG)


def proportional(change: float) -> float:
    """A change of logarithms as a share of the earlier level: log 2 is +1, which is a doubling."""
    return float(np.expm1(np.clip(change, -50.0, 50.0)))


def scaled(series: Series, scale: Scale) -> Series:
    """The series on a scale; see `logged`."""
    return logged(series) if scale == "logarithms" else series


def said(value: float, unit: str) -> str:
    """A change in words; of logarithms, as per cent."""
    return f"{_percent(value):+.0f} %" if unit == LOG else f"{value:+.3g}"


def _percent(change: float) -> float:
    return 100.0 * proportional(change)


def effect_restored(found: InterventionEffect) -> InterventionEffect:
    """An effect on logarithms as per cent of what was expected; expected values in the unit of the series."""
    projected = None if found.projected is None else tuple(_percent(one) for one in found.projected)
    checks = [one for one in found.checks if one.name != "change of any shape"]
    if projected is not None:
        middle, low, high = projected
        detail = f"the periods before, carried on, give {middle:+.0f} % ({low:+.0f} to {high:+.0f} %)"
        checks.append(Check("change of any shape", low <= _percent(found.effect) <= high, detail))
    return replace(
        found,
        effect=_percent(found.effect),
        low=_percent(found.low),
        high=_percent(found.high),
        step=_percent(found.step),
        slope=None,
        projected=projected,  # type: ignore[arg-type]
        unit=PROPORTION,
        table=tuple(_restored(row, ("value", "without", "low", "high")) for row in found.table),
        checks=(*checks, SCALED),
    )


def dates_restored(found: DateComparison) -> DateComparison:
    """A comparison of dates on logarithms, its step as per cent."""
    return replace(found, step=_percent(found.step), unit=PROPORTION, checks=(*found.checks, SCALED))


def breaks_restored(found: ChangePoints, unit: str) -> ChangePoints:
    """Breaks found on logarithms, their levels in the unit of the series: geometric means of the regimes."""
    breaks = tuple(
        replace(one, level_before=float(np.exp(one.level_before)), level_after=float(np.exp(one.level_after)))
        for one in found.breaks
    )
    return replace(
        found,
        breaks=breaks,
        levels=tuple(float(np.exp(level)) for level in found.levels),
        table=tuple(_restored(row, ("value", "fitted")) for row in found.table),
        unit=unit,
        checks=(*found.checks, SCALED),
    )


def _restored(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, object]:
    return {**row, **{name: float(np.exp(row[name])) for name in names}}
