"""What a reader gets and what it gives back.

A reader is one function `read(path, context) -> Reading` beside the source's `.yml`. It accounts for every row of the
file: read, or skipped for a reason that is counted. It never decides who a label is: it asks the context, which knows
the actors and the source's lookups, and which stops the reading when a label is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from detente.errors import SourceError
from detente.sources.spec import Lookup, SourceSpec

if TYPE_CHECKING:
    import pandas as pd

    from detente.actors import Registry


@dataclass(frozen=True, slots=True)
class Reading:
    """The records of one file.

    Attributes:
        rows: Rows of data found in the file.
        read: Rows that became records (one row may become several).
        skipped: Reason → rows left out for it. `rows == read + sum(skipped.values())`, always.
        events: Columns of `records.EVENTS`; missing ones are null; `None` where the source has none.
        observations: Columns of `records.OBSERVATIONS`, likewise.
        coverage: Columns of `records.COVERAGE`: the spans in which a missing row means that nothing happened.
        version: Where the file says its own version (a vintage); empty: the one in the source's `.yml`.
    """

    rows: int
    read: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    events: pd.DataFrame | None = None
    observations: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    version: str = ""


class Reader(Protocol):
    """The function in a source's `.py`."""

    def __call__(self, path: Path, context: Context) -> Reading:
        """The records of one file."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader may ask: the source's description, and who a label is."""

    spec: SourceSpec
    registry: Registry
    used_lookups: set[str] = field(default_factory=set)

    def actors(
        self, labels: pd.Series, *, scheme: str = "name", on: pd.Series | date | None = None
    ) -> tuple[pd.Series, pd.Series]:
        """Who each label is, and why a row is left out where it is nobody.

        Args:
            labels: One label a row.
            scheme: The code or name scheme the labels belong to; see `detente.actors`.
            on: The day (one for all, or one a row) on which the actor must exist; None: whenever.

        Returns:
            Actor ids (null where the row is to be skipped), and reasons (null where it is to be read), both aligned
            with *labels*.

        Raises:
            UnknownLabel: Labels that neither the actors nor the source's lookups know, with counts and near names.
        """
        import pandas as pd

        days = pd.to_datetime(pd.Series(on, index=labels.index)).dt.date if on is not None else None
        keys = pd.DataFrame({"label": labels.astype(str), "on": days})
        groups = keys.groupby(["label", "on"], dropna=False, sort=False)
        answers = self._answers(groups.size(), scheme)
        which = groups.ngroup().to_numpy()
        ids = pd.Series([actor for actor, _ in answers], dtype="str").take(which)
        reasons = pd.Series([reason for _, reason in answers], dtype="str").take(which)
        return ids.set_axis(labels.index), reasons.set_axis(labels.index)

    def _answers(self, counts: pd.Series, scheme: str) -> list[tuple[str | None, str | None]]:
        """Actor, or reason to skip, for each (label, day) of an index, in its order."""
        import pandas as pd

        by_day: dict[date | None, dict[str, int]] = {}
        keys = [(str(label), None if pd.isna(day) else day) for label, day in counts.index]
        for (label, day), rows in zip(keys, counts, strict=True):
            by_day.setdefault(day, {})[label] = int(rows)
        known: dict[tuple[str, date | None], tuple[str | None, str | None]] = {}
        unknown: dict[str, int] = {}
        for day, labels in by_day.items():
            found, missing = self._on_day(labels, scheme, day)
            known |= {(label, day): answer for label, answer in found.items()}
            for label, rows in missing.items():
                unknown[label] = unknown.get(label, 0) + rows
        if unknown:
            self._stop(unknown, scheme)
        return [known[key] for key in keys]

    def _on_day(
        self, counts: dict[str, int], scheme: str, on: date | None
    ) -> tuple[dict[str, tuple[str | None, str | None]], dict[str, int]]:
        answers: dict[str, tuple[str | None, str | None]] = {}
        for label in counts:
            if lookup := self._lookup(label, on):
                self.used_lookups.add(label)
                answers[label] = (lookup.actor, None if lookup.actor else lookup.reason)
        rest = {label: rows for label, rows in counts.items() if label not in answers}
        resolution = self.registry.resolve_all(rest, scheme=scheme, on=on)
        answers |= {label: (actor, None) for label, actor in resolution.actors.items()}
        answers |= dict.fromkeys(resolution.aggregates, (None, "aggregate, not a state"))
        return answers, dict(resolution.unknown)

    def _lookup(self, label: str, on: date | None) -> Lookup | None:
        for lookup in self.spec.lookups:
            in_time = on is None or ((lookup.start or date.min) <= on <= (lookup.until or date.max))
            if lookup.label == label and in_time:
                return lookup
        return None

    def _stop(self, unknown: Mapping[str, int], scheme: str) -> None:
        resolution = self.registry.resolve_all(unknown, scheme=scheme, on=None)
        resolution.stop(self.spec.source_id)
        raise SourceError(
            f"{self.spec.source_id}: actors named outside their lifetime: {', '.join(list(unknown)[:8])}",
            hint="add a lookup with dates to the source's .yml",
        )


def numbers(text: pd.Series, where: str, *, thousands: str = "", unknown: tuple[str, ...] = ("",)) -> pd.Series:
    """Text to floats; the words for unknown become NaN, and nothing else does.

    Args:
        where: Source and column, for the message.
        thousands: The separator to drop.
        unknown: The ways the source writes "not known".

    Raises:
        SourceError: A cell is neither a number nor one of *unknown*.
    """
    import pandas as pd

    plain = text.str.strip()
    if thousands:
        plain = plain.str.replace(thousands, "", regex=False)
    blank = plain.isin(unknown)
    values = pd.to_numeric(plain.mask(blank), errors="coerce")
    wrong = values.isna() & ~blank
    if wrong.any():
        example = text[wrong].iloc[0]
        raise SourceError(
            f"{where}: {int(wrong.sum())} cells are not numbers, such as {example!r}",
            hint="compare with the publisher's file; a word for unknown belongs into the reader",
        )
    return values.astype("float64")


def days(text: pd.Series, where: str, *, pattern: str = "%Y-%m-%d") -> pd.Series:
    """Text to days; an empty cell stays unknown.

    Args:
        where: Source and column, for the message.
        pattern: How the source writes a day.

    Raises:
        SourceError: A cell is not a day written so.
    """
    import pandas as pd

    parsed = pd.to_datetime(text, format=pattern, errors="coerce")
    wrong = parsed.isna() & text.ne("")
    if wrong.any():
        raise SourceError(
            f"{where}: {int(wrong.sum())} cells are not days, such as {text[wrong].iloc[0]!r}",
            hint=f"days are written {pattern}; compare with the publisher's file",
        )
    return parsed


def words(codes: pd.Series, meaning: Mapping[str, str], where: str) -> pd.Series:
    """A source's codes to words.

    Raises:
        SourceError: A code that *meaning* does not hold.
    """
    found = codes.map(meaning)
    unknown = codes[found.isna()]
    if len(unknown):
        raise SourceError(
            f"{where}: {len(unknown)} cells hold a code that is not known, such as {unknown.iloc[0]!r}",
            hint=f"known: {', '.join(meaning)}; see the source's codebook",
        )
    return found


def tally(reasons: pd.Series) -> dict[str, int]:
    """Reason → rows, from a column that is null where the row is read."""
    return {str(reason): int(rows) for reason, rows in reasons.dropna().value_counts().items()}
