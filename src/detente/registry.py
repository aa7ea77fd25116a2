"""Tables of methods: the project's own, and what other installed packages add through entry points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from detente.errors import unknown_name

T = TypeVar("T")


def available(group: str, builtin: Mapping[str, T]) -> dict[str, T]:
    """Built-in entries of a table merged with the entry points `detente.<group>`; a built-in wins a clash.

    Args:
        group: `measures`, `turning_points`, `claim_tests` …
        builtin: name → function or specification.
    """
    from importlib.metadata import entry_points

    found: dict[str, Any] = {point.name: point.load() for point in entry_points(group=f"detente.{group}")}
    return {**found, **builtin}


def pick(kind: str, name: str, table: Mapping[str, T]) -> T:
    """The entry called *name*.

    Raises:
        UnknownName: No such entry; the hint names the nearest.
    """
    try:
        return table[name]
    except KeyError:
        raise unknown_name(kind, name, table) from None
