"""`detente turning-points`: of a study, or of a plain file without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from detente.cli.printing import Json, progress_bar, table

if TYPE_CHECKING:
    from detente.results import Result


SEVERAL = ("--controls", "--covariates")


class StudyFirst(typer.core.TyperGroup):
    """A word that is no command is a study's folder: `detente turning-points STUDY` needs no further word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `study` before what does not begin with a command, and each of several columns behind its option."""
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, _each(args if named or not args else ["study", *args]))


def _each(args: list[str]) -> list[str]:
    """`--controls a b` as `--controls a --controls b`."""
    spread: list[str] = []
    option = ""
    for word in args:
        if word.startswith("-"):
            option = word if word in SEVERAL else ""
        elif option:
            spread += [option, word]
            continue
        spread += [] if option else [word]
    return spread


app = typer.Typer(
    cls=StudyFirst,
    help="Say when a series changed, what an event changed, and how far to believe it.\n\n"
    "Of a study: detente turning-points STUDY. Of a plain file: when, effect, synthetic, scan.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV, TSV or Parquet.", show_default=False)]
Value = Annotated[str, typer.Option("--value", metavar="COL", help="The values; found where one column has numbers.")]
Period = Annotated[str, typer.Option("--period", metavar="COL", help="The periods: 2021, 2021-05, 2021Q3, FY2021.")]
Counts = Annotated[bool, typer.Option("--counts", help="The values count things: deaths, visits, votes.")]
At = Annotated[str, typer.Option("--at", metavar="DATE", help="The day of the event, or its period.")]
Unit = Annotated[str, typer.Option("--unit", metavar="COL", help="The units: states, dyads.")]
Time = Annotated[str, typer.Option("--time", metavar="COL", help="The periods.")]


@app.command()
def study(
    folder: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Say for each measure of a study when it changed, and for which date it speaks; the word may be left out."""
    import pandas as pd

    from detente.study import Study

    with progress_bar() as progress:
        readings = Study.open(folder, progress=progress).turning_points()
    frame = pd.DataFrame([reading.to_row() for reading in readings])
    table(frame, as_json, list(frame.columns))


@app.command()
def when(file: File, value: Value = "", period: Period = "", counts: Counts = False, as_json: Json = False) -> None:
    """Say when the series in a file changed, with the probability of each date and of no change."""
    from detente.study import series_in
    from detente.turning_points import when as dated

    _told(dated(series_in(file, value=value, period=period), counts=counts), as_json)


@app.command()
def effect(
    file: File,
    at: At,
    value: Value = "",
    period: Period = "",
    controls: Annotated[
        list[str] | None, typer.Option("--controls", metavar="COL", help="Columns that the event did not touch.")
    ] = None,
    counts: Counts = False,
    as_json: Json = False,
) -> None:
    """Say what an event changed in the series in a file, compared with what it would have been."""
    from detente.study import columns_in, series_in
    from detente.turning_points import effect as measured

    series = series_in(file, value=value, period=period, controls=controls or [])
    beside = columns_in(file, controls, period=period) if controls else None
    _told(measured(series, at, beside, counts=counts), as_json)


@app.command()
def synthetic(  # noqa: PLR0913, PLR0917 (each is an option of the command)
    file: File,
    unit: Unit,
    time: Time,
    outcome: Annotated[str, typer.Option("--outcome", metavar="COL", help="What the event may have changed.")],
    treated: Annotated[str, typer.Option("--treated", metavar="NAME", help="The unit that had the event.")],
    at: At,
    covariates: Annotated[
        list[str] | None, typer.Option("--covariates", metavar="COL", help="What donors should be alike in.")
    ] = None,
    method: Annotated[str, typer.Option("--method", help="sc, sdid, did or augmented.")] = "sc",
    as_json: Json = False,
) -> None:
    """Say what an event changed in one unit of a table, compared with units that had none."""
    from dataclasses import replace

    from detente.study import table_in
    from detente.turning_points import synthetic as compared
    from detente.turning_points.donors.robustness import robustness

    named = {"unit": unit, "time": time, "outcome": outcome, "covariates": covariates or ()}
    found = compared(table_in(file), treated=treated, at=_time(at), method=method, **named)  # type: ignore[call-overload]
    _told(replace(found, checks=(*found.checks, *robustness(found))), as_json)


@app.command()
def scan(
    file: File,
    unit: Unit = "unit",
    time: Time = "time",
    value: Annotated[str, typer.Option("--value", metavar="COL", help="The values.")] = "value",
    at: Annotated[str, typer.Option("--at", metavar="DATE", help="An event, where its day is known.")] = "",
    resume: Annotated[Path | None, typer.Option("--resume", metavar="DIR", help="Keep what is done here.")] = None,
    as_json: Json = False,
) -> None:
    """Look for turning points in every series of a table, and rank them; few of those named are false."""
    from detente.study import table_in
    from detente.turning_points import scan as scanned

    with progress_bar() as progress:
        found = scanned(
            table_in(file), unit=unit, time=time, value=value, at=at or None, resume=resume, progress=progress
        )
    _told(found, as_json)


def _time(at: str) -> Any:
    """A year as a number, a day as a date."""
    from datetime import date

    from detente.errors import SeriesError

    if at.isdigit():
        return int(at)
    try:
        return date.fromisoformat(at)
    except ValueError as problem:
        raise SeriesError(f"{at!r} is no time", hint="write 1989 or 2021-08-15") from problem


def _told(result: Result, as_json: bool) -> None:
    """The sentence, what failed, and the numbers; or the keys that machines read."""
    from detente.turning_points import as_dict

    if as_json:
        typer.echo(json.dumps(as_dict(result), ensure_ascii=False, indent=1, allow_nan=False))
        return
    typer.echo(result.summary())
    for check in result.checks:
        if check.passed is False:
            typer.echo(f"  but: {check.name}: {check.detail}")
