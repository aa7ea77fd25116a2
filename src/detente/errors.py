"""What can go wrong, and what to do about it.

```
DetenteError(problem, hint=)
├── UnknownName(LookupError)   no such source, measure, method, test, actor id …
├── UnknownLabel(LookupError)  labels in a file that no actor answers to; carries their counts
├── StudyError(ValueError)     study.yml or claims.yml is not valid; names file, line, key
├── SourceError(ValueError)    a file is not what its source says it is
├── PanelError(ValueError)     the panel cannot answer: no coverage, no such cell
├── SeriesError(ValueError)    a series is too short or too empty for the method asked of it
├── ClaimError(ValueError)     a claim cannot be tested as it is written
└── StoreError(RuntimeError)   the store is missing, read-only, full, or holds something else
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class DetenteError(Exception):
    """The root of all errors that détente raises on purpose.

    Args:
        problem: What was found, and where.
        hint: What repairs it; empty where nothing sensible can be said.
    """

    def __init__(self, problem: str, *, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return self.problem


class UnknownName(DetenteError, LookupError):
    """A name that the project does not know; the hint holds the nearest one it does."""


class UnknownLabel(DetenteError, LookupError):
    """Labels of actors in a file that nothing answers to.

    Attributes:
        labels: label → number of rows that carry it.
    """

    def __init__(self, problem: str, *, hint: str = "", labels: Mapping[str, int] | None = None) -> None:
        super().__init__(problem, hint=hint)
        self.labels = dict(labels or {})


class StudyError(DetenteError, ValueError):
    """A file of the study is not valid."""


class SourceError(DetenteError, ValueError):
    """A file is not what its source says it is."""


class PanelError(DetenteError, ValueError):
    """The panel cannot answer."""


class SeriesError(DetenteError, ValueError):
    """A series is too short or too empty for the method."""


class ClaimError(DetenteError, ValueError):
    """A claim cannot be tested as it is written."""


class StoreError(DetenteError, RuntimeError):
    """The store cannot be read or written."""


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The known words most like *word*, best first; empty when none is near."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        word, list(known), scorer=fuzz.WRatio, processor=utils.default_process, limit=most, score_cutoff=60
    )
    return [match for match, _score, _index in found]


def no_column(column: str, known: Iterable[str], *, within: str = "") -> SeriesError:
    """A `SeriesError` that a table lacks a column; the hint names the nearest it has, or lists all."""
    names = list(known)
    close = nearest(column, names)
    hint = f"did you mean {' or '.join(close)}?" if close else f"columns: {', '.join(names)}"
    return SeriesError(f"no column {column!r}{within}", hint=hint)


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """An `UnknownName` whose hint names the nearest known word, or lists all when none is near."""
    words = sorted(known)
    close = nearest(name, words)
    hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(words) or 'none'}"
    return UnknownName(f"no {kind} named {name!r}", hint=hint)
