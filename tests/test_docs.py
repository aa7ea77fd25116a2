"""Nothing undocumented, nothing documented that is not there."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WRITTEN = [page for page in PAGES if page.parent.name != "reference"]
REFERENCE = ROOT / "docs" / "reference"
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def name(page):
    return str(page.relative_to(ROOT))


def words(page):
    """Everything that stands between backticks on a page."""
    return set(re.findall(r"`([^`\n]+)`", (REFERENCE / page).read_text(encoding="utf-8")))


def commands():
    from typer.main import get_command

    from detente.cli import app

    return set(get_command(app).commands)


def test_every_command_is_documented():
    assert {f"detente {command}" for command in commands()} <= words("commands.md")


def test_every_measure_source_method_and_claim_test_is_documented():
    from detente.claims.tests import TESTS
    from detente.panel import MEASURES
    from detente.sources import Catalogue
    from detente.turning_points import METHODS

    assert set(MEASURES) <= words("table-of-measures.md")
    assert set(Catalogue.of().paths) <= words("table-of-sources.md")
    assert {*METHODS, *TESTS} <= words("table-of-methods.md")


def test_every_claim_test_and_method_is_explained_by_hand_too():
    from detente.claims.tests import TESTS
    from detente.turning_points import METHODS

    claims = (ROOT / "docs/how-to/write-a-claim.md").read_text(encoding="utf-8")
    methods = (ROOT / "docs/explanation/change-point-or-turning-point.md").read_text(encoding="utf-8")
    assert [test for test in TESTS if f"`{test}`" not in claims] == []
    assert [method for method in METHODS if f"`{method}`" not in methods] == []


def test_every_page_is_reachable_from_the_index():
    seen, ahead = set(), [ROOT / "docs" / "index.md"]
    while ahead:
        page = ahead.pop()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            ahead += [path for path, _ in targets(page)]
    assert [name(page) for page in PAGES if page not in seen and page.parent != ROOT] == []


def targets(page):
    """Files that a page links to, each with the heading it names (or none)."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, heading = target.partition("#")
            yield (page.parent / path).resolve() if path else page, heading


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_every_link_leads_somewhere(page):
    for path, heading in targets(page):
        assert path.exists(), f"{name(page)} links to {path}, which is not there"
        if heading:
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {anchor(one) for one in headings}, f"{path.name} has no heading {heading}"


def anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", [*WRITTEN, ROOT / "src/detente/studies/study.yml.j2"], ids=name)
def test_every_command_line_shown_names_a_command_and_its_options(page):
    from typer.main import get_command

    from detente.cli import app

    known = get_command(app).commands
    text = page.read_text(encoding="utf-8")
    for command, rest in re.findall(r"(?:\$ |`)detente ([a-z-]+)([^`\n]*)", text):
        if command.startswith("-"):
            continue
        assert command in known, f"{name(page)} shows detente {command}"
        options = {option for parameter in known[command].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) - {"--help"} <= options, f"{name(page)}: detente {command}{rest}"


def test_every_hint_names_a_command_that_is_there():
    for module in (ROOT / "src/detente").rglob("*.py"):
        shown = set(re.findall(r"`detente ([a-z-]+)", module.read_text(encoding="utf-8")))
        assert shown <= commands() | {"--help"}, name(module)


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_every_test_and_make_word_that_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    for path, function in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", text):
        assert (ROOT / path).is_file(), f"{name(page)} names {path}"
        assert not function or f"def {function}(" in (ROOT / path).read_text(encoding="utf-8"), function
    made = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:\$ |`)make ([a-z]+)", text)) <= made


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_measures_and_sources_in_examples_exist(page):
    from detente.panel import MEASURES

    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"measure: (\w+)", text)) - {"x"} <= set(MEASURES)
    assert set(re.findall(r'study\.(?:series|trace)\("(\w+)"', text)) <= set(MEASURES)


def test_no_page_names_a_path_of_a_machine():
    for page in WRITTEN:
        assert not re.search(r"(?<![\w.])/(work|home|root|Users|tmp)/", page.read_text(encoding="utf-8")), name(page)


def test_counts_of_the_sources_are_those_of_the_bundle():
    from detente.store import Store
    from detente.study.begin import BUNDLED

    files = Store(BUNDLED / "data").files()
    rows = files.groupby("source_id")["rows"].agg(["size", "sum"])
    text = (ROOT / "docs/results/source-counts.md").read_text(encoding="utf-8").split("Read, and not bundled")[0]
    told = re.findall(r"^\| `(\w+)` \| (\d+) \| ([\d,]+) \| ([\d,]+) \| (.*)\|$", text, re.MULTILINE)
    assert {source: (int(many), number(total)) for source, many, total, _, _ in told} == {
        str(source): (int(many), int(total)) for source, many, total in rows.itertuples()
    }
    for source, _, total, read, why in told:
        assert number(total) - number(read) == sum(map(number, re.findall(r"(?:^|; )([\d,]+)", why))), source


def number(text):
    return int(text.strip(",").replace(",", ""))


def test_citation_and_changelog_tell_the_version_of_the_package():
    from ruamel.yaml import YAML

    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "license"} <= set(cited)
    assert cited["version"] == version
    released = date.fromisoformat(cited["date-released"])
    assert f"## [{version}] - {released}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_hooks_run_from_the_project_and_name_no_address():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert "repo: local" in text
    assert "://" not in text


def test_no_page_names_a_place_in_memory():
    for page in (ROOT / "docs").rglob("*.md"):
        assert " at 0x" not in page.read_text(encoding="utf-8"), page.name
