"""Every built-in source: its description is whole, and its reader stands beside it."""

from importlib import import_module
from inspect import signature

import pytest

from detente.errors import SourceError
from detente.sources import CATALOGUE, Catalogue
from detente.sources.spec import SourceSpec, load

SPECS = {path.stem: load(path) for path in sorted(CATALOGUE.glob("*.yml"))}
FREE = ("public domain", "CC BY", "CC0", "attribution", "citation", "facts")


@pytest.fixture(params=list(SPECS.values()), ids=list(SPECS))
def spec(request: pytest.FixtureRequest) -> SourceSpec:
    found: SourceSpec = request.param
    return found


def test_descriptions_and_readers_are_paired() -> None:
    readers = {path.stem for path in CATALOGUE.glob("*.py")} - {"__init__"}
    without_mapping = {source_id for source_id, spec in SPECS.items() if spec.mapping is None}
    assert readers == without_mapping


def test_the_catalogue_lists_all_of_them() -> None:
    assert [spec.source_id for spec in Catalogue.of().specs()] == sorted(SPECS)


def test_a_reader_takes_a_path_and_a_context(spec: SourceSpec) -> None:
    read = import_module(f"detente.sources.catalogue.{spec.source_id}").read
    assert list(signature(read).parameters) == ["path", "context"]
    assert read.__doc__


def test_a_source_says_whose_it_is_and_what_one_must_know(spec: SourceSpec) -> None:
    said = (spec.title, spec.publisher, spec.version, spec.licence, spec.citation, spec.download)
    assert all(text.strip() for text in said)
    assert spec.url.startswith("https://")
    assert spec.files
    assert spec.notes
    assert all(note.strip() for note in spec.notes)


def test_a_source_gives_indicators_or_events_with_their_meaning(spec: SourceSpec) -> None:
    meanings = [indicator.title for indicator in spec.indicators.values()] + list(spec.event_kinds.values())
    assert meanings
    assert all(meaning.strip() for meaning in meanings)
    assert all(indicator.unit for indicator in spec.indicators.values())


def test_what_travels_has_a_licence_that_lets_it(spec: SourceSpec) -> None:
    assert not spec.redistribute or any(word.lower() in spec.licence.lower() for word in FREE)


def test_a_span_runs_forward_and_no_column_is_both_used_and_ignored(spec: SourceSpec) -> None:
    assert spec.covers.start < spec.covers.end
    assert not set(spec.columns.used) & set(spec.columns.ignored)
    assert len(set(spec.columns.used)) == len(spec.columns.used)


def test_lookups_of_one_label_do_not_overlap(spec: SourceSpec) -> None:
    spans: dict[str, list[tuple[object, object]]] = {}
    for lookup in spec.lookups:
        for start, until in spans.get(lookup.label, []):
            apart = (lookup.start and until and lookup.start > until) or (
                lookup.until and start and lookup.until < start
            )
            assert apart, f"{spec.source_id}: {lookup.label}"
        spans.setdefault(lookup.label, []).append((lookup.start, lookup.until))


@pytest.mark.parametrize("content", [b"- a\n- list\n", b"", b"title: \xff\n", b"title: [open\n", b"title: only\n"])
def test_a_description_that_describes_nothing_is_refused_with_a_hint(content, tmp_path):
    (tmp_path / "mine.yml").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        Catalogue.of(tmp_path).spec("mine")
    assert "mine.yml" in str(caught.value)
    assert caught.value.hint
