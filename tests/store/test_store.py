"""Adding to the store: once, whole or not at all, and only what does not contradict itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from detente.errors import StoreError
from detente.records import COVERAGE, EVENTS, FILES, OBSERVATIONS, calendar_year
from detente.store import Added, Store
from detente.store.store import INCOMING, STALE
from tests.panel.worlds import event, observation, rows_of, span, tables


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def trade(value: float = 5.0, file: str = "a", **more: Any) -> dict[str, Any]:
    return observation("imf_dots", "exports_fob", "USA", "PAK", calendar_year(2020), value, file=file, **more)


def death(dead: float = 3.0, file: str = "a", **more: Any) -> dict[str, Any]:
    more = {"source_row": "id 7", **more}
    return event("ucdp_ged", "ged:state-based", "PAK", "TTP", date(2020, 5, 1), fatalities=dead, file=file, **more)


def held(store: Store) -> pd.DataFrame:
    """Every row of the store, as it is read."""
    records = store.records()
    frames = [records.events.df(), records.observations.df(), records.coverage, records.files]
    return pd.concat([frame.assign(table=n) for n, frame in enumerate(frames)], ignore_index=True).astype("str")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_store_has_no_records(store: Store) -> None:
    records = store.records()
    assert len(records.events.df()) == len(records.observations.df()) == len(store.files()) == 0
    assert list(records.observations.df().columns) == list(OBSERVATIONS.columns)
    assert store.lineage(["nothing"]).empty


def test_adding_twice_changes_nothing(store: Store) -> None:
    made = tables([trade()], [death()], [span("imf_dots", "exports_fob", date(2000, 1, 1), date(2020, 12, 31))])
    assert store.add(made) == Added(new=2, known=0)
    before = contents(store.folder)
    assert store.add(made) == Added(new=0, known=2)
    assert contents(store.folder) == before


def test_adding_does_not_change_what_it_is_given(store: Store) -> None:
    made = tables([trade()], [death()])
    copies = {name: frame.copy(deep=True) for name, frame in made.items()}
    store.add(made)
    for name, frame in copies.items():
        pd.testing.assert_frame_equal(made[name], frame)


def test_what_goes_in_comes_out(store: Store) -> None:
    store.add(tables([trade(low=4.0, high=None)], [death(text="a village; “so”", lat=34.5)]))
    row = store.records().observations.df().iloc[0]
    assert (row["value"], row["low"], row["unit"], row["period_end"]) == (5.0, 4.0, "units", pd.Timestamp(2020, 12, 31))
    assert pd.isna(row["high"])
    found = store.records().events.df().iloc[0]
    assert (found["text"], found["lat"], found["date"]) == ("a village; “so”", 34.5, pd.Timestamp(2020, 5, 1))


def test_an_id_depends_on_the_content_and_not_on_the_file(tmp_path: Path) -> None:
    ids = []
    for name, row in (("one", trade(file="a")), ("two", trade(file="b")), ("three", trade(value=6.0))):
        store = Store(tmp_path / name)
        store.add(tables([row]))
        ids.append(store.records().observations.df()["observation_id"].iloc[0])
    assert ids[0] == ids[1] != ids[2]


def test_the_same_row_from_two_files_is_one_record(store: Store) -> None:
    assert store.add(tables([trade(file="a")], [death(file="a")])) == Added(2, 0)
    again = tables([trade(file="b", source_row="elsewhere")], [death(file="b")])
    assert store.add(again) == Added(0, 2)
    assert len(store.records().observations.df()) == len(store.records().events.df()) == 1
    assert sorted(store.files()["file"]) == ["a", "a", "b", "b"]


def test_the_same_row_from_two_files_of_one_call_is_one_record(store: Store) -> None:
    both = tables([trade(file="a"), trade(file="b", source_row="elsewhere")], [death(file="a"), death(file="b")])
    assert store.add(both) == Added(2, 2)
    assert store.records().observations.df()["file"].tolist() == ["a"]


def test_rows_without_an_id_of_their_own_are_kept_apart_by_their_place(store: Store) -> None:
    twins = [death(source_row="row 3"), death(source_row="row 4")]
    assert store.add(tables(events=twins)) == Added(2, 0)
    assert store.add(tables(events=twins)) == Added(0, 2)


def test_several_rows_of_one_cell_in_one_file_are_several_records(store: Store) -> None:
    accounts = [trade(value, source_row=f"row {value}") for value in (0.1, 0.2, 0.3)]
    assert store.add(tables(accounts)) == Added(3, 0)
    assert store.add(tables([{**row, "file": "b"} for row in reversed(accounts)])) == Added(0, 3)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (tables([trade(5.0)]), tables([trade(6.0, file="b")])),
        (tables([trade(5.0)]), tables([trade(5.0, file="b", status="partial")])),
        (tables([trade(5.0)]), tables([trade(None, file="b")])),
        (tables(events=[death(3.0)]), tables(events=[death(4.0, file="b")])),
    ],
)
def test_other_content_under_one_id_is_refused_and_nothing_is_written(store: Store, first: Any, second: Any) -> None:
    store.add(first)
    before = contents(store.folder)
    with pytest.raises(StoreError, match="1 rows contradict") as caught:
        store.add(second)
    assert "--version" in caught.value.hint
    assert contents(store.folder) == before


@pytest.mark.parametrize(
    "made",
    [
        tables(events=[death(3.0), death(4.0)]),
        tables(events=[death(3.0), death(4.0, file="b")]),
        tables([trade(5.0), trade(6.0, file="b")]),
    ],
)
def test_a_contradiction_within_one_call_is_refused(store: Store, made: Any) -> None:
    with pytest.raises(StoreError, match="contradict"):
        store.add(made)
    assert not store.folder.exists()


def test_a_new_edition_goes_in_under_a_version_of_its_own(store: Store) -> None:
    store.add(tables([trade(5.0)]))
    assert store.add(tables([trade(6.0, file="b", version="2")])) == Added(1, 0)
    assert sorted(store.records().observations.df()["value"]) == [5.0, 6.0]


def test_a_second_source_leaves_the_rows_of_the_first_alone(store: Store) -> None:
    store.add(tables([trade()]))
    before = contents(store.folder)
    store.add(tables(events=[death()]))
    after = contents(store.folder)
    assert {name: after[name] for name in before} == before


def test_every_record_leads_to_its_row_its_file_and_its_citation(store: Store) -> None:
    store.add(tables([trade(source_row="row 12, USA")], [death(text="a village")]))
    ids = [*store.records().observations.df()["observation_id"], *store.records().events.df()["event_id"]]
    lines = store.lineage(ids).set_index("source_id")
    assert lines.loc["imf_dots", ["source_row", "value", "name", "file"]].tolist() == [
        "row 12, USA",
        5.0,
        "imf_dots.csv",
        "a",
    ]
    assert lines.loc["ucdp_ged", ["source_row", "value", "item", "unit"]].tolist() == [
        "id 7",
        3.0,
        "a village",
        "event",
    ]
    assert lines[["title", "licence", "url", "citation"]].notna().all(axis=None)


def test_lineage_has_one_row_a_record_even_where_a_file_came_twice(store: Store) -> None:
    store.add(tables([trade()]))
    more = observation("imf_dots", "exports_fob", "USA", "IND", calendar_year(2020), 1.0, file="a")
    assert store.add(tables([trade(), more])) == Added(1, 1)
    assert len(store.files()) == 1
    assert len(store.lineage(store.records().observations.df()["observation_id"].tolist())) == 2


def test_a_file_without_records_is_kept_as_provenance(store: Store) -> None:
    store.add(tables(coverage=[span("us_travels", "visit:president", date(2021, 1, 20), date(2021, 12, 31), file="c")]))
    assert store.files()["file"].tolist() == ["c"]
    assert len(store.records().coverage) == 1


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from detente.store import Store, store
    from tests.store.test_store import trade
    from tests.panel.worlds import tables

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    {patch}
    Store(Path(sys.argv[1])).add(tables([trade(9.0, file="z", version="9")]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process outright")
@pytest.mark.parametrize(
    "patch",
    [
        "store._settle = die  # all is written, nothing is shown",
        "old = store.sql.write; store.sql.write = lambda *a: (old(*a), die())  # the first table is written",
    ],
)
def test_a_process_that_is_killed_in_the_middle_leaves_the_old_state(store: Store, patch: str) -> None:
    store.add(tables([trade()]))
    before = held(store)
    script = textwrap.dedent(KILLED).format(patch=patch)
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(store.folder)], cwd=root, check=False, capture_output=True, text=True
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = list(store.folder.glob(f"{INCOMING}*"))
    assert len(left) == 1
    pd.testing.assert_frame_equal(held(store), before)
    assert store.add(tables([trade(9.0, file="z", version="9")])) == Added(1, 0)


def test_what_a_dead_process_left_is_swept_and_what_a_living_one_writes_is_not(store: Store) -> None:
    store.add(tables([trade()]))
    dead, living = store.folder / f"{INCOMING}dead", store.folder / f"{INCOMING}living"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "events.parquet").write_bytes(b"half")
    long_ago = dead.stat().st_mtime - STALE - 60
    for path in (dead / "events.parquet", dead):
        os.utime(path, (long_ago, long_ago))
    store.add(tables([trade(9.0, version="2")]))
    assert not dead.exists()
    assert living.exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match="as it was before") as caught:
        Store(tmp_path / "taken" / "data").add(tables([trade()]))
    assert "read-only" in caught.value.hint


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Any]:
    """Mounts a small file system, which needs the rights of an administrator."""
    if shutil.which("mount") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs Linux and the rights of an administrator")
    target = tmp_path / "small"
    target.mkdir()

    def run(*options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", *options, "tmpfs", str(target)], check=False, capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")
        return target

    yield run
    subprocess.run(["umount", str(target)], check=False, capture_output=True)


def test_a_full_disk_is_said_and_leaves_the_old_state(mount: Any) -> None:
    store = Store(mount("-o", "size=64k") / "data")
    store.add(tables([trade()]))
    before = held(store)
    many = [trade(float(n), item=f"{n * 7919 % 104729:x}", source_row=f"row {n * 104729 % 7919}") for n in range(6000)]
    with pytest.raises(StoreError, match="disk is full") as caught:
        store.add(tables(many))
    assert "free some space" in caught.value.hint
    pd.testing.assert_frame_equal(held(store), before)
    assert not list(store.folder.glob(f"{INCOMING}*"))


def test_a_read_only_folder_is_said_and_can_still_be_read(mount: Any) -> None:
    folder = mount("-o", "size=1m")
    store = Store(folder / "data")
    store.add(tables([trade()]))
    before = held(store)
    mount("-o", "remount,ro")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        store.add(tables([trade(9.0, version="2")]))
    assert "read-only" in caught.value.hint
    pd.testing.assert_frame_equal(held(store), before)


@pytest.mark.parametrize("damage", [b"", b"PAR1 this is not a table PAR1", None])
@pytest.mark.parametrize("table", [OBSERVATIONS, FILES])
def test_a_damaged_file_of_the_store_is_said(store: Store, damage: bytes | None, table: Any) -> None:
    store.add(tables([trade()]))
    path = store.parquet(table)[0]
    path.write_bytes(path.read_bytes()[:-40] if damage is None else damage)
    for read in (store.records, lambda: store.lineage(["x"]), lambda: store.add(tables([trade(9.0, version="2")]))):
        with pytest.raises(StoreError, match="cannot be read") as caught:
            read()
        assert "ingest again" in caught.value.hint


def test_a_table_of_another_shape_is_said(store: Store) -> None:
    store.add(tables([trade()]))
    pd.DataFrame({"something": [1]}).to_parquet(store.parquet(OBSERVATIONS)[0])
    with pytest.raises(StoreError, match="cannot be read"):
        store.records()


def test_versions_and_sources_with_odd_letters_have_folders(store: Store) -> None:
    store.add(tables([trade(version="2024/25 (rev. β)")]))
    assert store.files()["version"].tolist() == ["2024/25 (rev. β)"]
    assert [path.parent.name[:9] for path in store.parquet(FILES)] == ["2024_25_r"]


def test_coverage_is_kept_once(store: Store) -> None:
    cover = [span("imf_dots", "exports_fob", date(2000, 1, 1), date(2020, 12, 31))]
    store.add(tables([trade()], coverage=cover))
    store.add(tables([trade(file="b")], coverage=[{**cover[0], "file": "b"}]))
    assert len(store.records().coverage) == 1


def test_rows_of_makes_the_columns_of_the_tables() -> None:
    for table in (EVENTS, OBSERVATIONS, COVERAGE, FILES):
        assert list(rows_of(table, []).columns) == list(table.columns)


def test_a_small_store_is_read_into_memory_and_a_large_one_is_left_on_disk(store: Store) -> None:
    store.add(tables([trade()], [death()]))
    lazy, loaded, large = store.records(), store.loaded(), store.loaded(at_most=1)
    assert loaded.observations["observation_id"].tolist() == lazy.observations.df()["observation_id"].tolist()
    assert isinstance(loaded.events, pd.DataFrame)
    assert type(large.observations) is type(lazy.observations)
