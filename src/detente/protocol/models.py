"""The published format of `study.yml`, as frozen models."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from detente.protocol.place import Place
from detente.records import Dyad


class Frozen(BaseModel):
    """A model that knows its fields, refuses others, and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _day(value: object) -> object:
    """A month or a year alone is not read as its first day, nor a number as seconds since 1970."""
    if isinstance(value, (str, int)) and re.fullmatch(r"\d{4}(-\d{2})?", str(value)):
        raise ValueError(
            f"a full date is needed, such as {value}{'-01' if len(str(value)) == 7 else '-01-01'}, found {value!r}"
        )
    if isinstance(value, (int, float)):
        raise ValueError(f"a date is needed, such as 2021-08-15, found {value!r}")  # noqa: TRY004 (pydantic catches no TypeError)
    return value


Day = Annotated[date, BeforeValidator(_day)]


class Moment(Frozen):
    """A dated event: the claimed turning point, or a rival to it."""

    name: str = Field(description="What to call it in the report")
    date: Day = Field(description="The day, as 2021-08-15")
    note: str = Field(default="", description="Why it is a candidate")


class Window(Frozen):
    """A span of days, both included."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the window ends ({self.end}) before it starts ({self.start})")
        return self


class Shock(Window):
    """Something else that happened: what moves in these months need not be the turning point's doing."""

    name: str
    note: str = ""


class Windows(Frozen):
    """What is compared: the time before, and the time after."""

    pre: Window
    post: Window
    around: Window | None = Field(
        default=None,
        description="Where the change is looked for, one change assumed; ten years before to the end of post",
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.post.start <= self.pre.end:
            raise ValueError(f"the window after starts ({self.post.start}) before the one before ends ({self.pre.end})")
        return self


class Tracked(Frozen):
    """A measure within a dimension: of which dyad, and which direction means closer."""

    measure: str = Field(description="A name from `detente measures`")
    sender: str = Field(default="", description="Who acts; empty: the study's sender")
    receiver: str = Field(default="", description="Towards whom; empty: the study's receiver")
    closer: Literal["+", "-", "none"] = Field(
        default="+", description="'+': more of it means closer; '-': less does; 'none': shown, but not in the index"
    )
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False, description="Weight within the dimension's index")


class Dimension(Frozen):
    """One side of the relationship, and the measures that show it."""

    title: str
    chart: bool = Field(default=False, description="Whether it belongs to the chart of main dimensions")
    question: str = ""
    measures: tuple[Tracked, ...] = ()


class Pin(Frozen):
    """A source the study relies on; a version pins it."""

    version: str = ""


class OwnActor(Frozen):
    """An actor the study adds to the registry."""

    name: str
    kind: Literal["state", "armed group", "organisation"] = "armed group"
    start: Day = Field(default=date(1900, 1, 1), alias="from")
    end: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end and self.end < self.start:
            raise ValueError(f"the actor ends ({self.end}) before it starts ({self.start})")
        return self


class Protocol(Frozen):
    """A study: a dyad, a turning point that somebody claims, its rivals, and what is to be measured."""

    title: str
    dyad: tuple[str, str] = Field(description="Sender and receiver, as actor ids: [USA, PAK]")
    turning_point: Moment
    rivals: tuple[Moment, ...] = ()
    shocks: tuple[Shock, ...] = ()
    windows: Windows
    third_parties: tuple[str, ...] = ()
    armed_groups: tuple[str, ...] = ()
    donors: tuple[str, ...] = Field(
        default=(), description="States whose tie to the sender shows what else might have been"
    )
    untouched: tuple[Tracked, ...] = Field(
        default=(), description="Measures that the turning point cannot have touched: they should stand still"
    )
    dimensions: dict[str, Dimension] = Field(min_length=1)
    sources: dict[str, Pin] = Field(default_factory=dict)
    objectives: tuple[str, ...] = ()
    actors: dict[str, OwnActor] = Field(default_factory=dict)
    aliases: dict[str, str] = Field(default_factory=dict, description="Label → actor id, valid in this study only")
    seed: int = Field(default=2021, ge=0)

    _place: Place = PrivateAttr(default_factory=lambda: Place("study.yml", {}))

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        at, windows = self.turning_point.date, self.windows
        if not windows.pre.start <= at <= windows.post.end:
            raise ValueError(
                f"the turning point ({at}) lies outside the windows ({windows.pre.start} to {windows.post.end})"
            )
        return self

    @property
    def pair(self) -> Dyad:
        """The dyad of the study, sender first."""
        return Dyad(*self.dyad)

    @property
    def around(self) -> Window:
        """The days in which the change is looked for: wide enough for the rivals, narrow enough for one change."""
        first = self.turning_point.date - timedelta(days=3653)
        windows = self.windows
        return windows.around or Window(start=max(first, windows.pre.start), end=windows.post.end)

    @property
    def place(self) -> Place:
        """Where each key of the file stands; what a stage needs to complain about a line."""
        return self._place

    def of(self, tracked: Tracked) -> Dyad:
        """The dyad a tracked measure is about."""
        return Dyad(tracked.sender or self.dyad[0], tracked.receiver or self.dyad[1])
