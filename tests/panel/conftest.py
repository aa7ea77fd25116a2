"""One store in which every measure has something to say, and its panel: made once for all tests of this stage."""

from __future__ import annotations

import pytest

from detente.actors import registry
from detente.panel import Panel, build
from detente.store import Store
from tests.panel.every_measure import every_measure, spec


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("every") / "data")
    made.add(every_measure())
    return made


@pytest.fixture(scope="session")
def panel(store: Store) -> Panel:
    return build(store.records(), spec(), registry())
