"""Every command on the bundled study: what it prints for people, and for machines."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from detente.cli import app
from tests.study.test_bad_input import small

runner = CliRunner()


def out(*arguments):
    done = runner.invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_help_names_every_stage():
    text = out("--help")
    for stage in ("sources", "panel", "turning-points", "claims", "report"):
        assert stage in text


def test_version_is_printed():
    assert out("--version").strip().count(".") == 2


@pytest.mark.parametrize("command", ["sources", "panel", "turning-points", "claims", "index"])
def test_a_stage_prints_json_for_machines(command, demo_folder):
    rows = json.loads(out(command, demo_folder, "--json"))
    assert len(rows) > 5
    assert isinstance(rows[0], dict)
    if command == "turning-points":
        assert {"measure", "verdict", "p_claimed", "grade", "alarm_rate"} <= set(rows[0])


def test_sources_without_a_study_lists_what_can_be_read():
    assert "usaid_greenbook" in out("sources")


def test_claims_for_machines_have_the_published_keys(demo_folder):
    rows = json.loads(out("claims", demo_folder, "--json"))
    for key in ("claim_id", "statement", "asserted_by", "dimension", "test", "outcome", "because", "numbers"):
        assert all(key in row for row in rows), key


def test_a_table_in_a_pipe_has_a_header_and_tabs(demo_folder):
    lines = out("panel", demo_folder).splitlines()
    assert lines[0].split("\t")[:3] == ["measure", "sender", "receiver"]
    assert len(lines) > 1000


def test_trace_and_revisions_print_their_rows(demo_folder):
    assert "us_foreignaid_greenbook.xlsx" in out("trace", demo_folder, "us_military_aid", "2016-10-01")
    assert "2026-03-29" in out("revisions", demo_folder, "fatalities", "--sender", "WLD", "--receiver", "PAK")


def test_measures_actors_and_schema_are_listed():
    assert "un_agreement" in out("measures")
    assert "PAK" in out("actors", "Pakistan")
    assert json.loads(out("schema"))["title"] == "Protocol"


def test_no_progress_in_a_pipe_and_some_when_asked(demo_folder, tmp_path):
    demo_folder = small(demo_folder, tmp_path / "study")
    quiet = subprocess.run(
        [sys.executable, "-m", "detente", "panel", str(demo_folder)], capture_output=True, text=True, check=True
    )
    assert quiet.stderr == ""
    told = subprocess.run(
        [sys.executable, "-m", "detente", "--verbose", "panel", str(demo_folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "panel: 1/1" in told.stderr


def test_new_writes_a_study_that_runs(tmp_path):
    out("new", tmp_path / "mine", "--dyad", "USA", "IND", "--at", "2016-06-01")
    assert (tmp_path / "mine" / "study.yml").is_file()
    assert "goods_exports" in out("panel", tmp_path / "mine")
