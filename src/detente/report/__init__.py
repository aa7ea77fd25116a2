"""Results to one self-contained HTML page, tidy tables, figures and citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.report.findings import Findings, Reading

if TYPE_CHECKING:
    from detente.report.bibliography import citations
    from detente.report.exports import neutralised, tables
    from detente.report.page import render
    from detente.report.pictures import figures

_HOME = {
    "citations": "bibliography",
    "figures": "pictures",
    "neutralised": "exports",
    "render": "page",
    "tables": "exports",
}

__all__ = ["Findings", "Reading", "citations", "figures", "neutralised", "render", "tables"]


def __getattr__(name: str) -> Any:
    """Fetch a function on first use: importing the package loads no template engine."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return globals()[name]
