"""Military expenditure and arms transfers, as the World Bank republishes them from SIPRI, to attributes of states.

The file is that of `world_bank`; the source stands apart because SIPRI's terms do not allow passing the figures on.
"""

from __future__ import annotations

from pathlib import Path

from detente.sources.catalogue.world_bank import MILITARY, series
from detente.sources.reading import Context, Reading


def read(path: Path, context: Context) -> Reading:
    """One observation a row that is about a state and of one of SIPRI's series."""
    return series(path, context, MILITARY, "series of the World Bank's own, in source world_bank")
