"""What may stand in claims.yml, and what comes of the whole of it."""

import json
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

from detente.claims import lines, load, summary_table, template
from detente.claims.run import combine
from detente.claims.tests import TESTS
from detente.errors import ClaimError, StudyError
from detente.protocol import parse
from tests.claims.planted import claim, judged, protocol, years

IMPORTS = "measure: goods_imports, sender: PAK, receiver: USA"
GOOD = claim("level_change", IMPORTS, "up")
BUNDLED = files("detente") / "studies" / "us_pakistan"


@cache
def bundled() -> list:
    return load((BUNDLED / "claims.yml").read_text(encoding="utf-8"), protocol=study())


def study():
    return parse((BUNDLED / "study.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("find", "put", "line", "words", "hint"),
    [
        ("test: level_change", "test: level_chang", 6, "no claim test named", "level_change"),
        ("measure: goods_imports", "measure: goods_import", 7, "no measure named", "goods_imports"),
        ("sender: PAK", "sender: PAX", 7, "no actor", "PAK"),
        ("direction: up", "direction: positive", 9, "does not know the direction", "up"),
        ("params: {}", "params: {att: 2021-08-15}", 8, "no such key", "at"),
        ("params: {}", "params: {least_before: many}", 8, "a whole number is needed, found 'many'", ""),
        ("dimension: other", "dimension: trades", 5, "no dimension", "trade"),
        ("    statement:", "    statment:", 3, "no such key", "statement"),
        ("    test: level_change\n", "    parts: []\n", 2, "neither a test nor", "needs"),
        ("    params: {}", "    needs: more data", 8, "needs nothing more", "leave out"),
        ("    params: {}", "    contradicts: [B]", 8, "no claim 'B'", ""),
    ],
)
def test_an_ill_posed_claim_is_an_error_with_file_line_and_hint(
    find: str, put: str, line: int, words: str, hint: str
) -> None:
    assert find in GOOD
    with pytest.raises(ClaimError, match=rf"claims\.yml, line {line}, .*{words}") as error:
        load("claims:\n" + GOOD.replace(find, put), protocol=protocol())
    assert hint in error.value.hint


def test_a_claim_or_statement_may_stand_only_once() -> None:
    with pytest.raises(ClaimError, match="A stands twice"):
        load("claims:\n" + GOOD + GOOD, protocol=protocol())
    twice = GOOD + "    statements: [{id: S1}, {id: S1}]\n"
    with pytest.raises(ClaimError, match="S1 stands twice"):
        load("claims:\n" + twice, protocol=protocol())


def test_what_is_no_yaml_is_a_study_error() -> None:
    with pytest.raises(StudyError, match="not valid YAML"):
        load("claims: [", protocol=protocol())


def test_lines_name_every_quantity_once_with_those_compared() -> None:
    text = "claims:\n" + claim("compare_levels", IMPORTS, "up", "against: [IND, BGD]")
    found = [f"{line.measure} {line.dyad}" for line in lines(load(text, protocol=protocol()), protocol())]
    assert found == ["goods_imports PAK→USA", "goods_imports IND→USA", "goods_imports BGD→USA"]


def test_a_claim_without_data_is_untestable_and_names_the_source() -> None:
    text = GOOD + GOOD.replace("id: A", "id: B").replace("goods_imports", "refugees")
    verdict = judged(text, {("goods_imports", "PAK", "USA"): years(2000, [1.0] * 20)})[1]
    assert verdict.outcome == "untestable"
    assert "The study holds no data for" in verdict.because
    assert "unhcr_population" in verdict.because


def test_a_claim_without_a_test_says_what_would_test_it() -> None:
    text = GOOD + "  - {id: B, statement: s, asserted_by: {reference: r}, dimension: other, needs: polls by year}\n"
    verdict = judged(text, {("goods_imports", "PAK", "USA"): years(2000, [1.0] * 20)})[1]
    assert (verdict.outcome, verdict.test) == ("untestable", "none")
    assert "polls by year" in verdict.because


@pytest.mark.parametrize(
    ("how", "outcomes", "outcome"),
    [
        ("all", ("supported", "supported"), "supported"),
        ("all", ("supported", "inconclusive"), "inconclusive"),
        ("all", ("supported", "untestable"), "inconclusive"),
        ("all", ("contradicted", "inconclusive"), "contradicted"),
        ("all", ("supported", "contradicted"), "mixed"),
        ("any", ("supported", "inconclusive"), "supported"),
        ("any", ("supported", "contradicted"), "mixed"),
        ("any", ("contradicted", "inconclusive"), "inconclusive"),
        ("any", ("contradicted", "contradicted"), "contradicted"),
        ("any", ("mixed", "inconclusive"), "mixed"),
        ("all", ("untestable", "untestable"), "untestable"),
    ],
)
def test_parts_are_combined(how: str, outcomes: tuple, outcome: str) -> None:
    assert combine(how, outcomes) == outcome


def test_parts_that_disagree_are_mixed_and_told_apart() -> None:
    text = """\
  - id: A
    statement: s
    asserted_by: {reference: r, section: Findings, line: 7, cites: [Somebody (2020)]}
    dimension: trade
    contradicts: [B]
    test: all
    parts:
      - {test: sign, quantity: {measure: goods_imports, sender: PAK, receiver: USA}, direction: positive}
      - {test: sign, quantity: {measure: goods_imports, sender: PAK, receiver: USA}, direction: negative}
  - {id: B, statement: t, asserted_by: {reference: r}, dimension: other, needs: polls}
"""
    verdict = judged(text, {("goods_imports", "PAK", "USA"): years(2000, [1.0] * 9)})[0]
    assert verdict.outcome == "mixed"
    assert "(1) Supported" in verdict.because
    assert "(2) Contradicted" in verdict.because
    assert verdict.asserted_by == "r, Findings, line 7, citing Somebody (2020)"
    assert verdict.conflicts == ("B (untestable)",)
    assert verdict.numbers["part2_outcome"] == "contradicted"


def test_verdicts_are_plain_values_and_come_out_the_same_twice() -> None:
    series = {("goods_imports", "PAK", "USA"): years(1996, [float(10 + at % 3) for at in range(29)])}
    first, second = ([verdict.to_dict() for verdict in judged(GOOD, series)] for _ in range(2))
    assert first == second
    keys = {"claim_id", "statement", "asserted_by", "dimension", "test", "outcome", "because", "numbers"}
    assert keys <= set(json.loads(json.dumps(first, allow_nan=False))[0])
    assert list(summary_table(judged(GOOD, series))["claim_id"]) == ["A"]


def test_the_template_is_valid_for_the_study_it_is_made_for() -> None:
    for one in (protocol(), study()):
        found = load(template(one), protocol=one)
        assert {claim.status for claim in found} == {"tested", "untestable"}


def test_every_test_states_question_assumption_and_rule() -> None:
    for test in TESTS.values():
        assert test.run.__doc__
        for word in ("Question:", "Assume", "Rule"):
            assert re.search(word, test.run.__doc__, re.IGNORECASE), (test.run.__name__, word)


def test_the_bundled_ledger_covers_every_hypothesis_and_statement_once() -> None:
    ledger = bundled()
    assert [claim.claim_id for claim in ledger] == [f"H{number:02}" for number in range(1, 73)]
    statements = Counter(statement.id for claim in ledger for statement in claim.statements)
    assert statements == Counter(f"C{number:03}" for number in range(1, 189))
    assert sum(claim.status == "tested" for claim in ledger) >= 35
    assert all(claim.needs for claim in ledger if claim.status == "untestable")
    assert all(statement.says and statement.line for claim in ledger for statement in claim.statements)


def test_the_bundled_ledger_names_conflicts_both_ways() -> None:
    against = {claim.claim_id: set(claim.contradicts) for claim in bundled()}
    assert all(one in against[other] for one, others in against.items() for other in others)
    assert "H05" in against["H04"]


def test_no_verdict_is_written_into_the_bundled_ledger() -> None:
    text = (BUNDLED / "claims.yml").read_text(encoding="utf-8")
    assert not re.search(r"\b(outcome|verdict):|\b(supported|contradicted|inconclusive)\b", text)


def test_no_sentence_of_the_paper_is_copied(shared: Path) -> None:
    def words(text: str) -> list[str]:
        return re.findall(r"[a-z0-9]+", text.lower())

    paper, run = words((shared / "paper" / "paper.txt").read_text(encoding="utf-8")), 8
    known = {tuple(paper[at : at + run]) for at in range(len(paper) - run + 1)}
    for claim_ in bundled():
        for text in (claim_.statement, claim_.needs, *(statement.says for statement in claim_.statements)):
            ours = words(text)
            copied = [ours[at : at + run] for at in range(len(ours) - run + 1) if tuple(ours[at : at + run]) in known]
            assert not copied, (claim_.claim_id, copied)


def test_the_bundled_ledger_agrees_with_the_paper_on_where_statements_stand(shared: Path) -> None:
    from ruamel.yaml import YAML

    paper = YAML(typ="safe").load((shared / "paper" / "claims.yaml").read_text(encoding="utf-8"))
    expected = {one["id"]: (one["hypothesis"], one["section"], one["line"]) for one in paper["claims"]}
    found = {one.id: (claim.claim_id, one.section, one.line) for claim in bundled() for one in claim.statements}
    assert found == expected


@pytest.mark.parametrize(
    ("sought", "put", "says", "hints"),
    [
        ("direction: down", "direction: dwn", "found 'dwn'", "did you mean down"),
        ("scale: log1p", "scale: logg", "found 'logg'", "did you mean log"),
        ("{measure: us_military_aid}", "{measure: us_military_aid, sender: United States}", "United States", "USA"),
        ("{measure: us_military_aid}", "{measure: us_military_aid, sender: usa}", "'usa'", "did you mean USA?"),
        ("{measure: us_military_aid}", "us_military_aid", "found 'us_military_aid'", "how-to"),
    ],
)
def test_a_slip_is_shown_with_what_was_found_and_what_may_be_meant(sought, put, says, hints):
    text = (
        "claims:\n  - id: E1\n    statement: aid was lower\n    asserted_by: {reference: own}\n"
        "    dimension: economic_aid\n    quantity: {measure: us_military_aid}\n    direction: down\n"
        "    test: level_change\n    params: {scale: log1p}\n"
    )
    study = parse((BUNDLED / "study.yml").read_text(encoding="utf-8"))
    assert load(text, protocol=study)
    with pytest.raises(ClaimError) as caught:
        load(text.replace(sought, put), protocol=study)
    assert says in str(caught.value)
    assert hints in caught.value.hint
