"""Figures that pages print, each with the page's address, to observations; a list of dated events to events.

The quotations beside the figures are left out. What is not the page's own plain number is told by its status.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import ANYONE
from detente.sources.files import opened, read_csv
from detente.sources.reading import Context, Reading, numbers, tally
from detente.sources.spec import Columns

if TYPE_CHECKING:
    import pandas as pd

EVENT_COLUMNS = Columns(used=("date", "label", "kind", "source_url"), ignored=("description", "source_title", "quote"))
SCALES = {"million USD": 1e6, "billion USD": 1e9}
"""Units that become plain dollars; all others stay as the page has them."""
MARKS = {
    "derived": r"\b(?:derived|implied|press product)\b",
    "approximate": r"\b(?:inferred|assumed|approximate|press estimate|at least|more than)\b|^(?:about|around|nearly)\b",
    "provisional": r"^provisional\b|\(est\.",
    "partial": r"\bpartial\b",
}
"""Status → the words in a note that call for it; the first that fits counts."""


def read(path: Path, context: Context) -> Reading:
    """One observation, or one event, a row."""
    with opened(path) as stream:
        is_events = stream.readline().lstrip(b"\xef\xbb\xbf").startswith(b"date,label,")
    return _events(path, context) if is_events else _figures(path, context)


def _figures(path: Path, context: Context) -> Reading:
    import pandas as pd

    where = context.spec.source_id
    frame = read_csv(path, context.spec.columns)
    sender, no_sender = _actors(frame["sender"], context)
    receiver, no_receiver = _actors(frame["receiver"], context)
    reasons = no_sender.fillna(no_receiver)
    unit, qualifier, scale = _units(frame["unit"])
    above = frame["value"].str.startswith(">")
    figure = numbers(frame["value"].str.removeprefix(">"), f"{where}: value") * scale
    observations = pd.DataFrame(
        {
            "indicator": "fig_" + frame["series_id"],
            "sender": sender,
            "receiver": receiver,
            "period_start": _days(frame["period_start"], f"{where}: period_start"),
            "period_end": _days(frame["period_end"], f"{where}: period_end"),
            "value": figure.mask(above),
            "low": figure.where(above),
            "unit": unit,
            "item": (frame["source_url"] + " " + qualifier).str.strip(),
            "status": _status(frame["note"]).mask(above, "approximate"),
            "source_row": frame["row"],
        }
    )[reasons.isna()]
    return Reading(rows=len(frame), read=len(observations), skipped=tally(reasons), observations=observations)


def _events(path: Path, context: Context) -> Reading:
    import pandas as pd

    frame = read_csv(path, EVENT_COLUMNS)
    day = _days(frame["date"], f"{context.spec.source_id}: date")
    events = pd.DataFrame(
        {
            "date": day,
            "date_end": day,
            "sender": ANYONE,
            "receiver": ANYONE,
            "kind": "dated_event:" + frame["kind"],
            "item": frame["source_url"],
            "text": frame["label"],
            "status": "final",
            "source_row": frame["row"],
        }
    )
    return Reading(rows=len(frame), read=len(frame), events=events)


def _actors(labels: pd.Series, context: Context) -> tuple[pd.Series, pd.Series]:
    """Who acts or is acted upon; nobody named and the world as a whole are both anyone."""
    anyone = labels.isin(["", ANYONE])
    actors, reasons = context.actors(labels[~anyone], scheme="iso3")
    return actors.reindex(labels.index).mask(anyone, ANYONE), reasons.reindex(labels.index)


def _units(text: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The plain unit, what qualifies it (`(current)` goes without saying), and what to multiply by."""
    plain = text.str.extract(r"^([^;(]+?)\s*(?:[;(].*)?$", expand=False)
    qualifier = text.str.replace(r"^[^;(]+", "", regex=True).str.removeprefix("; ").replace("(current)", "")
    scale = plain.map(SCALES)
    return plain.mask(scale.notna(), "USD"), qualifier, scale.fillna(1.0)


def _status(notes: pd.Series) -> pd.Series:
    import pandas as pd

    status = pd.Series("final", index=notes.index, dtype="str")
    for name, words in MARKS.items():
        status = status.mask((status == "final") & notes.str.contains(words, case=False), name)
    return status


def _days(text: pd.Series, where: str) -> pd.Series:
    import pandas as pd

    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if days.isna().any():
        raise SourceError(
            f"{where}: {int(days.isna().sum())} cells are not days, such as {text[days.isna()].iloc[0]!r}",
            hint="write days as 2021-08-15",
        )
    return days
