"""A panel and the date of an event to what the event changed, seen against the units without it.

This module is not called `synthetic`, because the package holds a function of that name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from detente.errors import SeriesError
from detente.results import Provenance
from detente.turning_points.donors.panel import Columns, Covariate, Time
from detente.turning_points.donors.placebos import Asked, Method, Solver
from detente.turning_points.donors.reading import cohorts, donors
from detente.turning_points.donors.several import StaggeredEffect, several_units
from detente.turning_points.donors.single import WORDS, SyntheticEffect, one_unit
from detente.turning_points.donors.staggered import Plan

__all__ = ["Covariate", "StaggeredEffect", "SyntheticEffect", "synthetic"]

_DOUBLED = "Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12)."
CITATIONS = {
    "sc": "Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105.",
    "sdid": _DOUBLED,
    "did": _DOUBLED,
    "augmented": "Ben-Michael, Feller and Rothstein (2021), Journal of the American Statistical Association 116.",
}


@overload
def synthetic(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: str,
    at: Time | None = None,
    covariates: Sequence[str | Covariate] = (),
    method: Method = "sc",
    placebos: bool = True,
    solver: Solver = "published",
    horizon: int | None = None,
    not_yet: bool = False,
    seed: int = 0,
) -> SyntheticEffect: ...


@overload
def synthetic(
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: list[str] | tuple[str, ...] | Mapping[str, Time],
    at: Time | None = None,
    covariates: Sequence[str | Covariate] = (),
    method: Method = "sc",
    placebos: bool = True,
    solver: Solver = "published",
    horizon: int | None = None,
    not_yet: bool = False,
    seed: int = 0,
) -> StaggeredEffect: ...


def synthetic(  # noqa: PLR0913 (a panel has four columns and an event two coordinates; all but the panel are named)
    panel: Any,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: str | list[str] | tuple[str, ...] | Mapping[str, Time],
    at: Time | None = None,
    covariates: Sequence[str | Covariate] = (),
    method: Method = "sc",
    placebos: bool = True,
    solver: Solver = "published",
    horizon: int | None = None,
    not_yet: bool = False,
    seed: int = 0,
) -> SyntheticEffect | StaggeredEffect:
    """Compare units after an event with a weighted average of units without it.

    Question: what would the outcome of the treated units have been without the event? Assumes that the event left the
    donors alone, that nothing else set the treated units apart from that date on, and that what held the weighted
    donors and the unit together before would have gone on (for `sdid` and `did` up to a constant difference).

    Args:
        panel: A long table (pandas, polars or Arrow), one row a unit and period, balanced in the outcome.
        unit: Column of the units; `time`: of the periods (numbers or dates); `outcome`: of the values.
        treated: The unit with the event; or several; or a mapping of units to the first period after each one's own
            event. All others are donors: leave out those that the event touched too.
        at: First period after the event; not with a mapping.
        covariates: What to match on: columns (their mean before the event) or `Covariate` (over chosen periods). Only
            for `sc` and one treated unit.
        method: `sc` synthetic control, `augmented` the same with a ridge correction, `sdid` synthetic
            difference-in-differences, `did` equal weights.
        placebos: Whether to repeat the method for other units.
        solver: For `sc` without covariates: stop where the solver published with `sdid` stops, so that numbers agree
            with those in print, or go on to the exact optimum. A check tells both. Several units: always exact.
        horizon: With several treated units: how many periods after an event count; None for all.
        not_yet: With several treated units and a horizon: whether those whose event comes after it are donors too.
        seed: Of the search for the weights of the covariates, and of draws of units.

    Raises:
        SeriesError: Treated unit or date outside the panel, fewer than two donors, holes, duplicates, constant values,
            covariates that are missing, constant or collinear.

    References:
        Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105; Arkhangelsky,
        Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111(12); Ben-Michael, Feller and Rothstein
        (2021), Journal of the American Statistical Association 116, and (2022), Journal of the Royal Statistical
        Society B 84(2).
    """
    if method not in WORDS:
        raise SeriesError(f"no method named {method!r}", hint=f"choose {', '.join(WORDS)}")
    if covariates and method != "sc":
        raise SeriesError(f"{method} does not use covariates", hint="leave them out, or choose method sc")
    columns = Columns(unit, time, outcome)
    said: dict[str, Any] = {"unit": unit, "time": time, "outcome": outcome, "method": method, "placebos": placebos}
    if not isinstance(treated, list | tuple | Mapping):
        read = donors(panel, columns, treated, _named(at), covariates)
        said |= {"treated": str(treated), "at": str(at), "covariates": list(read.labels), "solver": solver}
        provenance = Provenance("synthetic", said, read.fingerprint, CITATIONS[method], seed if read.labels else None)
        return one_unit(read, outcome, Asked(method, solver, seed), provenance, repeat=placebos)
    if covariates:
        raise SeriesError("covariates need one treated unit", hint="leave them out, or compare unit by unit")
    events = _events(treated, at)
    _check_horizon(horizon, not_yet)
    plan = Plan(cohorts(panel, columns, events), Asked(method, "exact", seed), horizon, not_yet)
    said |= {"treated": {one: str(when) for one, when in events.items()}, "horizon": horizon, "not_yet": not_yet}
    provenance = Provenance("synthetic", said, plan.read.fingerprint, CITATIONS[method], seed)
    return several_units(plan, outcome, provenance, repeat=placebos)


def _named(at: Time | None) -> Time:
    if at is None:
        raise SeriesError("no date of the event", hint="say the first period after it: at=1989")
    return at


def _check_horizon(horizon: int | None, not_yet: bool) -> None:
    if horizon is not None and horizon < 1:
        raise SeriesError(f"a horizon of {horizon} periods", hint="one period or more, or None for all")
    if not_yet and horizon is None:
        raise SeriesError("not_yet without a horizon", hint="say how many periods after an event count: horizon=5")


def _events(treated: list[str] | tuple[str, ...] | Mapping[str, Time], at: Time | None) -> dict[str, Time]:
    """Each treated unit with its date."""
    if isinstance(treated, Mapping):
        if at is not None:
            raise SeriesError("dates in the mapping and in at", hint="leave at out: each unit has its own date")
        found = {str(one): when for one, when in treated.items()}
    else:
        found = dict.fromkeys((str(one) for one in treated), _named(at))
    if not found:
        raise SeriesError("no treated unit", hint="name one, several, or each with its date")
    return found
