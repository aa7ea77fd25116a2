"""A source's `.yml` to a frozen description of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from detente.errors import SourceError
from detente.records import Source

if TYPE_CHECKING:
    from pydantic import ValidationError


class Frozen(BaseModel):
    """A model that knows its fields, refuses others, and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Covers(Frozen):
    """What the source says it covers: days, and which actors."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    actors: str = "all"


class Columns(Frozen):
    """The columns of the publisher's file: a file must have all of `used`; any other column must be in `ignored`."""

    used: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class Lookup(Frozen):
    """What a label of this source stands for, or why rows that carry it are left out."""

    label: str
    actor: str | None = None
    start: date | None = Field(default=None, alias="from")
    until: date | None = None
    reason: str


class Assertions(Frozen):
    """What a whole copy of the file holds; a smaller file is read, and noted as an extract."""

    rows: int | None = None
    records: int | None = None


class Indicator(Frozen):
    """One thing the source measures: its unit and what it means."""

    unit: str
    title: str


class Mapping(Frozen):
    """A user's own table: which column holds what. A value that starts with `=` is the same for every row."""

    sender: str
    receiver: str
    period: str
    value: str
    unit: str
    indicator: str
    scheme: str = "name"
    frequency: Literal["month", "quarter", "fiscal_year", "year"] = "year"


class SourceSpec(Frozen):
    """All that is known about a source before a file of it is opened."""

    source_id: str = ""
    title: str
    publisher: str
    version: str
    licence: str
    redistribute: bool = False
    """Whether the licence lets computed observations of it travel in the bundled study."""
    url: str
    download: str = ""
    """What to fetch there, in words: page, file, format."""
    citation: str
    covers: Covers
    files: tuple[str, ...]
    """Names that the file goes by, as shell patterns."""
    encoding: str = "utf-8-sig"
    columns: Columns = Columns()
    indicators: dict[str, Indicator] = Field(default_factory=dict)
    event_kinds: dict[str, str] = Field(default_factory=dict)
    """Prefix of event kinds → what they are."""
    lookups: tuple[Lookup, ...] = ()
    assertions: Assertions = Assertions()
    mapping: Mapping | None = None
    notes: tuple[str, ...] = ()
    """Cursed knowledge: what one must know before believing the numbers."""

    @property
    def source(self) -> Source:
        """The provenance that every record of the source carries."""
        return Source(
            source_id=self.source_id,
            title=self.title,
            publisher=self.publisher,
            version=self.version,
            licence=self.licence,
            url=self.url,
            citation=self.citation,
            covers_from=self.covers.start,
            covers_to=self.covers.end,
        )


def load(path: Path) -> SourceSpec:
    """The description in a `.yml` file; its name without the ending is the source's id.

    Raises:
        SourceError: The file is not YAML, or misses or misspells a field.
    """
    from pydantic import ValidationError
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict | None):
            raise SourceError(f"{path.name} does not describe a source", hint="it must be keys with values: title: …")
        return SourceSpec.model_validate({"source_id": path.stem, **(content or {})})
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from error
    except YAMLError as error:
        raise SourceError(f"{path.name} is not valid YAML: {error}", hint="check indentation and quotes") from error
    except ValidationError as error:
        raise SourceError(f"{path.name}: {_first(error)}", hint="see the how-to page on adding a source") from error


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
