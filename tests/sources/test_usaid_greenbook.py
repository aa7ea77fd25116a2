"""The Greenbook workbook: invented sheets of the publisher's form, and the real one beside the checkout."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from detente.actors import registry
from detente.errors import SourceError, UnknownLabel
from detente.sources import Catalogue, Ingested
from detente.sources.catalogue.usaid_greenbook import read
from detente.sources.reading import Context
from detente.sources.spec import Assertions

HEADER = (
    "Fiscal Year",
    "Region",
    "Country",
    "Assistance Category",
    "Publication Row",
    "Funding Agency",
    "Funding Account Name",
    "Obligations (Historical Dollars)",
    "Obligations (Constant Dollars)",
)
ROWS = (
    (1976, "Asia", "Pakistan", "Economic", "Food", "Agency A", "Account 1", 100, 400),
    (1976.9, "Asia", "Pakistan", "Economic", "Food", "Agency A", "Account 1", 20, 80),
    (2017, "Asia", "Pakistan", "Military", "Training", "Agency B", "Account 2", 7000, 7500),
    (2017, "Asia", "Pakistan", "Military", "Training", "Agency B", "Account 3", 3000, 3200),
    (2018, "Asia", "Pakistan", "Military", "Training", "Agency B", "Account 2", -50, -52),
    (2018, "Asia", "Asia (not specified)", "Economic", "Food", "Agency A", "Account 1", 9, 9),
    (1965, "Asia", "Vietnam", "Economic", "Food", "Agency A", "Account 1", 60, 400),
    (2000, "Asia", "Vietnam", "Economic", "Food", "Agency A", "Account 1", 61, 90),
    (1992, "Europe", "Serbia and Montenegro, Former", "Economic", "Food", "Agency A", "Account 1", 5, 9),
)


def workbook(folder: Path, rows: tuple[tuple[object, ...], ...] = ROWS, header: tuple[str, ...] = HEADER) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Economic and Military Aid"
    for line in (*(("Invented",) for _ in range(5)), (None,), header, *rows):
        sheet.append(line)
    path = folder / "us_foreignaid_greenbook.xlsx"
    book.save(path)
    return path


def ingest(path: Path) -> Ingested:
    return Catalogue.of().ingest("usaid_greenbook", [path], registry())


def observations(found: Ingested) -> pd.DataFrame:
    return found.tables["observations"].set_index(["indicator", "source_row"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Ingested:
    return ingest(workbook(tmp_path_factory.mktemp("greenbook")))


@pytest.fixture(scope="module")
def real(shared: Path) -> Ingested:
    return ingest(shared / "data" / "originals" / "us_foreignaid_greenbook.xlsx")


def test_each_account_is_an_observation_in_dollars_of_the_day_and_in_constant_ones(sample: Ingested) -> None:
    found = observations(sample)
    current, constant = found.loc[("aid_military", "row 10")], found.loc[("aid_military_constant", "row 10")]
    assert (current["value"], current["unit"]) == (7000, "USD")
    assert (constant["value"], constant["unit"]) == (7500, "USD (constant 2020)")
    assert (current["sender"], current["receiver"], current["item"]) == ("USA", "PAK", "Agency B / Account 2")
    assert found.loc[("aid_military", "row 11"), "item"] == "Agency B / Account 3"


def test_fiscal_years_keep_their_dates_and_the_transition_quarter_is_its_own_period(sample: Ingested) -> None:
    spans = observations(sample)[["period_start", "period_end"]]
    assert [f"{day:%Y-%m-%d}" for day in spans.loc[("aid_economic", "row 8")]] == ["1975-07-01", "1976-06-30"]
    assert [f"{day:%Y-%m-%d}" for day in spans.loc[("aid_economic", "row 9")]] == ["1976-07-01", "1976-09-30"]
    assert [f"{day:%Y-%m-%d}" for day in spans.loc[("aid_military", "row 10")]] == ["2016-10-01", "2017-09-30"]


def test_a_deobligation_stays_below_zero(sample: Ingested) -> None:
    assert observations(sample).loc[("aid_military", "row 12"), "value"] == -50


def test_regions_are_left_out_and_counted(sample: Ingested) -> None:
    assert (sample.rows, sample.read, sample.skipped) == (9, 8, {"aggregate, not a state": 1})
    assert sample.records == 16


def test_one_label_of_two_states_is_told_apart_by_the_day(sample: Ingested) -> None:
    receivers = observations(sample).loc["aid_economic", "receiver"]
    assert (receivers["row 14"], receivers["row 15"], receivers["row 16"]) == ("RVN", "VNM", "SCG")


def test_an_extract_covers_only_the_states_in_it(sample: Ingested) -> None:
    covered = sample.tables["coverage"]
    assert set(covered["receiver"]) == {"PAK", "RVN", "VNM", "SCG"}
    military = covered[covered["indicator"] == "aid_military"].iloc[0]
    assert (military["sender"], military["receiver"]) == ("USA", "PAK")
    assert (f"{military['period_start']:%Y-%m-%d}", f"{military['period_end']:%Y-%m-%d}") == (
        "2016-10-01",
        "2018-09-30",
    )


def test_the_whole_file_covers_every_state(tmp_path: Path) -> None:
    spec = Catalogue.of().spec("usaid_greenbook").model_copy(update={"assertions": Assertions(rows=len(ROWS))})
    covered = read(workbook(tmp_path), Context(spec, registry())).coverage
    assert covered is not None
    assert set(covered["receiver"]) == {"*"}
    assert len(covered) == 4


def test_a_renamed_column_stops_the_reading(tmp_path: Path) -> None:
    header = tuple("Nation" if name == "Country" else name for name in HEADER)
    with pytest.raises(SourceError, match="no column 'Country'"):
        ingest(workbook(tmp_path, header=header))


@pytest.mark.parametrize(
    ("position", "cell", "error", "words"),
    [
        (2, "Atlantis", UnknownLabel, "Atlantis"),
        (7, "n.a.", SourceError, "'n.a.'"),
        (3, "Spiritual", SourceError, "'Spiritual'"),
        (0, "2017/18", SourceError, "'2017/18'"),
    ],
)
def test_a_cell_that_is_not_understood_stops_the_reading(
    tmp_path: Path, position: int, cell: str, error: type[Exception], words: str
) -> None:
    odd = (*ROWS[2][:position], cell, *ROWS[2][position + 1 :])
    with pytest.raises(error, match=words):
        ingest(workbook(tmp_path, rows=(*ROWS, odd)))


def test_the_real_workbook_is_read_to_the_last_row(real: Ingested) -> None:
    assert (real.rows, real.notes) == (75_002, ())
    assert real.read + sum(real.skipped.values()) == 75_002
    assert real.records == 2 * real.read
    assert set(real.tables["coverage"]["receiver"]) == {"*"}


@pytest.mark.parametrize(
    ("indicator", "year", "millions"),
    [
        # Exact sums of whole dollars, given here in the millions to one decimal: 281,004,853 and 1,028,746.
        ("aid_military", 2017, 281.0),
        ("aid_military", 2018, 1.0),
        ("aid_military_constant", 2017, 296.9),
        ("aid_military_constant", 2018, 1.1),
        ("aid_economic", 2017, 555.8),
    ],
)
def test_real_obligations_for_pakistan(real: Ingested, indicator: str, year: int, millions: float) -> None:
    found = real.tables["observations"]
    cell = found[
        (found["indicator"] == indicator) & (found["receiver"] == "PAK") & (found["period_end"].dt.year == year)
    ]
    assert round(cell["value"].sum() / 1e6, 1) == millions


def test_real_obligations_agree_with_the_country_year_copy(real: Ingested, shared: Path) -> None:
    copy = pd.read_csv(shared / "data" / "indicators" / "aid" / "us_aid_greenbook_country_year_1946_2020.csv")
    expected = copy[copy["country"] == "Pakistan"].set_index("fy")["economic_usd"]
    found = real.tables["observations"]
    ours = found[(found["indicator"] == "aid_economic") & (found["receiver"] == "PAK")]
    # The copy adds the transition quarter to 1976; the amounts are whole dollars, so the sums agree exactly.
    sums = ours.groupby(ours["period_end"].dt.year)["value"].sum()
    assert sums.to_dict() == expected.loc[sums.index].to_dict()
