"""Records to a panel: one row per dyad, period and measure; dimensions and their index."""

from detente.panel.build import Line, Panel, PanelSpec, build, fingerprint, version_of
from detente.panel.dimensions import DimensionIndex, index
from detente.panel.measures import MEASURES, Measure, measures

__all__ = [
    "MEASURES", "DimensionIndex", "Line", "Measure", "Panel", "PanelSpec", "build", "fingerprint",
    "index", "measures", "version_of",
]  # fmt: skip
