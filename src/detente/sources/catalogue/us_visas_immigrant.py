"""Monthly issuances of US immigrant visas to counts by country of birth, special immigrant visas (SI, SQ) apart."""

from __future__ import annotations

from pathlib import Path

from detente.sources.catalogue.us_visas_nonimmigrant import issuances
from detente.sources.reading import Context, Reading

COLUMNS = {"immigrant_visas": ("visas_immigrant", ""), "special_immigrant_SI_SQ": ("visas_special_immigrant", "")}
"""Column → indicator, item."""


def read(path: Path, context: Context) -> Reading:
    """Two observations a row: all immigrant visas, and those of the classes SI and SQ among them."""
    return issuances(path, context, COLUMNS)
