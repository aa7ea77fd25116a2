"""What a command prints: tables, sentences, JSON, progress; as much of it as was asked for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd


@dataclass
class Voice:
    """How much the command says on the way."""

    quiet: bool = False
    verbose: bool = False
    traceback: bool = False


VOICE = Voice()
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def made(page: Path, as_json: bool, open_page: bool) -> None:
    """The report's path, and the page itself where that is asked for."""
    typer.echo(json.dumps({"report": str(page)}, ensure_ascii=False) if as_json else page)
    if open_page:
        _open(page)


def say(words: str) -> None:
    """A sentence for people, unless they asked for results only."""
    if not VOICE.quiet:
        typer.echo(words)


def table(frame: pd.DataFrame, as_json: bool, columns: list[str]) -> None:
    """A frame: JSON for machines; a table on a terminal; tab-separated lines in a pipe."""
    if as_json:
        typer.echo(frame.to_json(orient="records", date_format="iso", date_unit="s", indent=1, force_ascii=False))
    elif sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*columns, box=None, header_style="bold")
        for row in frame[columns].itertuples(index=False):
            table.add_row(*(_cell(value) for value in row))
        Console().print(table)
    else:
        typer.echo("\t".join(columns))
        for row in frame[columns].itertuples(index=False):
            typer.echo("\t".join(_cell(value) for value in row))


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 (not a number, not a time)
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, date):
        return value.isoformat()[:10]
    return str(value)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A bar on a terminal, nothing in a pipe (unless --verbose), nothing with --quiet."""
    if VOICE.quiet or not (sys.stderr.isatty() or VOICE.verbose):
        yield lambda _what, _done, _of: None
        return
    if not sys.stderr.isatty():
        yield lambda what, done, of: typer.echo(f"{what}: {done}/{of}", err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<16}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.update(tasks[what], completed=done)

        yield told


def _open(page: Path) -> None:
    import webbrowser

    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in ("darwin", "win32"):
        webbrowser.open(page.resolve().as_uri())
