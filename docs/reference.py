"""Docstrings, `--help` and the tables of the project to the pages of the reference.

`python docs/reference.py` writes them; with `--check` it says which are out of date and exits 1.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGES = Path(__file__).parent / "reference"
STAGES = ("actors", "sources", "store", "panel", "turning_points", "claims", "report", "study")
PLAIN = ("protocol", "records", "results", "errors")


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of each page."""
    for name in (*STAGES, *PLAIN):
        yield f"{name}.md", _module(name)
    yield "commands.md", _commands()
    yield "table-of-sources.md", _sources()
    yield "table-of-measures.md", _measures()
    yield "table-of-methods.md", _methods()
    yield "study.schema.json", _schema()


def _module(name: str) -> str:
    module = importlib.import_module(f"detente.{name}")
    public = getattr(module, "__all__", None) or [
        key for key, value in vars(module).items() if not key.startswith("_") and _own(value, module.__name__)
    ]
    parts = [f"# `detente.{name}`", inspect.cleandoc(module.__doc__ or "")]
    for key in sorted(public, key=str.lower):
        parts.extend(_entry(key, getattr(module, key)))
    return "\n\n".join(parts) + "\n"


def _own(value: object, module: str) -> bool:
    return (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__ == module


def _entry(key: str, value: object) -> Iterator[str]:
    doc = inspect.getdoc(value)
    if not (inspect.isclass(value) or inspect.isfunction(value)) or not doc:
        return
    yield f"## `{key}{_signature(value)}`"
    yield doc
    if inspect.isclass(value):
        for name, member in vars(value).items():
            shown = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            if not name.startswith("_") and inspect.isfunction(shown) and inspect.getdoc(shown):
                yield f"### `{key}.{name}{'' if isinstance(member, property) else _signature(shown)}`"
                yield inspect.getdoc(shown) or ""


def _signature(value: object) -> str:
    if inspect.isclass(value):
        return ""
    text = str(inspect.signature(value)).replace("'", "")  # type: ignore[arg-type]
    return re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", text)


def _commands() -> str:
    import os

    os.environ.update(COLUMNS="100", NO_COLOR="1", TERM="dumb")
    from typer.main import get_command
    from typer.testing import CliRunner

    from detente.cli import app

    runner = CliRunner()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    within = [[name, inner] for name, one in commands.items() for inner in getattr(one, "commands", ())]
    parts = ["# Commands", "What `detente --help` and `detente COMMAND --help` print."]
    for arguments in ([], *([name] for name in commands), *within):
        text = runner.invoke(app, [*arguments, "--help"], prog_name="detente").output
        parts.append(f"## `{' '.join(['detente', *arguments])}`\n\n```\n{_stripped(text)}\n```")
    return "\n\n".join(parts) + "\n"


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _sources() -> str:
    from detente.sources import Catalogue

    specs = Catalogue.of().specs()
    rows = (
        (f"`{one.source_id}`", one.title, one.version, f"{one.covers.start} to {one.covers.end}", one.licence,
         "yes" if one.redistribute else "no", one.url)
        for one in specs
    )  # fmt: skip
    parts = ["# Table of sources", _table(("id", "title", "version", "covers", "licence", "bundled", "from"), rows)]
    for one in specs:
        parts.append(f"## `{one.source_id}`\n\n{one.title}. {one.publisher}. {one.citation}")
        parts.append("Files: " + ", ".join(f"`{name}`" for name in one.files) + f". {one.download}".rstrip())
        known = [f"- `{key}`: {value.title} ({value.unit})" for key, value in one.indicators.items()]
        known += [f"- `{key}`: {value}" for key, value in one.event_kinds.items()]
        parts.append("\n".join(known))
        parts.append("What one must know:\n\n" + "\n".join(f"- {note}" for note in one.notes))
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _measures() -> str:
    from detente.panel import measures

    rows = (
        (f"`{one.name}`", one.title, one.unit, one.frequency.replace("_", " "), f"`{one.source_id}`",
         one.zero_means or "unknown", one.definition)
        for one in measures().values()
    )  # fmt: skip
    head = ("measure", "title", "unit", "frequency", "source", "a covered cell without records", "definition")
    return "# Table of measures\n\n" + _table(head, rows) + "\n"


def _methods() -> str:
    from detente.claims.tests import tests
    from detente.turning_points import METHODS

    parts = ["# Table of methods"]
    claim_tests = {name: one.run for name, one in tests().items()}
    for title, table in (("Turning points", METHODS), ("Claim tests", claim_tests)):
        rows = ((f"`{name}`", _first(method)) for name, method in table.items())
        parts.append(f"## {title}\n\n{_table(('name', 'what it gives'), rows)}")
    return "\n\n".join(parts) + "\n"


def _first(method: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return (inspect.getdoc(method) or "").split("\n\n")[0].replace("\n", " ")


def _schema() -> str:
    from detente.protocol import schema

    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the pages, or check them."""
    PAGES.mkdir(exist_ok=True)
    stale = []
    for name, text in pages():
        path = PAGES / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"out of date: {', '.join(stale)}; run `make docs`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
