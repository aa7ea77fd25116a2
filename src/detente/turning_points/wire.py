"""Results to what machines read: keys that are documented and stay as they are (docs: plain files)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from detente.results import Result
from detente.turning_points.plain import told


def as_dict(result: Result) -> dict[str, Any]:
    """Give a result as plain values: texts, numbers, true, false and null, lists and mappings of them.

    Every result has `method`, `summary` and `checks` (each `name`, `passed`: true, false or null, `detail`). A dating
    has `breaks` (each `period`, `lower`, `upper`, `probability`) and `p_no_break`; effects have `effect` (`average`,
    `lower`, `upper`, `p`, `cumulative`), those beside donors `weights` and `loss` too; a scan has `series`, with the
    keys of both. What is not known is null.
    """
    answer = {"method": result.provenance.method, "summary": result.summary(), **_numbers(result)}
    answer["checks"] = [{"name": one.name, "passed": one.passed, "detail": one.detail} for one in result.checks]
    return {key: plain(value) for key, value in answer.items()}


def plain(value: Any) -> Any:
    """A value as JSON has it: days as text, numbers of arrays as numbers, what is not a number as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _numbers(result: Result) -> dict[str, Any]:
    from detente.turning_points.dating.answer import Dating
    from detente.turning_points.donors.comparison import StaggeredEffect, SyntheticEffect
    from detente.turning_points.effects.effect import Effect
    from detente.turning_points.everywhere.scanning import Scan

    if isinstance(result, Dating):
        return _dating(result)
    if isinstance(result, Effect):
        return {"series": result.series, "event": result.event, "at": result.at, **_effect(result), **_around(result)}
    if isinstance(result, SyntheticEffect | StaggeredEffect):
        return {**_effect(result), "weights": result.weights, "loss": result.loss}
    if isinstance(result, Scan):
        return {"judged": result.judged, "found": result.found, "share": result.share, "series": _rows(result)}
    return {"numbers": result.to_frame().to_dict("records")}


def _dating(result: Any) -> dict[str, Any]:
    days, keys = ("period", "lower", "upper"), ("label", "probability", "kind", "before", "after")
    breaks = [
        {name: told(getattr(one, name), result.frequency) for name in days} | {key: getattr(one, key) for key in keys}
        for one in result.breaks
    ]
    return {
        "series": result.series,
        "verdict": result.verdict,
        "p_no_break": result.p_no_break,
        "breaks": breaks,
        "by_date": result.by_date().to_dict("records"),
    }


def _effect(result: Any) -> dict[str, Any]:
    """The effect; of the sum also its interval, where it has one."""
    numbers = {name: getattr(result, name) for name in ("average", "lower", "upper", "p", "cumulative")}
    if isinstance(numbers["cumulative"], tuple):
        names = ("cumulative", "cumulative_lower", "cumulative_upper")
        numbers |= dict(zip(names, numbers["cumulative"], strict=True))
    return {"effect": numbers}


def _around(result: Any) -> dict[str, Any]:
    names = ("unit", "confidence", "relative", "before", "after", "controls")
    return {name: getattr(result, name) for name in names}


def _rows(result: Any) -> list[dict[str, Any]]:
    """A row a series, with the keys of `when` and of `effect`."""
    return [
        {
            "rank": row.rank,
            "unit": row.unit,
            "found": row.found,
            "status": row.status,
            "p_no_break": row.p_no_break,
            "breaks": json.loads(row.breaks) if row.found and isinstance(row.breaks, str) else [],
            "effect": {"average": row.average, "lower": row.effect_lower, "upper": row.effect_upper, "p": row.p},
        }
        for row in result.table.itertuples()
    ]
