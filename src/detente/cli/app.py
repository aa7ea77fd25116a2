"""The command line: one command a stage, each a line around a method of the study."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.cli import turning_points
from detente.cli.printing import VOICE, Json, made, progress_bar, say, table
from detente.errors import DetenteError

# The matrices are small and many: threads that wait for each other cost more than they bring.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    import pandas as pd

    from detente.study import Study

app = typer.Typer(
    help="Reassess a relationship between states around a turning point.\n\n"
    "files → sources → store → panel → turning points → claims → report",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(turning_points.app, name="turning-points")

Folder = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)]
Sender = Annotated[str, typer.Option(help="Actor id; the study's sender by default.", show_default=False)]
Receiver = Annotated[str, typer.Option(help="Actor id; the study's receiver by default.", show_default=False)]


def _version(asked: bool) -> None:
    if asked:
        from detente import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def voice(
    *,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results only.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what is being done, in a pipe too.")] = False,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where in the code an error arose.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options that every command takes; they come before its name."""
    _ = version
    VOICE.quiet, VOICE.verbose, VOICE.traceback = quiet, verbose, traceback


@app.command()
def demo(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new folder for it.")],
    open_page: Annotated[bool, typer.Option("--open", help="Open the report where there is a display.")] = False,
    as_json: Json = False,
) -> None:
    """Copy the bundled study of the United States and Pakistan, and run it."""
    from detente import study

    with progress_bar() as progress:
        page = study.demo(into, progress=progress).report()
    made(page, as_json, open_page)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.", show_default=False)],
    dyad: Annotated[tuple[str, str], typer.Option(metavar="SENDER RECEIVER", help="Two actors: USA PAK.")],
    at: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the turning point.")],
    as_json: Json = False,
) -> None:
    """Write a commented study of any pair of states and any date; it runs as it is."""
    from detente import study

    with progress_bar() as progress:
        study.new(folder, dyad, at.date(), progress=progress)
    if as_json:
        typer.echo(json.dumps({"study": str(folder), "written": ["study.yml", "claims.yml", "data"]}))
        return
    say(f"{folder}/study.yml and claims.yml are written; edit them, then: detente report {folder}")


@app.command()
def sources(
    folder: Annotated[Path | None, typer.Argument(metavar="[STUDY]", help="What this study holds of them.")] = None,
    as_json: Json = False,
) -> None:
    """List the sources: version, licence, coverage, where to get each, what the study holds."""
    frame = _study(folder).sources() if folder else _catalogue()
    shown = ["source_id", "version", "held", "records", "covers_from", "covers_to", "licence", "get_it_from"]
    table(frame, as_json, [name for name in shown if name in frame.columns])


@app.command()
def ingest(
    folder: Folder,
    source: Annotated[str, typer.Argument(help="The source's id, as `detente sources` lists it.", show_default=False)],
    files: Annotated[list[Path], typer.Argument(help="Files as the publisher offers them.", show_default=False)],
    version: Annotated[str, typer.Option(help="The edition of these files, where it is not the usual one.")] = "",
    as_json: Json = False,
) -> None:
    """Read files of a source into the study's store: all rows accounted for, or nothing is changed."""
    with progress_bar() as progress:
        progress(f"reading {source}", 0, 1)
        read, added = _study(folder).ingest(source, files, version=version)
        progress(f"reading {source}", 1, 1)
    report = {
        "source_id": source,
        "rows": read.rows,
        "read": read.read,
        "skipped": dict(read.skipped),
        "records": read.records,
        "new": added.new,
        "known": added.known,
        "notes": list(read.notes),
    }
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    typer.echo(f"{source}: {read.rows:,} rows, {read.read:,} read → {read.records:,} records, {added.new:,} new")
    for reason, rows in sorted(read.skipped.items()):
        typer.echo(f"  skipped {rows:,}: {reason}")
    for note in read.notes:
        typer.echo(f"  note: {note}")


@app.command()
def panel(folder: Folder, as_json: Json = False) -> None:
    """Print the panel: a number for each measure, dyad and period, and what stands behind it."""
    with progress_bar() as progress:
        frame = _study(folder, progress).panel().frame
    table(frame, as_json, ["measure", "sender", "receiver", "period_start", "value", "unit", "records", "status"])


@app.command("index")
def index_(folder: Folder, as_json: Json = False) -> None:
    """Print the index of each dimension, with its band and the range it takes under other choices."""
    import pandas as pd

    with progress_bar() as progress:
        results = _study(folder, progress).index()
    if as_json:
        table(pd.concat([one.to_frame().assign(dimension=one.dimension) for one in results]), as_json, [])
        return
    for one in results:
        typer.echo(one.summary())


@app.command()
def claims(folder: Folder, as_json: Json = False) -> None:
    """Test each claim of the ledger and print its verdict."""
    with progress_bar() as progress:
        verdicts = _study(folder, progress).claims()
    if as_json:
        typer.echo(json.dumps([verdict.to_dict() for verdict in verdicts], ensure_ascii=False, indent=1, default=str))
        return
    for verdict in verdicts:
        typer.echo(f"{verdict.claim_id}  {verdict.outcome:<13} {verdict.statement}\n     {verdict.because}")


@app.command()
def report(
    folder: Folder,
    open_page: Annotated[bool, typer.Option("--open", help="Open it where there is a display.")] = False,
    as_json: Json = False,
) -> None:
    """Make the report: one HTML page, with tables, figures and citations beside it."""
    with progress_bar() as progress:
        page = _study(folder, progress).report()
    made(page, as_json, open_page)


@app.command()
def trace(
    folder: Folder,
    measure: Annotated[str, typer.Argument(help="A measure of the panel.", show_default=False)],
    period: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The first day of the period.")],
    sender: Sender = "",
    receiver: Receiver = "",
    as_json: Json = False,
) -> None:
    """Show the source rows behind one number: record, row, file, sha256, citation."""
    frame = _study(folder).trace(measure, period.date(), sender, receiver)
    table(frame, as_json, ["record", "value", "unit", "item", "source_row", "name", "file", "citation"])


@app.command()
def revisions(
    folder: Folder,
    measure: Annotated[str, typer.Argument(help="A measure of the panel.", show_default=False)],
    sender: Sender = "",
    receiver: Receiver = "",
    as_json: Json = False,
) -> None:
    """Show what each edition of a source said: one column an edition."""
    frame = _study(folder).revisions(measure, sender, receiver)
    table(frame, as_json, list(frame.columns))


@app.command()
def measures(as_json: Json = False) -> None:
    """List the measures that a study can name."""
    import pandas as pd

    from detente.panel import measures as known

    rows = [
        {
            "measure": one.name,
            "title": one.title,
            "unit": one.unit,
            "frequency": one.frequency,
            "source_id": one.source_id,
            "absence_means": one.zero_means or "unknown",
        }
        for one in known().values()
    ]
    table(pd.DataFrame(rows), as_json, ["measure", "title", "unit", "frequency", "source_id", "absence_means"])


@app.command()
def actors(
    label: Annotated[str, typer.Argument(help="A name or code; empty: list all.")] = "",
    scheme: Annotated[str, typer.Option(help="name, iso3, iso2, ison, cow, gw, fips, cameo, unhcr, imf, wb.")] = "name",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="On this day.")] = None,
    as_json: Json = False,
) -> None:
    """Say which actor a name or code stands for, or list the registry."""
    import pandas as pd

    from detente.actors import registry

    known = registry()
    found = [known.resolve(label, scheme=scheme, on=on.date() if on else None)] if label else list(known)
    columns = ["actor_id", "name", "kind", "valid_from", "valid_to"]
    rows = [{name: getattr(actor, name) for name in columns} for actor in found]
    table(pd.DataFrame(rows, columns=columns), as_json, columns)


@app.command()
def schema() -> None:
    """Print the JSON Schema of study.yml, for editors."""
    from detente import protocol

    typer.echo(json.dumps(protocol.schema(), indent=1, ensure_ascii=False))


def main() -> None:
    """Run the command line; an error on purpose prints what and how to repair it, and exits 1."""
    try:
        app()
    except DetenteError as error:
        if VOICE.traceback:
            raise
        typer.echo(f"error: {error}", err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _study(folder: Path, progress: Any = None) -> Study:
    from detente.study import Study

    return Study.open(folder, progress=progress) if progress else Study.open(folder)


def _catalogue() -> pd.DataFrame:
    """The sources, without a study."""
    from detente.study import sources as listed

    return listed()
