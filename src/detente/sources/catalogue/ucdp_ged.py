"""UCDP Georeferenced Events to events: the global file, a monthly candidate file, or a country's extract on HDX."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from detente.records import calendar_month
from detente.sources.files import read_csv
from detente.sources.reading import Context, Reading, days, numbers, words
from detente.sources.ucdp import sides

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"1": "ged:state-based", "2": "ged:non-state", "3": "ged:one-sided"}
CANDIDATE = re.compile(r"v(\d\d)_0_(\d{1,2})(?!\d)")
GLOBAL = re.compile(r"v(\d\d)_1(?!\d)|ged(\d\d)1(?!\d)", re.IGNORECASE)


def read(path: Path, context: Context) -> Reading:
    """The events of one file; its name tells a candidate file (v23_0_10) from a final one (v24_1)."""
    frame = read_csv(path, context.spec.columns, encoding=context.spec.encoding)
    tags = frame["id"].eq("") & frame["year"].str.startswith("#")
    rows = frame[~tags]
    events = _events(rows, context)
    version, status = _release(path.name)
    coverage = _coverage(path.name, events, whole_country=bool(tags.any()))
    return Reading(
        rows=len(frame),
        read=len(events),
        skipped={"HXL tag row": int(tags.sum())} if tags.any() else {},
        events=events.assign(status=status),
        coverage=coverage,
        version=version,
    )


def _events(rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    import pandas as pd

    started = days(rows["date_start"].str[:10], "ucdp_ged, date_start")
    location, _ = context.actors(rows["country_id"], scheme="gw", on=started)
    sources = numbers(rows["number_of_sources"], "ucdp_ged, number_of_sources")
    return pd.DataFrame(
        {
            "date": started,
            "date_end": days(rows["date_end"].str[:10], "ucdp_ged, date_end"),
            "sender": sides(rows["side_a_new_id"], rows["gwnoa"], started, context),
            "receiver": sides(rows["side_b_new_id"], rows["gwnob"], started, context),
            "kind": words(rows["type_of_violence"], KINDS, "ucdp_ged, type_of_violence"),
            "mentions": sources.where(sources >= 0),
            "location": location,
            "place": rows["adm_1"].where(rows["adm_1"].ne("")),
            "lat": numbers(rows["latitude"], "ucdp_ged, latitude"),
            "lon": numbers(rows["longitude"], "ucdp_ged, longitude"),
            "fatalities": numbers(rows["best"], "ucdp_ged, best"),
            "fatalities_low": numbers(rows["low"], "ucdp_ged, low"),
            "fatalities_high": numbers(rows["high"], "ucdp_ged, high"),
            "item": rows["dyad_name"],
            "text": rows["where_coordinates"],
            "source_row": "id " + rows["id"],
        }
    )


def _release(name: str) -> tuple[str, str]:
    """Version and status that a file's name tells; no version where it is the one described."""
    if found := CANDIDATE.search(name):
        return f"{found[1]}.0.{int(found[2])}", "provisional"
    if found := GLOBAL.search(name):
        return f"{found[1] or found[2]}.1", "final"
    return "", "final"


def _coverage(name: str, events: pd.DataFrame, *, whole_country: bool) -> pd.DataFrame | None:
    """Where and when a missing event means that none was recorded: `receiver` is the state in which it would be.

    Args:
        whole_country: The file is an extract of HDX, which holds all events of its country; of another one nothing is
            known.
    """
    import pandas as pd

    first, last, places = date(1989, 1, 1), events["date_end"].max().date(), sorted(set(events["location"]))
    if found := CANDIDATE.search(name):
        (first, last), places = calendar_month(2000 + int(found[1]), int(found[2])), ["*"]
    elif found := GLOBAL.search(name):
        last, places = date(1999 + int(found[1] or found[2]), 12, 31), ["*"]
    elif not whole_country:
        return None
    return pd.DataFrame(
        {"indicator": "ged", "sender": "*", "receiver": places, "period_start": first, "period_end": last}
    )
