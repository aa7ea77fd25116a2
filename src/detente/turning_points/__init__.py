"""A series to its turning points: when it changed, what an event changed, how far to believe it.

Importing this folder loads none of the numerical libraries: each name is fetched when it is first used.

| question | function |
|---|---|
| When did it change, if it did? | `when` |
| Does the change fall at the claimed date, or at a rival? | `compare_dates` |
| What did an event change? | `effect`; `counts` where things are counted; `intervention` as an interrupted series |
| What did it change in some units, compared with others that had no event? | `synthetic` |
| How far is that to be believed? | `turning_point`, `specification_curve` |
| Which of very many series changed? | `scan` |
| What do the textbooks say? | `breaks` (Bai and Perron), `its_hac`, `its_ar1` |
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from detente.turning_points.belief.curve import SpecificationCurve, specification_curve
    from detente.turning_points.belief.grade import grade
    from detente.turning_points.belief.verdict import Beside, TurningPoint, turning_point
    from detente.turning_points.dating.answer import DatedBreak, Dating, when
    from detente.turning_points.dating.change_points import Break, ChangePoints, breaks
    from detente.turning_points.dating.rivals import Candidate, DateComparison, compare_dates
    from detente.turning_points.donors.comparison import synthetic
    from detente.turning_points.donors.panel import Covariate
    from detente.turning_points.donors.several import StaggeredEffect
    from detente.turning_points.donors.single import SyntheticEffect
    from detente.turning_points.effects.counts import CountEffect, counts
    from detente.turning_points.effects.effect import Effect, effect
    from detente.turning_points.effects.interventions import InterventionEffect, intervention, its_ar1, its_hac
    from detente.turning_points.effects.state_space import StateSpace
    from detente.turning_points.everywhere.scanning import Scan, scan
    from detente.turning_points.examples import example
    from detente.turning_points.plain import as_series
    from detente.turning_points.wire import as_dict

    METHODS: dict[str, Callable[..., Any]]

_HOME = {
    "Beside": "belief.verdict",
    "Break": "dating.change_points",
    "Candidate": "dating.rivals",
    "ChangePoints": "dating.change_points",
    "CountEffect": "effects.counts",
    "Covariate": "donors.panel",
    "DateComparison": "dating.rivals",
    "DatedBreak": "dating.answer",
    "Dating": "dating.answer",
    "Effect": "effects.effect",
    "InterventionEffect": "effects.interventions",
    "Scan": "everywhere.scanning",
    "SpecificationCurve": "belief.curve",
    "StateSpace": "effects.state_space",
    "StaggeredEffect": "donors.several",
    "SyntheticEffect": "donors.single",
    "TurningPoint": "belief.verdict",
    "as_dict": "wire",
    "as_series": "plain",
    "breaks": "dating.change_points",
    "compare_dates": "dating.rivals",
    "counts": "effects.counts",
    "effect": "effects.effect",
    "example": "examples",
    "grade": "belief.grade",
    "intervention": "effects.interventions",
    "its_ar1": "effects.interventions",
    "its_hac": "effects.interventions",
    "scan": "everywhere.scanning",
    "specification_curve": "belief.curve",
    "synthetic": "donors.comparison",
    "turning_point": "belief.verdict",
    "when": "dating.answer",
}
_METHODS = (
    "breaks",
    "compare_dates",
    "counts",
    "effect",
    "intervention",
    "its_ar1",
    "its_hac",
    "scan",
    "specification_curve",
    "synthetic",
    "turning_point",
    "when",
)

__all__ = [
    "METHODS",
    "Beside",
    "Break",
    "Candidate",
    "ChangePoints",
    "CountEffect",
    "Covariate",
    "DateComparison",
    "DatedBreak",
    "Dating",
    "Effect",
    "InterventionEffect",
    "Scan",
    "SpecificationCurve",
    "StaggeredEffect",
    "StateSpace",
    "SyntheticEffect",
    "TurningPoint",
    "as_dict",
    "as_series",
    "breaks",
    "compare_dates",
    "counts",
    "effect",
    "example",
    "grade",
    "intervention",
    "its_ar1",
    "its_hac",
    "scan",
    "specification_curve",
    "synthetic",
    "turning_point",
    "when",
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
