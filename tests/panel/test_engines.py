"""The same panel on every engine: pandas in memory, DuckDB on Parquet, Spark in local mode."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from typing import Any

import pandas as pd
import pytest

from detente.actors import registry
from detente.panel import Panel, build
from detente.panel.measures import MEASURES
from detente.records import EVENTS, OBSERVATIONS, Dyad, Records
from detente.store import Store
from tests.panel.every_measure import spec

CELLS = (
    (Dyad("USA", "PAK"), "us_economic_aid", date(2018, 10, 1)),
    (Dyad("USA", "PAK"), "goods_balance", date(2021, 1, 1)),
    (Dyad("PAK", "USA"), "un_agreement", date(2019, 1, 1)),
    (Dyad("USA", "PAK"), "news_tie", date(2020, 4, 1)),
    (Dyad("TTP", "PAK"), "ged_group_fatalities", date(2020, 2, 1)),
    (Dyad("WLD", "PAK"), "ged_events", date(2019, 12, 1)),
)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "1",
    # The tables are tiny: compiling each query, or starting a Python worker for it, would cost more than running it.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def in_memory(store: Store) -> Records:
    held = store.records()
    return replace(held, events=held.events.df(), observations=held.observations.df(), lift=lambda frame: frame)


def test_every_measure_has_numbers_in_this_world(panel: Panel) -> None:
    known = panel.frame[panel.frame["value"].notna()]
    assert set(known["measure"]) == set(MEASURES)


def test_pandas_and_duckdb_make_the_same_panel(store: Store, panel: Panel) -> None:
    agrees(build(in_memory(store), spec(), registry()), panel)


# PySpark 4.0 still calls what pandas 3 deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.spark
def test_spark_makes_the_same_panel(store: Store, panel: Panel, spark: Any) -> None:
    held = store.records()
    on_spark = replace(
        held,
        events=spark.read.parquet(*map(str, store.parquet(EVENTS))).cache(),
        observations=spark.read.parquet(*map(str, store.parquet(OBSERVATIONS))).cache(),
        lift=spark.createDataFrame,
    )
    agrees(build(on_spark, spec(), registry()), panel)


def agrees(made: Panel, panel: Panel) -> None:
    pd.testing.assert_frame_equal(made.frame, panel.frame, check_dtype=False)
    assert made.fingerprint == panel.fingerprint
    for cell in CELLS:
        assert made.cell(*cell) == panel.cell(*cell), cell


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    if find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed (extra `spark`)")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed; Spark needs Java 17")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").appName("detente")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse"))).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
