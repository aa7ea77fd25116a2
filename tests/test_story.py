"""The tutorial, end to end: what it tells the reader to type is typed, and what it promises is compared."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```(console|python|yaml|diff) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""Small matrices: more threads only fight each other when the tests run side by side."""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tutorial_does_what_it_says(desk):
    spoken = {}
    for kind, name, text in blocks("tutorial.md"):
        if kind == "console":
            typed(text)
        elif kind == "python":
            entered(text, spoken)
        elif kind == "diff":
            edited(desk / name, text)
        else:
            (desk / name).write_text(text, encoding="utf-8")
    out = desk / "us-pakistan" / "out"
    assert (out / "report.html").stat().st_size < 3_000_000
    assert (out / "citations.bib").read_text(encoding="utf-8").count("@misc") >= 5
    assert (out / "tables" / "panel.csv").is_file()
    assert (out / "tables" / "panel.parquet").is_file()
    for _, _, text in blocks("how-to/use-in-a-notebook.md"):
        exec(compile(text, "use-in-a-notebook.md", "exec"), spoken)  # noqa: S102 (the page is ours)


def blocks(page):
    """Kind, name and text of the fenced blocks of a page."""
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def typed(text):
    """Run the commands after `$`, and find the lines below each in what it prints, in their order."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, promised = part.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "detente"
        ran = subprocess.run(
            [sys.executable, "-m", "detente", *arguments],
            capture_output=True, encoding="utf-8", check=False, env=os.environ | ONE_THREAD | {"PYTHONUTF8": "1"},
        )  # fmt: skip
        assert ran.returncode == 0, f"{command}\n{ran.stderr}"
        contains(ran.stdout, promised.splitlines(), command)


def contains(printed, promised, command):
    lines = iter(printed.splitlines())
    for wanted in promised:
        if wanted.strip() == ANYTHING:
            continue
        pattern = re.compile(".*".join(map(re.escape, wanted.split(ANYTHING))))
        assert any(pattern.fullmatch(line) for line in lines), (
            f"{command} does not print {wanted!r}:\n{printed[-4000:]}"
        )


def entered(text, spoken):
    """Enter what stands after `>>>`, and compare what comes."""
    sample = doctest.DocTestParser().get_doctest(text.replace(ANYTHING, "..."), spoken, "tutorial", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    complaints = []
    runner.run(sample, out=complaints.append, clear_globs=False)
    assert not complaints, "".join(complaints)


def edited(path, text):
    """Replace the lines marked − by those marked +."""
    old, new = ("".join(f"{line[1:]}\n" for line in text.splitlines() if line[0] == sign) for sign in "-+")
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, f"{path.name} does not hold {old!r} once"
    path.write_text(before.replace(old, new), encoding="utf-8")


def test_the_table_of_ones_own_in_the_how_to_is_read(desk):
    import detente
    from detente.study import demo

    description = next(text for kind, _, text in blocks("how-to/add-a-source.md") if kind == "yaml")
    study = demo(desk / "us-pakistan")
    (study.folder / "sources").mkdir()
    (study.folder / "sources" / "polls.yml").write_text(description, encoding="utf-8")
    (desk / "polls.csv").write_text(
        "holder,year,favourable,fieldwork\nPakistan,2011,12,spring\nPakistan,2012,,spring\n", encoding="utf-8"
    )
    read, added = detente.open(study.folder).ingest("polls", [desk / "polls.csv"])
    assert (read.rows, read.read, added.new) == (2, 2, 2)
    assert read.tables["observations"]["value"].isna().tolist() == [False, True]
    assert set(read.tables["observations"]["sender"]) == {"PAK"}
