"""détente: reassess a relationship between states around a turning point.

import detente

study = detente.open("us-pakistan")   # a folder with a study.yml
study.panel().frame                   # a pandas frame
study.claims()                        # a verdict for each claim
study.report()                        # the page's path
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.study import Study

__all__ = ["open"]
STAGES = (
    "actors",
    "claims",
    "errors",
    "panel",
    "protocol",
    "records",
    "report",
    "sources",
    "store",
    "study",
    "turning_points",
)


def open(folder: str | Path) -> Study:  # noqa: A001 (reads as detente.open)
    """The study in a folder.

    Raises:
        StudyError: There is no `study.yml`, or it is not valid; the message names file, line and key.
    """
    from detente.study import Study

    return Study.open(folder)


def __getattr__(name: str) -> Any:
    """A stage, as in `detente.actors.dyads`, or `__version__`: each read only when asked for, since `--help` waits."""
    if name == "__version__":
        from importlib.metadata import version

        return version("detente")
    if name in STAGES:
        from importlib import import_module

        return import_module(f"detente.{name}")
    raise AttributeError(f"module 'detente' has no attribute {name!r}")
