"""What is known about the bundled study from elsewhere comes out of its observations by itself."""

import pytest

from detente.actors import registry
from detente.claims import Verdict, lines, load, run
from detente.panel import PanelSpec, build
from detente.protocol import parse
from detente.store import Store
from detente.study.begin import BUNDLED


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    study = parse((BUNDLED / "study.yml").read_text(encoding="utf-8"))
    ledger = load((BUNDLED / "claims.yml").read_text(encoding="utf-8"), protocol=study)
    chosen = [claim for claim in ledger if claim.claim_id in {"H05", "H06", "H36", "H40"}]
    panel = build(Store(BUNDLED / "data").loaded(), PanelSpec(tuple(lines(chosen, study))), registry())
    return {verdict.claim_id: verdict for verdict in run(chosen, panel, study)}


def test_aid_fell_but_before_the_withdrawal(verdicts: dict[str, Verdict]) -> None:
    numbers = verdicts["H06"].numbers
    assert verdicts["H06"].outcome == "mixed"
    # FY2018 to FY2020 against FY2010 to FY2016.
    assert numbers["part1_before_mean"] < 0.5 * numbers["part1_earlier_mean"]
    assert numbers["part1_share_before"] > 0.5


def test_the_goods_trade_favours_pakistan(verdicts: dict[str, Verdict]) -> None:
    assert verdicts["H36"].outcome == "contradicted"
    assert verdicts["H36"].numbers["lowest"] > 0


def test_deaths_in_pakistan_rose(verdicts: dict[str, Verdict]) -> None:
    numbers = verdicts["H40"].numbers
    assert verdicts["H40"].outcome == "supported"
    assert numbers["part1_after_mean"] > 2 * numbers["part1_before_mean"]


def test_nobody_of_that_rank_came_after_september_2018(verdicts: dict[str, Verdict]) -> None:
    numbers = verdicts["H05"].numbers
    assert (numbers["part4_outcome"], numbers["part4_events_after"]) == ("supported", 0)
    assert numbers["part4_last_before"] == "2018-09-05"
    assert numbers["part4_coverage_end"] > "2025-01-01"
