"""The same word in five places; small modules; nothing that says nothing."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "detente"
MODULES = sorted(PACKAGE.rglob("*.py"))
STAGES = {
    "sources": "sources",
    "panel": "panel",
    "turning_points": "turning-points",
    "claims": "claims",
    "report": "report",
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_one_word_in_five_places(stage):
    from detente.cli import app
    from detente.study import Study

    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    assert (PACKAGE / stage).is_dir()
    assert callable(getattr(Study, stage))
    assert STAGES[stage] in commands
    assert list((ROOT / "tests" / stage).glob("test_*.py"))
    assert (ROOT / "docs" / "reference" / f"{stage}.md").is_file()


def test_the_layers_of_the_contract_are_those_of_the_architecture_page():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [word.strip() for layer in contracts[0]["layers"] for word in layer.split("|")]
    drawn = re.search(r"```\ncli ▸(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL)
    assert drawn is not None
    assert re.findall(r"[a-z_]+", "cli " + drawn.group(1)) == layers


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_under_four_hundred_lines_and_says_what_it_is_for(module):
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    assert not text or text.startswith('"""')


def test_no_name_says_nothing():
    for path in PACKAGE.rglob("*"):
        assert not re.fullmatch(r"(utils?|helpers?|common|misc|core|managers?)", path.stem)


def test_importing_the_package_stays_cheap():
    import subprocess
    import sys

    heavy = "pandas numpy scipy statsmodels altair duckdb"
    code = f"import sys, detente.cli; print([name for name in '{heavy}'.split() if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_stage_is_at_hand_after_importing_the_package():
    import subprocess
    import sys

    code = "import detente; print(detente.actors.dyads.__name__, detente.turning_points.__name__, detente.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("dyads detente.turning_points ")
    refused = subprocess.run(
        [sys.executable, "-c", "import detente; detente.nonsense"], capture_output=True, check=False
    )
    assert b"has no attribute 'nonsense'" in refused.stderr
