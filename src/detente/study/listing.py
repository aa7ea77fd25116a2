"""Sources and libraries to what is known of each: editions, licences, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from detente.sources import Catalogue


def listed(catalogue: Catalogue, files: pd.DataFrame, counts: Mapping[tuple[str, str], int]) -> pd.DataFrame:
    """The sources of a catalogue, each with what is held of it; see `Study.sources`."""
    import pandas as pd

    rows = []
    for spec in catalogue.specs():
        held = files[files["source_id"] == spec.source_id]
        for version, mine in held.groupby("version") if len(held) else [("", held)]:
            rows.append(
                {
                    "source_id": spec.source_id,
                    "title": spec.title,
                    "version": spec.version,
                    "held": str(version),
                    "files": len(mine),
                    "records": counts.get((spec.source_id, str(version)), 0),
                    "covers_from": spec.covers.start,
                    "covers_to": spec.covers.end,
                    "licence": spec.licence,
                    "get_it_from": spec.url,
                    "reads": spec.download or ", ".join(spec.files),
                    "citation": spec.citation,
                }
            )
    return pd.DataFrame(rows)


def sources() -> pd.DataFrame:
    """The sources détente can read, without a study."""
    import pandas as pd

    from detente.records import FILES
    from detente.sources import Catalogue

    return listed(Catalogue.of(), pd.DataFrame(columns=list(FILES.columns)), {})


def versions() -> Mapping[str, str]:
    """Python and the libraries that numbers hang on, with their versions."""
    import platform
    from importlib.metadata import version

    packages = (
        "detente",
        "duckdb",
        "narwhals",
        "numpy",
        "pandas",
        "scipy",
        "statsmodels",
        "altair",
        "vl-convert-python",
    )
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
