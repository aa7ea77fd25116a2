"""The country summary of ForeignAssistance.gov: an invented sample, and the real file beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested

SAMPLE = Path(__file__).parents[1] / "samples" / "foreign_assistance.csv"


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("foreign_assistance", [path], registry())


def observations(found: Ingested) -> pd.DataFrame:
    return found.tables["observations"].set_index(["indicator", "source_row"])


@pytest.fixture(scope="module")
def sample() -> Ingested:
    return ingest(SAMPLE)


@pytest.fixture(scope="module")
def real(shared: Path) -> Ingested:
    return ingest(shared / "data" / "originals" / "us_foreign_aid_country.csv")


def test_each_row_gives_current_and_constant_dollars(sample: Ingested) -> None:
    found = observations(sample)
    assert found.loc[("aid_obligations", "row 4"), ["value", "unit"]].tolist() == [500, "USD"]
    assert found.loc[("aid_obligations_constant", "row 4"), ["value", "unit"]].tolist() == [610, "USD (constant 2024)"]
    assert found.loc[("aid_requests_constant", "row 9"), ["value", "unit"]].tolist() == [740, "USD (constant 2022)"]
    assert found.loc[("aid_disbursements", "row 5"), "value"] == -25
    assert found.loc[("aid_appropriations", "row 8"), ["sender", "receiver"]].tolist() == ["USA", "PAK"]


def test_the_transition_quarter_is_a_period_of_three_months(sample: Ingested) -> None:
    quarter = observations(sample).loc[("aid_obligations", "row 3")]
    assert (f"{quarter['period_start']:%Y-%m-%d}", f"{quarter['period_end']:%Y-%m-%d}") == ("1976-07-01", "1976-09-30")


def test_the_unfinished_fiscal_year_is_marked_and_covers_nothing(sample: Ingested) -> None:
    found = sample.tables["observations"]
    assert set(found.loc[found["status"] == "partial", "source_row"]) == {"row 6"}
    assert sample.tables["coverage"]["period_end"].max() == pd.Timestamp("2018-09-30")


def test_scattered_early_appropriations_cover_nothing(sample: Ingested) -> None:
    covered = sample.tables["coverage"].set_index("indicator")
    assert covered.loc["aid_appropriations", "period_start"] == pd.Timestamp("2017-10-01")


def test_states_that_are_gone_have_no_code_but_are_read(sample: Ingested) -> None:
    receivers = observations(sample).loc["aid_obligations", "receiver"]
    assert receivers.loc[["row 13", "row 14", "row 15", "row 16"]].tolist() == ["RVN", "RUS", "YUG", "SCG"]


def test_regions_are_left_out_and_counted(sample: Ingested) -> None:
    assert (sample.rows, sample.read, sample.skipped) == (15, 13, {"aggregate, not a state": 2})


def test_the_tidy_copy_gives_the_same_records(sample: Ingested, tmp_path: Path) -> None:
    head, _, body = SAMPLE.read_text(encoding="utf-8").partition("\n")
    tidy = head.removesuffix(",,,ilte=").lower().replace(" ", "_")
    path = tmp_path / "us_foreign_aid_country_tidy.csv"
    path.write_text("\n".join([tidy, *(line.removesuffix(",,,") for line in body.splitlines())]), encoding="utf-8")
    columns = ["indicator", "receiver", "period_end", "value", "unit", "item", "status", "source_row"]
    copy = ingest(path).tables["observations"]
    pd.testing.assert_frame_equal(copy[columns], sample.tables["observations"][columns])


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("current_amount", "amount", SourceError, "no column 'current_amount'"),
        ("IND,India", "QQQ,Atlantis", UnknownLabel, "QQQ"),
        (",40,50,", ",forty,50,", SourceError, "'forty'"),
        ("Disbursements", "Promises", SourceError, "'Promises'"),
        (",1976tq,", ",1976q5,", SourceError, "'1976q5'"),
    ],
)
def test_what_is_not_understood_stops_the_reading(
    tmp_path: Path, old: str, new: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "us_foreign_aid_country.csv"
    path.write_text(SAMPLE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        ingest(path)


def test_the_real_file_is_read_to_the_last_row(real: Ingested) -> None:
    assert (real.rows, real.read, real.notes) == (22_486, 20_310, ())
    assert real.skipped == {"aggregate, not a state": 2_176}
    assert real.records == 40_620


@pytest.mark.parametrize(
    ("indicator", "end", "dollars"),
    [
        ("aid_obligations", "2018-09-30", 437_930_248),
        ("aid_obligations", "1976-06-30", 203_702_000),
        ("aid_obligations", "1976-09-30", 64_500_000),
        ("aid_disbursements", "2021-09-30", 255_021_769),
        ("aid_appropriations", "2018-09-30", 73_810_000),
        ("aid_requests", "2024-09-30", 135_425_000),
    ],
)
def test_real_amounts_for_pakistan(real: Ingested, indicator: str, end: str, dollars: float) -> None:
    found = real.tables["observations"]
    cell = found[(found["indicator"] == indicator) & (found["receiver"] == "PAK") & (found["period_end"] == end)]
    assert cell["value"].tolist() == [dollars]


def test_real_base_years_are_those_in_which_constant_and_current_dollars_agree(real: Ingested) -> None:
    found = real.tables["observations"].set_index(["source_row"])
    constant = found[found["indicator"].str.endswith("_constant")]
    base = constant["unit"].str.extract(r"constant (\d{4})", expand=False).astype(int)
    in_base = constant[constant["period_end"].dt.year == base]
    current = found.loc[~found["indicator"].str.endswith("_constant"), "value"]
    assert in_base["indicator"].nunique() == 4
    assert (in_base["value"] == current.loc[in_base.index]).all()


def test_real_coverage_ends_with_the_last_complete_year_of_each_kind(real: Ingested) -> None:
    covered = real.tables["coverage"]
    assert set(covered["receiver"]) == {"*"}
    spans = {
        row.indicator: (f"{row.period_start:%Y-%m-%d}", f"{row.period_end:%Y-%m-%d}")
        for row in covered.itertuples()
        if not str(row.indicator).endswith("_constant")
    }
    assert spans == {
        "aid_obligations": ("1945-07-01", "2024-09-30"),
        "aid_disbursements": ("2000-10-01", "2024-09-30"),
        "aid_appropriations": ("2005-10-01", "2023-09-30"),
        "aid_requests": ("2007-10-01", "2024-09-30"),
    }
