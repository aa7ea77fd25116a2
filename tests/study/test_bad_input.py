"""Each kind of bad input: a clear error with a hint, exit 1, and nothing half-written."""

import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest

import detente


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "detente", *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )


def small(origin, target):
    """The bundled study with one dimension and no claims: what fails does not need the rest."""
    shutil.copytree(origin, target)
    (target / "claims.yml").unlink()
    text = (target / "study.yml").read_text(encoding="utf-8")
    head, rest = text.split("  diplomatic_engagement:", 1)
    (target / "study.yml").write_text(head + rest[rest.index("\nsources:") :], encoding="utf-8")
    return target


@pytest.fixture
def folder(demo_folder, tmp_path):
    return small(demo_folder, tmp_path / "study")


def state(folder):
    return sorted((path.relative_to(folder).as_posix(), path.stat().st_size) for path in folder.rglob("*"))


def refused(folder, *arguments):
    """The error of a command that must fail with 1, say how to repair it, and leave the folder as it was."""
    before = state(folder)
    done = run(*arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("error: ")
    assert "\nhint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert state(folder) == before
    return done.stderr


def edited(folder, found, put):
    path = folder / "study.yml"
    text = path.read_text(encoding="utf-8")
    assert found in text
    path.write_text(text.replace(found, put, 1), encoding="utf-8")


def test_an_unknown_actor(folder):
    edited(folder, "dyad: [USA, PAK]", "dyad: [USA, PAX]")
    assert "line 5, dyad.1: no actor 'PAX'" in refused(folder, "panel", folder)


def test_an_unknown_measure_names_the_nearest(folder):
    edited(folder, "measure: us_military_aid", "measure: us_militry_aid")
    assert "us_military_aid" in refused(folder, "panel", folder)


def test_an_unknown_source_in_the_study_names_the_nearest(folder):
    edited(folder, "  ucdp_country_month:", "  ucdp_country_mont:")
    assert "ucdp_country_month" in refused(folder, "panel", folder)


def test_an_unknown_source_on_the_command_line_names_the_nearest(folder, tmp_path):
    assert "ucdp_ged" in refused(folder, "ingest", folder, "ucdp_gedd", tmp_path / "x.csv")


def test_a_measure_of_an_unknown_source_names_the_nearest(folder):
    edited(folder, "measure: us_military_aid", 'measure: "un_vote:x@year"')
    assert "did you mean un_votes" in refused(folder, "panel", folder)


def test_a_study_in_another_encoding_names_the_line(folder):
    path = folder / "study.yml"
    path.write_bytes(path.read_bytes().replace(b"title: The", b"title: Th\xe9", 1))
    assert "study.yml, line 3: not UTF-8 text, found the byte 0xe9" in refused(folder, "panel", folder)


def test_a_file_in_place_of_the_folder(folder):
    assert "is a file" in refused(folder, "panel", folder / "study.yml")


def test_dates_out_of_order(folder):
    edited(folder, "pre: {from: 2002-01-01", "pre: {from: 2032-01-01")
    assert "before it starts" in refused(folder, "panel", folder)


def test_a_turning_point_outside_the_data(folder, tmp_path):
    error = refused(folder, "new", tmp_path / "late", "--dyad", "USA", "PAK", "--at", "2035-01-01")
    assert "both sides" in error
    assert not (tmp_path / "late").exists()


CENSUS = "partner,year,us_exports_musd,us_imports_customs_musd\nPakistan,2024,1.5,2.5\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"country,year\nPakistan,2024\n", "no column"),
        (
            CENSUS.replace("us_exports_musd", "us_exports_musd,surprise").replace("2024,", "2024,9,").encode(),
            "does not know",
        ),
        (bytes(range(256)) * 40, "binary"),
        (CENSUS.replace("Pakistan", "Türkiye").encode("latin-1"), "not utf-8-sig text"),
        (b"", "empty"),
        (CENSUS.splitlines()[0].encode() + b"\n", "no rows"),
        (CENSUS.replace("1.5", "many").encode(), "not numbers"),
        (CENSUS.replace("Pakistan", "Pakistann").encode(), "'Pakistann'"),
        (CENSUS.encode()[:-8] + b'"unclosed', "3 cells instead of 4"),
    ],
    ids=["columns", "surprise", "binary", "encoding", "empty", "no rows", "number", "label", "truncated"],
)
def test_a_file_that_is_not_what_it_should_be(folder, tmp_path, content, says):
    path = tmp_path / "census.csv"
    path.write_bytes(content)
    assert says in refused(folder, "ingest", folder, "us_census_trade", path, "--version", "test")


def test_a_file_that_is_not_there(folder, tmp_path):
    assert "no file" in refused(folder, "ingest", folder, "us_census_trade", tmp_path / "gone.csv")


def test_a_workbook_that_is_a_zip_bomb(folder, tmp_path):
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as sheet,
    ):
        for _ in range(120):
            sheet.write(b"0" * 1_000_000)
    assert "bomb" in refused(folder, "ingest", folder, "usaid_greenbook", path)


def test_different_content_under_the_same_version(folder, tmp_path):
    path = tmp_path / "census.csv"
    path.write_text(CENSUS, encoding="utf-8")
    error = refused(folder, "ingest", folder, "us_census_trade", path)
    assert "contradict" in error
    assert "--version" in error


def test_html_in_a_title_is_shown_as_text(folder):
    edited(folder, "title: The United States", 'title: "<script>alert(1)</script>" #')
    done = run("report", folder)
    assert done.returncode == 0, done.stderr
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_kill_during_ingest_leaves_the_store_as_it_was(folder, shared):
    before = detente.open(folder).panel().fingerprint
    files = sorted((shared / "data/events/ucdp/vintages").glob("*.gz"))[:3]
    command = [sys.executable, "-m", "detente", "ingest", str(folder), "ucdp_country_month", *map(str, files)]
    for wait in (1.0, 2.0, 3.0):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert detente.open(folder).panel().fingerprint == before


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own; only root may make one."""
    point = tmp_path / "disk"
    point.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(point)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("making a small disk needs root")
    yield point
    subprocess.run(["umount", str(point)], check=False)


def test_a_full_disk_leaves_nothing_half_written(demo_folder, small_disk):
    folder = small(demo_folder, small_disk / "study")
    with (small_disk / "filler").open("wb") as filler:
        free = shutil.disk_usage(small_disk).free
        filler.write(b"0" * max(0, free - 40_000))
    error = refused(folder, "report", folder)
    assert "free space" in error or "disk is full" in error


def test_a_read_only_folder(demo_folder, small_disk, tmp_path):
    folder = small(demo_folder, small_disk / "study")
    path = tmp_path / "census.csv"
    path.write_text(CENSUS, encoding="utf-8")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "read-only" in refused(folder, "ingest", folder, "us_census_trade", path, "--version", "test")
    assert "read-only" in refused(folder, "report", folder)


def test_a_traceback_is_shown_only_when_asked_for(tmp_path):
    assert "Traceback" not in run("panel", tmp_path).stderr
    assert "Traceback" in run("--traceback", "panel", tmp_path).stderr


def test_wrong_usage_exits_with_2(tmp_path):
    assert run("ingest").returncode == 2
    assert run("nonsense").returncode == 2
    assert list(tmp_path.iterdir()) == []
