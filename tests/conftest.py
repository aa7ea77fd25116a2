"""What several stages' tests share."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; tests that need it skip where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder of real data (../shared) is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the bundled study; tests that change it copy it again."""
    from detente.study import demo

    folder = tmp_path_factory.mktemp("bundled") / "us-pakistan"
    demo(folder)
    return folder


@pytest.fixture(scope="session")
def demo_study(demo_folder: Path):
    """The bundled study, opened once; what it computes is kept for all tests of the session."""
    import detente

    return detente.open(demo_folder)
