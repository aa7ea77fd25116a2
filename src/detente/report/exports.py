"""Findings to tidy tables: what stands beside the page as CSV and Parquet."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from detente.report.specifications import is_share

if TYPE_CHECKING:
    import pandas as pd

    from detente.panel import Line
    from detente.report.findings import Findings
    from detente.turning_points import TurningPoint

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that a spreadsheet would run."""


def neutralised(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy whose text cells and column names no spreadsheet takes for a formula: they begin with an apostrophe.

    Numbers and dates stay as they are, negative ones too.
    """
    from pandas.api import types

    safe = frame.copy()
    safe.columns = [_safe(name) for name in frame.columns]
    for column in safe.columns:
        if not (types.is_numeric_dtype(safe[column]) or types.is_datetime64_any_dtype(safe[column])):
            safe[column] = safe[column].astype("object").map(_safe)
    return safe


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell


def tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Name → table: panel, breaks, effects, dates, checks, specifications, index, verdicts, sources, lineage."""
    return {
        "panel": findings.panel.frame.copy(),
        "breaks": _of_readings(findings, "breaks"),
        "effects": _effects(findings),
        "dates": _of_readings(findings, "dates"),
        "checks": _judged(findings, ("check", "passed", "detail"), _checks),
        "specifications": _judged(findings, CHOICE, _choices),
        "index": _index(findings),
        "verdicts": _verdicts(findings),
        "sources": _plain(findings.files),
        "lineage": _plain(findings.lineage),
    }


def _of_readings(findings: Findings, name: str) -> pd.DataFrame:
    """The frames of one kind of result, stacked; each row says whose it is."""
    import pandas as pd

    parts = []
    for reading in findings.readings:
        result = getattr(reading, name)
        if result is not None:
            parts.append(_whose(result.to_frame(), reading.line))
    kept = [part for part in parts if len(part)]
    return _plain(pd.concat(kept, ignore_index=True)) if kept else pd.DataFrame(columns=list(WHOSE))


GRADED = ("alarm_rate", "alarm_dates", "grade", "short_of")
CHOICE = ("method", "shape", "window", "scale", "effect", "low", "high", "p", "found", "unit")
WHOSE = ("dimension", "measure", "sender", "receiver")


def _whose(frame: pd.DataFrame, line: Line) -> pd.DataFrame:
    mine = frame.assign(
        dimension=line.dimension, measure=line.measure, sender=line.dyad.sender, receiver=line.dyad.receiver
    )
    return mine[[*WHOSE, *(column for column in frame.columns if column not in WHOSE)]]


def _effects(findings: Findings) -> pd.DataFrame:
    """One row for each estimated change, and one for each measure that allows none."""
    import pandas as pd

    rows = []
    for reading in findings.readings:
        effect = reading.effect
        whose = (reading.line.dimension, reading.line.measure, reading.line.dyad.sender, reading.line.dyad.receiver)
        numbers = (
            {
                "at": pd.Timestamp(effect.at), "effect": effect.effect, "low": effect.low, "high": effect.high,
                "p": effect.p, "confidence": effect.confidence, "unit": effect.unit, "before": effect.before,
                "after": effect.after, "left_out": effect.transition,
            }
            if effect
            else {}
        )  # fmt: skip
        graded = {name: value for name, value in reading.to_row().items() if name in GRADED}
        rows.append(dict(zip(WHOSE, whose, strict=True)) | numbers | graded | {"refused": reading.refused})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*WHOSE, "refused"])


def _judged(findings: Findings, columns: Sequence[str], made: Callable[[TurningPoint], pd.DataFrame]) -> pd.DataFrame:
    """A table of every graded measure, stacked; without any, its columns."""
    import pandas as pd

    parts = [_whose(made(one.judged), one.line) for one in findings.readings if one.judged]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*WHOSE, *columns])


def _checks(judged: TurningPoint) -> pd.DataFrame:
    """A row a check; `passed` is empty where it only informs."""
    frame = judged.to_frame()
    return frame.assign(passed=frame["passed"].astype("boolean"))


def _choices(judged: TurningPoint) -> pd.DataFrame:
    """A row a specification, effects in `unit`: in per cent of what was expected, or that of the measure."""
    from detente.turning_points.effects.interventions import PROPORTION

    frame = judged.curve.to_frame()
    if not is_share(judged.curve):
        return frame.assign(unit=judged.curve.unit)
    sizes = {name: 100 * frame[name] for name in ("effect", "low", "high")}
    return frame.assign(**sizes, unit=PROPORTION)


def _index(findings: Findings) -> pd.DataFrame:
    import pandas as pd

    parts = [one.to_frame().assign(dimension=one.dimension) for one in findings.index if len(one.frame)]
    if not parts:
        return pd.DataFrame(columns=["dimension", "year", "value"])
    whole = pd.concat(parts, ignore_index=True)
    return whole[["dimension", *(name for name in whole.columns if name != "dimension")]]


def _verdicts(findings: Findings) -> pd.DataFrame:
    import pandas as pd

    columns = ["claim_id", "dimension", "statement", "asserted_by", "test", "outcome", "because", "rival", "conflicts",
               "numbers", "checks", "records"]  # fmt: skip
    rows = [
        {
            **{name: getattr(verdict, name) for name in columns[:8]},
            "conflicts": "; ".join(verdict.conflicts),
            "numbers": _json(dict(verdict.numbers)),
            "checks": _json([[check.name, check.passed, check.detail] for check in verdict.checks]),
            "records": " ".join(verdict.evidence),
        }
        for verdict in findings.verdicts
    ]
    return pd.DataFrame(rows, columns=columns)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame that both CSV and Parquet can hold: what is neither number, text nor day becomes text."""
    plain = frame.copy()
    for column in plain.columns:
        if plain[column].dtype == object and any(not isinstance(value, str) for value in plain[column].dropna()):
            plain[column] = _words(plain[column])
    return plain


def _words(values: pd.Series) -> Sequence[Any]:
    import pandas as pd

    if all(hasattr(value, "isoformat") for value in values.dropna()):
        return list(pd.to_datetime(values))
    return [None if pd.isna(value) else str(value) for value in values]
