"""The tables agree with themselves, and with the published crosswalk where it is at hand."""

import csv
from datetime import date
from itertools import pairwise

import pytest

from detente.actors import SCHEMES, registry
from detente.actors.labels import key_of
from detente.actors.tables import COUNTED_TWICE, load, rows

DAYS = [date(year, month, 15) for year in range(1816, 2026, 5) for month in (2, 8)]


def test_no_two_actors_share_an_id_or_a_name():
    actors = load().actors
    assert len({actor.actor_id for actor in actors}) == len(actors)
    assert len({key_of(actor.name) for actor in actors}) == len(actors)


def test_no_label_means_two_actors_on_one_day():
    by_label = {}
    for entry in load().entries:
        by_label.setdefault((entry.scheme, key_of(entry.label, entry.scheme)), []).append(entry)
    known = registry()
    for label, entries in by_label.items():
        for day in DAYS:
            ids = {e.actor_id for e in entries if e.covers(day) and known[e.actor_id].exists(day)}
            assert len(ids) <= 1, (label, day, ids)


def test_at_most_one_bearer_of_a_label_is_meant_without_a_date():
    chosen = {}
    for entry in load().entries:
        if entry.undated:
            chosen.setdefault((entry.scheme, key_of(entry.label, entry.scheme)), set()).add(entry.actor_id)
    assert {label: ids for label, ids in chosen.items() if len(ids) > 1} == {}


def test_every_table_speaks_of_known_actors_and_schemes():
    tables, known = load(), registry()
    assert {entry.actor_id for entry in tables.entries} <= {actor.actor_id for actor in known}
    assert {entry.scheme for entry in tables.entries} <= set(SCHEMES)
    assert {actor_id for pair in tables.successors for actor_id in pair} <= {actor.actor_id for actor in known}


def test_lives_run_forwards():
    assert [a for a in load().actors if a.valid_to and a.valid_to < a.valid_from] == []


def test_membership_lies_within_the_life_of_the_member():
    known = registry()
    for spell in load().spells:
        actor = known[spell.actor_id]
        assert actor.exists(spell.start), spell
        assert actor.exists(spell.until or date(2025, 1, 1)), spell


@pytest.mark.parametrize("system", ["cow", "gw"])
def test_spells_of_a_code_follow_each_other_without_overlap(system):
    by_code = {}
    for spell in sorted((s for s in load().spells if s.system == system), key=lambda s: s.start):
        by_code.setdefault(spell.code, []).append(spell)
    for spells in by_code.values():
        assert all(before.until is not None and before.until < after.start for before, after in pairwise(spells))


def test_territories_belong_to_no_state_system_in_our_day():
    current = {spell.actor_id for spell in load().spells if spell.until is None}
    assert load().territories & current == set()


def test_an_alias_says_more_than_the_name_of_its_actor_does():
    names = {key_of(actor.name): actor.actor_id for actor in load().actors}
    idle = [r["label"] for r in rows("aliases.csv") if r["scheme"] == "name" and not r["from"] + r["to"]]
    assert [label for label in idle if key_of(label) in names] == []


def test_west_germany_of_1990_has_no_label_of_a_scheme():
    assert {e.scheme for e in load().entries if e.actor_id == COUNTED_TWICE} == {"name"}


COLUMNS = {
    "iso3": "iso3c",
    "iso2": "iso2c",
    "ison": "iso3n",
    "fips": "fips",
    "imf": "imf",
    "unhcr": "unhcr",
    "wb": "wb",
}
"""Our schemes and the columns of the crosswalk that hold the same codes."""
DIFFERING = {
    "imf": {"MAF": "352"},  # the IMF's own file calls 352 Sint Maarten
    "cow": {"VAT": "327"},  # 327 is the Papal States, a member until 1860; the Holy See has been none
    "gw": {"VAT": "327", "VNM": "815"},  # 815 is the empire that ended in 1893; today's Vietnam is 816
}
"""Where the crosswalk says otherwise than the publisher of the code."""


@pytest.mark.parametrize("scheme", sorted(COLUMNS))
def test_codes_agree_with_the_published_crosswalk(shared, scheme):
    path = shared / "data/events/codebooks/countrycode_codelist.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        listed = {row["iso3c"]: row[COLUMNS[scheme]] for row in csv.DictReader(stream) if row["iso3c"]}
    listed = {iso3: code for iso3, code in listed.items() if code and iso3 in registry()}
    found = registry().resolve_all(dict.fromkeys(listed.values(), 1), scheme=scheme).actors
    assert {i: code for i, code in listed.items() if found.get(code) != i} == DIFFERING.get(scheme, {})
    assert len(listed) > 180


@pytest.mark.parametrize(("scheme", "column"), [("cow", "cown"), ("gw", "gwn")])
def test_state_system_numbers_agree_with_the_published_crosswalk(shared, scheme, column):
    path = shared / "data/events/codebooks/countrycode_codelist.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        listed = {row["iso3c"]: row[column] for row in csv.DictReader(stream) if row["iso3c"] and row[column]}
    ours = {iso3: registry().code(iso3, scheme, on=date(2015, 1, 1)) for iso3 in listed}
    assert {iso3: code for iso3, code in listed.items() if ours[iso3] != code} == DIFFERING[scheme]
    assert len(listed) > 170
