"""What the registry answers, and what it refuses to answer."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.actors import SCHEMES, registry
from detente.actors.labels import name_key
from detente.actors.tables import load
from detente.errors import StudyError, UnknownLabel, UnknownName
from detente.records import Actor


@pytest.mark.parametrize(
    "label",
    [
        "TTP",
        "Tehrik-i-Taliban Pakistan",
        "Tehrik-e-Taliban Pakistan",
        "Tehreek-e-Taliban Pakistan",
        "tehreek e taliban pakistan",
        "Tehrik-i-Taliban, Pakistan",
    ],
)
def test_all_spellings_of_ttp_mean_ttp(label):
    assert registry().resolve(label).actor_id == "TTP"


@pytest.mark.parametrize("label", ["IS-K", "ISIS-K", "ISKP", "Khorasan", "Islamic State Khorasan Province"])
def test_all_spellings_of_islamic_state_khorasan_mean_iskp(label):
    assert registry().resolve(label).actor_id == "ISKP"


@pytest.mark.parametrize("label", ["Taliban", "Taleban", "the Taliban", "Afghan Taliban"])
def test_taliban_is_the_afghan_group_and_never_ttp(label):
    assert registry().resolve(label).actor_id == "TALIBAN"


@pytest.mark.parametrize("capital", ["Islamabad", "Washington", "Kabul", "New Delhi", "Beijing", "Moscow"])
def test_metonyms_are_unknown_unless_a_study_says_so(capital):
    with pytest.raises(UnknownLabel):
        registry().resolve(capital)
    assert registry().extended(aliases={capital: "PAK"}).resolve(capital).actor_id == "PAK"


@pytest.mark.parametrize(
    ("near_miss", "meant"), [("Pakistn", "Pakistan (PAK)"), ("Irag", "Iraq (IRQ)"), ("Czec Republic", "Czech Republic")]
)
def test_a_near_miss_raises_and_the_hint_names_what_is_near(near_miss, meant):
    with pytest.raises(UnknownLabel) as caught:
        registry().resolve(near_miss)
    assert meant in caught.value.hint
    assert caught.value.labels == {near_miss: 1}


@pytest.mark.parametrize(
    ("label", "actor_id"),
    [
        ("Côte d’Ivoire", "CIV"),
        ("COTE D'IVOIRE", "CIV"),
        ("Gambia, The", "GMB"),
        ("The Gambia", "GMB"),
        ("**Eswatini", "SWZ"),
        ("Antigua & Barbuda", "ATG"),
        ("St. Vincent and the Grenadines", "VCT"),
        ("Government of Pakistan", "PAK"),
        ("Government of DR Congo (Zaire)", "COD"),
        ("Korea, North", "PRK"),
        ("Congo (Kinshasa)", "COD"),
        ("Congo (Brazzaville)", "COG"),
        ("Türkiye, Rep of", "TUR"),
    ],
)
def test_case_accents_punctuation_and_article_do_not_matter(label, actor_id):
    assert registry().resolve(label).actor_id == actor_id


@pytest.mark.parametrize(
    ("label", "scheme", "on", "actor_id"),
    [
        ("255", "cow", "1900-06-30", "DEU"),
        ("260", "cow", "1970-06-30", "DEU"),
        ("260", "cow", "1990-10-02", "DEU"),
        ("255", "cow", "1990-10-03", "DEU"),
        ("265", "cow", "1970-06-30", "DDR"),
        ("345", "cow", "1900-06-30", "SRB1878"),
        ("345", "cow", "1992-04-26", "YUG"),
        ("345", "cow", "1992-04-27", "SCG"),
        ("345", "cow", "2006-06-05", "SRB"),
        ("340", "gw", "2010-01-01", "SRB"),
        ("678", "gw", "1990-05-21", "YAR"),
        ("678", "gw", "1990-05-22", "YEM"),
        ("679", "cow", "1990-05-22", "YEM"),
        ("680", "cow", "1980-01-01", "YMD"),
        ("815", "gw", "1850-01-01", "VNM1816"),
        ("816", "cow", "1960-01-01", "VNM"),
        ("817", "cow", "1975-04-30", "RVN"),
        ("625", "cow", "2015-01-01", "SDN"),
        ("626", "cow", "2011-07-09", "SSD"),
        ("315", "cow", "1992-12-31", "CSK"),
        ("316", "cow", "1993-01-01", "CZE"),
        ("365", "cow", "1970-01-01", "RUS"),
        ("CS", "iso2", "1990-01-01", "CSK"),
        ("CS", "iso2", "2004-01-01", "SCG"),
        ("Yugoslavia", "name", "1970-01-01", "YUG"),
        ("Yugoslavia", "name", "1999-01-01", "SCG"),
        ("Serbia (Yugoslavia)", "name", "2010-01-01", "SRB"),
        ("Yemen", "name", "1972-07-01", "YAR"),
        ("Yemen", "name", "2000-01-01", "YEM"),
        ("Korea", "name", "1900-01-01", "KOR1816"),
        ("Korea", "name", "1953-01-01", "KOR"),
        ("Republic of China", "name", "1945-01-01", "CHN"),
        ("Republic of China", "name", "1955-01-01", "TWN"),
        ("Soviet Union", "name", "1991-12-25", "RUS"),
        ("Russia", "name", "1970-01-01", "RUS"),
        ("Zaire", "name", "1980-01-01", "COD"),
    ],
)
def test_a_label_means_who_bore_it_on_the_day(label, scheme, on, actor_id):
    assert registry().resolve(label, scheme=scheme, on=date.fromisoformat(on)).actor_id == actor_id


@pytest.mark.parametrize(
    ("label", "scheme", "on"),
    [
        ("255", "cow", "1970-01-01"),
        ("260", "cow", "1990-10-03"),
        ("817", "cow", "1975-05-01"),
        ("626", "cow", "2011-07-08"),
        ("Soviet Union", "name", "1991-12-26"),
        ("Zaire", "name", "2000-01-01"),
        ("PAK", "iso3", "1947-08-13"),
        ("IND", "iso3", "1947-08-14"),
        ("Yugoslavia", "name", "2010-01-01"),
        ("ISKP", "name", "2010-01-01"),
    ],
)
def test_a_label_means_nobody_outside_the_time_it_was_borne(label, scheme, on):
    with pytest.raises(UnknownLabel) as caught:
        registry().resolve(label, scheme=scheme, on=date.fromisoformat(on))
    assert " from " in caught.value.hint


@pytest.mark.parametrize(
    ("label", "scheme", "ids"),
    [
        ("345", "cow", {"SRB1878", "YUG", "SCG", "SRB"}),
        ("678", "gw", {"YAR", "YEM"}),
        ("Yugoslavia", "name", {"YUG", "SCG"}),
        ("Korea", "name", {"KOR1816", "KOR"}),
        ("CS", "iso2", {"CSK", "SCG"}),
    ],
)
def test_without_a_date_a_label_of_several_raises_and_names_them_all(label, scheme, ids):
    with pytest.raises(UnknownLabel) as caught:
        registry().resolve(label, scheme=scheme)
    assert ids <= set(str(caught.value).replace(":", "").split())


@pytest.mark.parametrize(("label", "actor_id"), [("Serbia", "SRB"), ("Yemen", "YEM"), ("Montenegro", "MNE")])
def test_without_a_date_a_present_name_means_its_present_bearer(label, actor_id):
    assert registry().resolve(label).actor_id == actor_id


def test_numbers_lose_leading_zeros_and_codes_their_case():
    assert registry().resolve("004", scheme="ison").actor_id == "AFG"
    assert registry().resolve(" pak ", scheme="iso3").actor_id == "PAK"


def test_resolve_all_tells_actors_aggregates_and_unknown_apart():
    found = registry().resolve_all({"Pakistan": 3, "World": 2, "Sub-Saharan Africa": 5, "Atlantis": 7, "Other": 1})
    assert found.actors == {"Pakistan": "PAK"}
    assert found.aggregates == {"World": 2, "Sub-Saharan Africa": 5, "Other": 1}
    assert found.unknown == {"Atlantis": 7}


def test_stop_lists_unknown_labels_with_counts_most_frequent_first():
    found = registry().resolve_all({"Pakistn": 2, "Irag": 1200, "India": 5})
    with pytest.raises(UnknownLabel, match=r"t\.csv: 2 labels of no known actor: 'Irag' \(1,200\), 'Pakistn' \(2\)"):
        found.stop("t.csv")
    registry().resolve_all({"India": 5}).stop("t.csv")


def test_ucdp_numbers_mean_groups_and_its_ambiguous_letters_do_not():
    known = registry()
    assert known.resolve("356", scheme="ucdp").actor_id == "TTP"
    assert known.resolve("289", scheme="ucdp").actor_id == "BRA_BALOCH"
    assert known.resolve("Government of Russia (Soviet Union)", scheme="ucdp").actor_id == "RUS"
    with pytest.raises(UnknownLabel):  # UCDP also has a Bougainville Revolutionary Army
        known.resolve("BRA", scheme="ucdp")


def test_extended_knows_more_and_leaves_the_original_alone():
    known = registry()
    before = {actor.actor_id for actor in known}
    own = Actor("MYGROUP", "Group of the Study", "armed group", date(2020, 1, 1))
    wider = known.extended(actors=[own], aliases={"the army": "PAK", "GS": "MYGROUP"})
    assert wider.resolve("group of the study") == own
    assert wider.resolve("GS") == own
    assert wider.resolve("The Army").actor_id == "PAK"
    assert wider.code("DEU", "cow") == "255"
    assert wider.successors("CSK") == ("CZE", "SVK")
    assert {actor.actor_id for actor in known} == before
    assert "MYGROUP" not in known
    with pytest.raises(UnknownLabel):
        known.resolve("the army")


def test_extended_refuses_a_taken_id_a_taken_label_and_an_alias_of_nobody():
    with pytest.raises(StudyError):
        registry().extended(actors=[Actor("PAK", "Other Pakistan", "state", date(2000, 1, 1))])
    with pytest.raises(StudyError, match="IND"):
        registry().extended(aliases={"India": "PAK"})
    with pytest.raises(UnknownName):
        registry().extended(aliases={"Islamabad": "PAKK"})
    registry().extended(aliases={"India": "IND"})


def test_an_unknown_id_or_scheme_raises_with_the_nearest():
    with pytest.raises(UnknownName):
        registry()["PAKK"]
    with pytest.raises(UnknownName, match="scheme"):
        registry().resolve("Pakistan", scheme="iso-3")


def test_a_code_of_a_day_is_the_one_held_then():
    known = registry()
    assert known.code("DEU", "cow") == "255"
    assert known.code("DEU", "cow", on=date(1970, 1, 1)) == "260"
    assert known.code("DEU", "cow", on=date(1947, 1, 1)) is None
    assert known.code("TTP", "iso3") is None
    assert known.code("PAK", "name") == "Pakistan"


def test_successors_and_predecessors_mirror_each_other():
    known = registry()
    assert known.successors("YAR") == ("YEM",)
    assert known.predecessors("YEM") == ("YAR", "YMD")
    assert "BGD" in known.successors("PAK")
    for actor in known:
        assert all(actor.actor_id in known.predecessors(after) for after in known.successors(actor.actor_id))


@given(st.sampled_from(sorted(registry(), key=lambda actor: actor.actor_id)), st.sampled_from(SCHEMES))
def test_a_code_leads_back_to_its_actor(actor, scheme):
    known = registry()
    code = known.code(actor.actor_id, scheme)
    if code is not None:
        assert known.resolve(code, scheme=scheme, on=_last_day(known, actor, scheme, code)) == actor


def _last_day(known, actor, scheme, code):
    """A day on which the actor surely has the code: a present one, or the last of its life or membership."""
    days = [actor.valid_to or date(2020, 1, 1), date(1914, 1, 1), date(1903, 1, 1), date(1880, 1, 1), date(1860, 2, 1)]
    days += [date(1830, 2, 1), date(1970, 1, 1), date(1945, 2, 1), date(1990, 2, 1)]
    return next((day for day in days if actor.exists(day) and known.code(actor.actor_id, scheme, on=day) == code), None)


LABELS = st.sampled_from(sorted({entry.label for entry in load().entries if entry.scheme == "name"}))


@given(st.text(max_size=30) | LABELS, st.dates(date(1816, 1, 1), date(2030, 1, 1)))
def test_whatever_the_label_the_answer_exists_on_the_day_or_there_is_none(label, on):
    found = registry().resolve_all({label: 1}, on=on)
    assert all(registry()[actor_id].exists(on) for actor_id in found.actors.values())
    assert len(found.actors) + len(found.aggregates) + len(found.unknown) == 1


@given(st.text(max_size=40))
def test_the_form_of_a_name_is_stable(label):
    assert name_key(name_key(label)) == name_key(label)
