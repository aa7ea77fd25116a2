"""A series to its turning points: when it changed, what an event changed, how far to believe it.

Importing this folder loads none of the numerical libraries: each name is fetched when it is first used.

| question | function |
|---|---|
| When did the level, or level and trend, change? | `breaks` |
| Does the break fall at the claimed date, or at a rival? | `compare_dates` |
| What changed at a named date? | `intervention` (and `its_hac`, `its_ar1` to compare) |
| What changed in one unit, compared with others that had no event? | `synthetic` |
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from detente.turning_points.change_points import Break, ChangePoints, breaks
    from detente.turning_points.dates import Candidate, DateComparison, compare_dates
    from detente.turning_points.examples import example
    from detente.turning_points.interventions import InterventionEffect, intervention, its_ar1, its_hac
    from detente.turning_points.synthetic_control import SyntheticEffect, synthetic
    from detente.turning_points.synthetic_panel import Covariate

    METHODS: dict[str, Callable[..., Any]]

_HOME = {
    "Break": "change_points",
    "Candidate": "dates",
    "ChangePoints": "change_points",
    "Covariate": "synthetic_panel",
    "DateComparison": "dates",
    "InterventionEffect": "interventions",
    "SyntheticEffect": "synthetic_control",
    "breaks": "change_points",
    "compare_dates": "dates",
    "example": "examples",
    "intervention": "interventions",
    "its_ar1": "interventions",
    "its_hac": "interventions",
    "synthetic": "synthetic_control",
}
_METHODS = ("breaks", "compare_dates", "intervention", "its_ar1", "its_hac")

__all__ = [
    "METHODS",
    "Break",
    "Candidate",
    "ChangePoints",
    "Covariate",
    "DateComparison",
    "InterventionEffect",
    "SyntheticEffect",
    "breaks",
    "compare_dates",
    "example",
    "intervention",
    "its_ar1",
    "its_hac",
    "synthetic",
]


def __getattr__(name: str) -> Any:
    """Fetch a name on first use; `METHODS` holds the functions and what other packages add to them."""
    if name == "METHODS":
        from detente.registry import available

        value: Any = available("turning_points", {method: __getattr__(method) for method in _METHODS})
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
