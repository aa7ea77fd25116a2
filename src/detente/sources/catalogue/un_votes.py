"""Roll-call votes in the UN General Assembly to one observation a vote: 1 yes, 2 abstain, 3 no.

A vote's session and date stand in a second file, which is looked for beside the first. Absences are not in the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import SourceError
from detente.records import ANYONE
from detente.sources.files import read_parquet
from detente.sources.reading import Context, Reading, tally
from detente.sources.spec import Columns

if TYPE_CHECKING:
    import pandas as pd

SISTER = "un_roll_calls.parquet"
ISSUES = "un_roll_call_issues.parquet"
ROLL_CALLS = Columns(
    used=("rcid", "session", "date"), ignored=("importantvote", "unres", "amend", "para", "short", "descr")
)
VOTES = {1, 2, 3}
CHANGED = ("Federal Republic of Germany", "Taiwan", "Yemen Arab Republic", "Yugoslavia")
"""Labels whose meaning depends on the day; the lookups in the .yml have the dates."""


def read(path: Path, context: Context) -> Reading:
    """One observation a vote. The file of roll calls, given by itself, yields nothing but is kept as provenance.

    Raises:
        SourceError: The file of roll calls is not in the same folder, or lacks a roll call that was voted in.
    """
    if path.name == ISSUES:
        count = len(read_parquet(path, Columns(optional=("*",))))
        return Reading(rows=count, read=0, skipped={"topic of a roll call, not read": count})
    if path.name == SISTER:
        count = len(read_parquet(path, ROLL_CALLS))
        return Reading(rows=count, read=0, skipped={"roll call, read with its votes": count})
    votes = read_parquet(path, context.spec.columns)
    _check(votes, context.spec.source_id)
    calls = _roll_calls(path.parent / SISTER, votes)
    day = votes["rcid"].map(calls["date"])
    state, reasons = context.actors(votes["country"], on=day.where(votes["country"].isin(CHANGED)))
    return Reading(
        rows=len(votes),
        read=int(reasons.isna().sum()),
        skipped=tally(reasons),
        observations=_observations(votes, state, day, votes["rcid"].map(calls["item"]))[reasons.isna()],
    )


def _observations(votes: pd.DataFrame, state: pd.Series, day: pd.Series, item: pd.Series) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "indicator": "un_vote",
            "sender": state,
            "receiver": ANYONE,
            "period_start": day,
            "period_end": day,
            "value": votes["vote"],
            "unit": "vote",
            "item": item,
            "status": "final",
            "source_row": votes["row"],
        }
    )


def _check(votes: pd.DataFrame, where: str) -> None:
    odd = ~votes["vote"].isin(VOTES)
    if odd.any():
        raise SourceError(
            f"{where}: {int(odd.sum())} votes are none of 1, 2, 3, such as {votes['vote'][odd].iloc[0]!r}",
            hint="drop absences (8) and non-members (9), as the publisher of this file does",
        )
    twice = votes.duplicated(["rcid", "country"])
    if twice.any():
        row = votes[twice].iloc[0]
        raise SourceError(f"{where}: {row['country']} votes twice in roll call {row['rcid']} ({row['row']})")


def _roll_calls(path: Path, votes: pd.DataFrame) -> pd.DataFrame:
    """Day and item of each roll call, by its number."""
    import pandas as pd

    if not path.is_file():
        raise SourceError(f"{path.name} is missing", hint="put it into the folder of the votes: it holds their dates")
    calls = read_parquet(path, ROLL_CALLS).set_index("rcid")
    unknown = set(votes["rcid"]) - set(calls.index)
    if unknown:
        raise SourceError(
            f"{path.name} lacks {len(unknown)} roll calls that were voted in, such as {min(unknown)}",
            hint="take both files from the same version",
        )
    # The published agreement scores drop a roll call only if all who voted cast the same vote, abstentions included.
    divided = votes.groupby("rcid")["vote"].nunique().reindex(calls.index, fill_value=0) > 1
    flag = divided.map({True: "divided", False: "unanimous"})
    session = calls["session"].astype("int64").astype("str").str.zfill(3)
    item = "s" + session + " r" + calls.index.astype("str").str.zfill(5) + " " + flag
    return pd.DataFrame({"date": pd.to_datetime(calls["date"]), "item": item})
