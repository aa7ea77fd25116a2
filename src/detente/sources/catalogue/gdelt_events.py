"""GDELT event files to events: 57, 58 (version 1.0) or 61 (2.0) columns parted by tabs, without a header."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.sources.files import opened, present
from detente.sources.reading import Context, Reading, days, numbers, tally, words

if TYPE_CHECKING:
    import pandas as pd

ACTORS = {
    "GLOBALEVENTID": 0,
    "SQLDATE": 1,
    "Actor1Name": 6,
    "Actor1CountryCode": 7,
    "Actor2Name": 16,
    "Actor2CountryCode": 17,
    "IsRootEvent": 25,
    "EventCode": 26,
    "QuadClass": 29,
    "GoldsteinScale": 30,
    "NumMentions": 31,
}
FIRST = {"ActionGeo_FullName": 50, "ActionGeo_CountryCode": 51, "ActionGeo_Lat": 53, "ActionGeo_Long": 54}
SECOND = {"ActionGeo_FullName": 52, "ActionGeo_CountryCode": 53, "ActionGeo_Lat": 56, "ActionGeo_Long": 57}
LAYOUTS = {57: ACTORS | FIRST, 58: ACTORS | FIRST, 61: ACTORS | SECOND}
VERSIONS = {57: "1.0", 58: "1.0", 61: "2.0"}
MENTIONS = 16
QUADS = {number: f"q{number} " for number in "1234"}
ROOTS = {"1": "root", "0": "not root"}


def read(path: Path, context: Context) -> Reading:
    """The events of one file between two states; the number of columns tells the version, row by row."""
    frame, version = _frame(path, context.spec.encoding)
    date = days(frame["SQLDATE"], "gdelt_events, SQLDATE", pattern="%Y%m%d")
    sender, why_sender = _states(frame["Actor1CountryCode"], date, context)
    receiver, why_receiver = _states(frame["Actor2CountryCode"], date, context)
    reasons = why_sender.fillna(why_receiver)
    kept = reasons.isna()
    events = _events(frame[kept], context).assign(date=date[kept], sender=sender[kept], receiver=receiver[kept])
    return Reading(rows=len(frame), read=len(events), skipped=tally(reasons), events=events, version=version)


def _frame(path: Path, encoding: str) -> tuple[pd.DataFrame, str]:
    import pandas as pd

    present(path)
    with opened(path) as stream:
        content = stream.read()
    try:
        lines = content.decode(encoding).split("\n")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path.name} is not {encoding} text", hint="is it packed? unpack it, or name it .gz"
        ) from error
    versions: set[str] = set()
    frame = pd.DataFrame(_cells(lines, path.name, versions), columns=list(LAYOUTS[61]), dtype="str")
    if len(versions) > 1:
        raise SourceError(f"{path.name} mixes GDELT 1.0 and 2.0", hint="give the files of each version by themselves")
    return frame, versions.pop()


def _cells(lines: list[str], name: str, versions: set[str]) -> Iterator[list[str]]:
    """The used cells of each line; *versions* collects what the lines turn out to be."""
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) == MENTIONS:
            raise SourceError(
                f"{name} holds mentions of events, not events", hint="give the export files; they count the mentions"
            )
        if len(cells) not in LAYOUTS:
            raise SourceError(
                f"{name}: row {number} has {len(cells)} columns; GDELT events have 57, 58 or 61",
                hint="give a file as published, parted by tabs; it may be truncated",
            )
        versions.add(VERSIONS[len(cells)])
        yield [cells[place] for place in LAYOUTS[len(cells)].values()]


def _states(codes: pd.Series, date: pd.Series, context: Context) -> tuple[pd.Series, pd.Series]:
    """Who a CAMEO country code is on a day, or why its row is left out."""
    import pandas as pd

    named = codes.ne("")
    states, reasons = context.actors(codes[named], scheme="cameo")
    states = states.reindex(codes.index)
    reasons = reasons.reindex(codes.index).mask(~named, "no country for one side")
    ids = states.dropna().unique()
    born = pd.to_datetime(states.map({state: context.registry[state].valid_from for state in ids}))
    gone = pd.to_datetime(states.map({state: context.registry[state].valid_to for state in ids}))
    return states, reasons.mask(date.lt(born) | date.gt(gone), "the state did not exist on that day")


def _events(rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    import pandas as pd

    wrong = rows.loc[~rows["EventCode"].str.fullmatch(r"\d{2,4}"), "EventCode"]
    if len(wrong):
        raise SourceError(
            f"gdelt_events, EventCode: {wrong.iloc[0]!r} is not a CAMEO code", hint="codes keep their leading zero"
        )
    placed = rows["ActionGeo_CountryCode"].ne("")
    location, _ = context.actors(rows.loc[placed, "ActionGeo_CountryCode"], scheme="fips")
    return pd.DataFrame(
        {
            "kind": "cameo:" + rows["EventCode"],
            "intensity": numbers(rows["GoldsteinScale"], "gdelt_events, GoldsteinScale"),
            "mentions": numbers(rows["NumMentions"], "gdelt_events, NumMentions"),
            "location": location.reindex(rows.index),
            "place": rows["ActionGeo_FullName"].where(rows["ActionGeo_FullName"].ne("")),
            "lat": numbers(rows["ActionGeo_Lat"], "gdelt_events, ActionGeo_Lat"),
            "lon": numbers(rows["ActionGeo_Long"], "gdelt_events, ActionGeo_Long"),
            "item": words(rows["QuadClass"], QUADS, "gdelt_events, QuadClass")
            + words(rows["IsRootEvent"], ROOTS, "gdelt_events, IsRootEvent"),
            "text": rows["Actor1Name"] + " – " + rows["Actor2Name"],
            "status": "final",
            "source_row": "id " + rows["GLOBALEVENTID"],
        }
    )
